package metrics_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"observatoire/metrics"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	_ scheduler.Sink       = (*metrics.Metrics)(nil)
	_ scheduler.Meter      = (*metrics.Metrics)(nil)
	_ scheduler.QueueMeter = (*metrics.Metrics)(nil)
)

// filled returns a registry in which every metric has a series.
func filled(tb testing.TB, s *observatory.Snapshot) (*prometheus.Registry, *metrics.Metrics) {
	tb.Helper()
	reg := prometheus.NewPedanticRegistry()
	m := metrics.New(reg, func() *observatory.Snapshot { return s }, metrics.Version("v1.2.3"))
	err := m.Record(tb.Context(), []probes.Result{
		{Probe: "api-geo/communes", Outcome: probes.Up, Phases: probes.Phases{
			DNS: 4 * time.Millisecond, Connect: 20 * time.Millisecond, TLS: 45 * time.Millisecond,
			Wait: 300 * time.Millisecond, Transfer: time.Millisecond,
		}},
		{Probe: "api-geo/communes", Outcome: probes.Degraded, Class: probes.ClassAssertion, Phases: probes.Phases{Wait: 500 * time.Millisecond}},
		{Probe: "api-geo/regions", Outcome: probes.Down, Class: probes.ClassTimeout, Phases: probes.Phases{Wait: 7 * time.Second}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	m.Started(20*time.Millisecond, 7)
	m.Stored(300, 12*time.Millisecond)
	m.Lost(2, "overrun")
	m.Queued(3, 5)
	m.Buffered(42)
	m.Firing(4)
	m.Waiting("ops", 9)
	m.Attempted("ops", true)
	m.Attempted("ops", false)
	return reg, m
}

// series returns each series and its value, as {labels in order} without braces.
func series(tb testing.TB, g prometheus.Gatherer) map[string]float64 {
	tb.Helper()
	families, err := g.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			name := f.GetName() + "{" + strings.Join(labels, ",") + "}"
			switch {
			case m.Counter != nil:
				out[name] = m.Counter.GetValue()
			case m.Gauge != nil:
				out[name] = m.Gauge.GetValue()
			case m.Histogram != nil:
				out[name+" count"] = float64(m.Histogram.GetSampleCount())
				out[name+" sum"] = m.Histogram.GetSampleSum()
			}
		}
	}
	return out
}

func TestSaysWhatTheSnapshotSays(t *testing.T) {
	reg, _ := filled(t, snapshot())
	got := series(t, reg)
	const (
		p     = "observatoire_"
		avail = "{indicator=availability,kind=api,service=api-geo,window=P90D}"
		month = "{indicator=availability,kind=api,service=api-geo,window=P1M}"
	)
	for name, want := range map[string]float64{
		p + "indicator_value" + avail: availability,
		p + "indicator_value{indicator=freshness,kind=api,service=api-geo,window=latest}": 120,
		p + "indicator_target" + avail:         0.999,
		p + "indicator_measurements" + avail:   25000,
		p + "indicator_coverage_ratio" + avail: 0.97,
		p + "indicator_level{indicator=availability,kind=api,level=partial,service=api-geo,window=P90D}":             1,
		p + "indicator_level{indicator=availability,kind=api,level=optimal,service=api-geo,window=P90D}":             0,
		p + "indicator_level{indicator=availability,kind=api,level=weak,service=api-geo,window=P90D}":                0,
		p + "indicator_level{indicator=availability,kind=demarche,level=pending,service=acte-naissance,window=P90D}": 1,
		p + "commitment_value" + month:  0.9951,
		p + "commitment_target" + month: 0.995,
		p + "commitment_kept" + month:   1,
		p + "commitment_target{indicator=availability,kind=demarche,service=acte-naissance,window=P1D}": 0.98,
		p + "service_state{kind=api,service=api-geo,state=degraded}":                                    1,
		p + "service_state{kind=api,service=api-geo,state=maintenance}":                                 0,
		p + "service_state{kind=demarche,service=acte-naissance,state=unknown}":                         1,
		p + "incident_open{probe=api-geo/regions,service=api-geo}":                                      1,
		p + "incident_open{probe=api-geo/communes,service=api-geo}":                                     0,
		p + "blind{}":                      0,
		p + "snapshot_timestamp_seconds{}": 1795168800.5,
		p + "probe_success{probe=api-geo/communes,service=api-geo}":                                 1,
		p + "probe_success{probe=api-geo/regions,service=api-geo}":                                  0,
		p + "probe_outcome{outcome=unknown,probe=api-geo/epci,service=api-geo}":                     1,
		p + "probe_outcome{outcome=down,probe=api-geo/epci,service=api-geo}":                        0,
		p + "probe_http_status_code{probe=api-geo/communes,service=api-geo}":                        206,
		p + "probe_certificate_not_after_timestamp_seconds{probe=api-geo/communes,service=api-geo}": 1.8e9,
		p + "data_age_seconds{probe=api-geo/communes,service=api-geo}":                              120,
		p + "probe_last_run_timestamp_seconds{probe=api-geo/communes,service=api-geo}":              1795168740.5,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v (there: %v), want %v", name, value, ok, want)
		}
	}
}

