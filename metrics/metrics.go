package metrics

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/scheduler"
)

const namespace = "observatoire"

// Metrics counts what happens between two scrapes. It is a scheduler's Sink,
// Meter and QueueMeter and an alert engine's Meter, and is safe for concurrent use.
type Metrics struct {
	runs   *prometheus.CounterVec   // service, probe, outcome
	errors *prometheus.CounterVec   // service, probe, class
	phases *prometheus.HistogramVec // service, phase

	lag          prometheus.Histogram
	running      prometheus.Gauge
	waiting      prometheus.Gauge
	buffered     prometheus.Gauge
	batchSeconds prometheus.Histogram
	batchResults prometheus.Histogram
	lost         *prometheus.CounterVec // reason

	alerting alerting
}

// Option changes what [New] makes.
type Option func(*settings)

type settings struct{ version string }

// Version sets the version of the program that observatoire_build_info tells.
func Version(v string) Option { return func(s *settings) { s.version = v } }

// New makes the metrics and registers them with reg. At each scrape it asks
// snapshots once for what is said of the services; nil means nothing yet. It
// panics when reg has metrics of these names already.
func New(reg prometheus.Registerer, snapshots func() *observatory.Snapshot, options ...Option) *Metrics {
	s := settings{version: "unknown"}
	for _, set := range options {
		set(&s)
	}
	m := &Metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "probe_runs_total",
			Help: "Runs of the probe since the start of the observatory, by outcome.",
		}, []string{"service", "probe", "outcome"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "probe_errors_total",
			Help: "Runs of the probe that were not up since the start of the observatory, by class of error.",
		}, []string{"service", "probe", "class"}),
		// Classic buckets alone: with native ones beside them thousands of these
		// histograms would be most of what the program holds.
		phases: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "probe_phase_seconds", Buckets: phaseBuckets(),
			Help: "Seconds that each phase of the exchange took, over all probes of the service; answers alone, and the phases that took place.",
		}, []string{"service", "phase"}),
		lag: prometheus.NewHistogram(histogram("scheduler_lag_seconds",
			"Seconds from the time that a run was due to its start; not part of any measurement.",
			.001, .01, .1, 1, 10, 60)),
		running: gauge("scheduler_running", "Runs in progress."),
		waiting: gauge("scheduler_waiting", "Runs that are due and wait for a free slot."),
		buffered: gauge("storage_buffered_results",
			"Results measured that are not stored yet."),
		batchSeconds: prometheus.NewHistogram(histogram("storage_batch_seconds",
			"Seconds that it took to store a batch of results.",
			.001, .003, .01, .03, .1, .3, 1, 10)),
		batchResults: prometheus.NewHistogram(histogram("storage_batch_results",
			"Results in a batch that was stored.",
			1, 3, 10, 30, 100, 300, 1000)),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "lost_total",
			Help: "Runs skipped (overrun: the one before had not ended; backoff: the host asked to be left alone or refused; off: its host is switched off) and results given up (overflow: storage failed for too long).",
		}, []string{"reason"}),
		alerting: newAlerting(),
	}
	for _, reason := range scheduler.Reasons() {
		m.lost.WithLabelValues(reason)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info",
		Help:        "Always 1; its labels say which version of the observatory runs, and which Go built it.",
		ConstLabels: prometheus.Labels{"version": s.version, "goversion": runtime.Version()},
	})
	build.Set(1)
	reg.MustRegister(m.runs, m.errors, m.phases, m.lag, m.running, m.waiting, m.buffered,
		m.batchSeconds, m.batchResults, m.lost, build, newCollector(snapshots),
		m.alerting.firing, m.alerting.waiting, m.alerting.attempts)
	return m
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

// histogram has few classic buckets, for any reader, and native ones, for a
// Prometheus that reads them: about 10 % wide, at most 100 of them.
func histogram(name, help string, buckets ...float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}
}

// phaseBuckets are in seconds. The recommended limits (50, 400 and 800 ms) are
// among them, so that the share of answers within each can be told exactly.
func phaseBuckets() []float64 { return []float64{.01, .05, .1, .2, .4, .8, 2, 5} }

// Record counts a batch of results. Calling it twice with one batch counts it
// twice: it belongs after whatever may fail. It returns nil.
func (m *Metrics) Record(_ context.Context, batch []probes.Result) error {
	for i := range batch {
		m.record(&batch[i])
	}
	return nil
}

func (m *Metrics) record(r *probes.Result) {
	service, _, _ := strings.Cut(r.Probe, "/")
	for _, o := range outcomes() { // the others begin at 0, so that a first failure is an increase
		m.runs.WithLabelValues(service, r.Probe, o.String())
	}
	m.runs.WithLabelValues(service, r.Probe, r.Outcome.String()).Inc()
	if r.Class != probes.ClassNone {
		m.errors.WithLabelValues(service, r.Probe, r.Class.String()).Inc()
	}
	if !r.Answered() {
		return
	}
	for _, phase := range []struct {
		name string
		took time.Duration
	}{
		{"redirect", r.Phases.Redirect}, {"dns", r.Phases.DNS}, {"connect", r.Phases.Connect},
		{"tls", r.Phases.TLS}, {"wait", r.Phases.Wait}, {"transfer", r.Phases.Transfer},
	} {
		if phase.took > 0 {
			m.phases.WithLabelValues(service, phase.name).Observe(phase.took.Seconds())
		}
	}
}

func outcomes() []probes.Outcome {
	return []probes.Outcome{probes.Unknown, probes.Up, probes.Degraded, probes.Down}
}

// Started counts a run that began so long after it was due.
func (m *Metrics) Started(lag time.Duration, running int) {
	m.lag.Observe(lag.Seconds())
	m.running.Set(float64(running))
}

// Stored counts a batch that was stored.
func (m *Metrics) Stored(results int, took time.Duration) {
	m.batchSeconds.Observe(took.Seconds())
	m.batchResults.Observe(float64(results))
}

// Lost counts runs that were skipped and results that were given up.
func (m *Metrics) Lost(results int, reason string) {
	m.lost.WithLabelValues(reason).Add(float64(results))
}

// Queued keeps how many runs wait for a slot, and how many are in progress.
func (m *Metrics) Queued(waiting, running int) {
	m.waiting.Set(float64(waiting))
	m.running.Set(float64(running))
}

// Buffered keeps how many results are not stored yet.
func (m *Metrics) Buffered(results int) { m.buffered.Set(float64(results)) }

// maxScrapes is how many scrapes may be under way at once. They share one
// gathering; further ones get 503.
const maxScrapes = 8

// Handler serves what g gathers, in the format and compression that the reader
// prefers. A metric that fails is left out, and counted when g is a registry;
// the others are served.
func Handler(g prometheus.Gatherer) http.Handler {
	o := promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		EnableOpenMetrics:   true,
		MaxRequestsInFlight: maxScrapes,
		CoalesceGather:      true,
	}
	if r, ok := g.(prometheus.Registerer); ok {
		o.Registry = r
	}
	return promhttp.HandlerFor(g, o)
}