// What is unknown has no series at all.
func TestSaysNothingOfWhatIsUnknown(t *testing.T) {
	reg, _ := filled(t, snapshot())
	for name, value := range series(t, reg) {
		for metric, labels := range map[string][]string{
			"indicator_value":        {"service=acte-naissance"},
			"indicator_target":       {"indicator=freshness"},
			"indicator_level":        {"indicator=freshness"},
			"commitment_value":       {"service=acte-naissance"},
			"commitment_kept":        {"service=acte-naissance"},
			"probe_success":          {"probe=acte-naissance/page", "probe=api-geo/epci"},
			"probe_outcome":          {"probe=acte-naissance/page"},
			"probe_last_run":         {"probe=acte-naissance/page"},
			"probe_http_status_code": {"probe=api-geo/regions"},
			"probe_certificate":      {"probe=api-geo/regions"},
			"data_age_seconds":       {"probe=api-geo/regions"},
			"incident_open":          {"service=gone"},
		} {
			unknown := slices.ContainsFunc(labels, func(l string) bool { return strings.Contains(name, l) })
			if strings.HasPrefix(name, "observatoire_"+metric) && unknown {
				t.Errorf("%s is %v, want no such series", name, value)
			}
		}
	}

	for what, s := range map[string]*observatory.Snapshot{"no snapshot": nil, "nothing in it": {Time: made}} {
		reg := prometheus.NewPedanticRegistry()
		metrics.New(reg, func() *observatory.Snapshot { return s })
		for name := range series(t, reg) {
			if strings.Contains(name, "service=") {
				t.Errorf("%s: %s", what, name)
			}
		}
	}
}

func TestCountsWhatHappens(t *testing.T) {
	reg, _ := filled(t, snapshot())
	got := series(t, reg)
	const p = "observatoire_"
	for name, want := range map[string]float64{
		p + "probe_runs_total{outcome=up,probe=api-geo/communes,service=api-geo}":        1,
		p + "probe_runs_total{outcome=degraded,probe=api-geo/communes,service=api-geo}":  1,
		p + "probe_runs_total{outcome=down,probe=api-geo/communes,service=api-geo}":      0,
		p + "probe_runs_total{outcome=down,probe=api-geo/regions,service=api-geo}":       1,
		p + "probe_errors_total{class=timeout,probe=api-geo/regions,service=api-geo}":    1,
		p + "probe_errors_total{class=assertion,probe=api-geo/communes,service=api-geo}": 1,
		p + "probe_phase_seconds{phase=wait,service=api-geo} count":                      2, // a failure has no times
		p + "probe_phase_seconds{phase=wait,service=api-geo} sum":                        0.8,
		p + "probe_phase_seconds{phase=tls,service=api-geo} count":                       1, // one had no handshake
		p + "scheduler_lag_seconds{} count":                                              1,
		p + "scheduler_lag_seconds{} sum":                                                0.02,
		p + "scheduler_running{}":                                                        5,
		p + "scheduler_waiting{}":                                                        3,
		p + "storage_buffered_results{}":                                                 42,
		p + "storage_batch_seconds{} sum":                                                0.012,
		p + "storage_batch_results{} sum":                                                300,
		p + "lost_total{reason=overrun}":                                                 2,
		p + "lost_total{reason=overflow}":                                                0,
		p + "alerts_firing{}":                                                            4,
		p + "alert_deliveries_waiting{channel=ops}":                                      9,
		p + "alert_attempts_total{channel=ops,outcome=delivered}":                        1,
		p + "alert_attempts_total{channel=ops,outcome=failed}":                           1,
		p + "build_info{goversion=" + runtime.Version() + ",version=v1.2.3}":             1,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v (there: %v), want %v", name, value, ok, want)
		}
	}
	for name := range got {
		if strings.Contains(name, "phase=redirect") {
			t.Errorf("%s: no redirect took place", name)
		}
	}
}

func TestNamesAreAsPrometheusAdvises(t *testing.T) {
	reg, _ := filled(t, snapshot())
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, f := range families {
		if len(f.GetHelp()) < 10 {
			t.Errorf("%s: help %q says too little", f.GetName(), f.GetHelp())
		}
		if n := len(f.GetMetric()); n == 0 {
			t.Errorf("%s: no series, so it is not tested", f.GetName())
		}
	}
}

func TestHandlerSpeaksWhatTheReaderPrefers(t *testing.T) {
	reg, _ := filled(t, snapshot())
	server := httptest.NewServer(metrics.Handler(reg))
	defer server.Close()
	for name, c := range map[string]struct{ accept, encoding, kind, ends string }{
		"text":                  {"text/plain", "identity", "text/plain; version=0.0.4", ""},
		"OpenMetrics":           {"application/openmetrics-text; version=1.0.0", "identity", "application/openmetrics-text; version=1.0.0", "# EOF\n"},
		"OpenMetrics, squeezed": {"application/openmetrics-text; version=1.0.0", "gzip", "application/openmetrics-text; version=1.0.0", "# EOF\n"},
	} {
		t.Run(name, func(t *testing.T) {
			body, header := get(t, server, c.accept, c.encoding)
			if got := header.Get("Content-Type"); !strings.HasPrefix(got, c.kind) {
				t.Errorf("Content-Type %q, want %q", got, c.kind)
			}
			if squeezed := header.Get("Content-Encoding") == "gzip"; squeezed != (c.encoding == "gzip") {
				t.Errorf("Content-Encoding %q for %q", header.Get("Content-Encoding"), c.encoding)
			}
			if !strings.Contains(body, `observatoire_probe_success{probe="api-geo/communes",service="api-geo"} 1`) {
				t.Errorf("no probe_success in\n%s", body)
			}
			if !strings.HasSuffix(body, c.ends) {
				t.Errorf("does not end in %q", c.ends)
			}
		})
	}
}

// A metric that cannot be shown leaves the others as they are, and is counted.
func TestHandlerServesTheRestWhenOneMetricFails(t *testing.T) {
	s := snapshot()
	s.Services[0].Probes[0].ID = "\xff" // no label value may be so
	reg, _ := filled(t, s)
	server := httptest.NewServer(metrics.Handler(reg))
	defer server.Close()
	get(t, server, "text/plain", "identity")
	body, _ := get(t, server, "text/plain", "identity")
	for _, want := range []string{
		`observatoire_probe_success{probe="api-geo/regions",service="api-geo"} 0`,
		`promhttp_metric_handler_errors_total{cause="gathering"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
}

func get(t *testing.T, server *httptest.Server, accept, encoding string) (string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %s", response.Status)
	}
	body := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), response.Header
}

// BenchmarkGather measures one scrape of 1,000 services with three indicators
// and two probes each, without its transfer.
func BenchmarkGather(b *testing.B) {
	reg, _ := filled(b, manyServices(1000))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		families, err := reg.Gather()
		if err != nil {
			b.Fatal(err)
		}
		n = 0
		for _, f := range families {
			n += len(f.GetMetric())
		}
	}
	b.ReportMetric(float64(n), "series")
}

func TestSaysThatTheObservatoryIsBlind(t *testing.T) {
	s := snapshot()
	s.Blind = made.Add(-time.Minute)
	reg, _ := filled(t, s)
	if got := series(t, reg)["observatoire_blind{}"]; got != 1 {
		t.Errorf("observatoire_blind is %v", got)
	}
}
