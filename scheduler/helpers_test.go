package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/scheduler"
)

var errFull = errors.New("disk full")

// prober is a prober that only takes time.
type prober func(ctx context.Context)

func (p prober) Observe(ctx context.Context, _ *probes.Vantage) (probes.Observation, error) {
	o := probes.Observation{Time: time.Now(), Status: 200}
	p(ctx)
	return o, nil
}

// takes returns a prober that takes so long, or until it is cancelled.
func takes(d time.Duration) prober {
	return func(ctx context.Context) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
}

func atOnce(context.Context) {}

func probe(id string, p probes.Prober) probes.Probe {
	return probes.Probe{ID: id, Prober: p, Timeout: time.Hour}
}

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("api-%d/probe", i)
	}
	return out
}

// times is a schedule that is due at given times only.
type times []time.Time

func (s times) Next(t time.Time) time.Time {
	for _, due := range s {
		if due.After(t) {
			return due
		}
	}
	return time.Time{}
}

// sink keeps what it takes. It fails while fails says so.
type sink struct {
	mu      sync.Mutex
	fails   func(ctx context.Context, call int) error
	calls   []call
	results []probes.Result
}

type call struct {
	at    time.Time
	batch []probes.Result
	err   error
}

func (s *sink) Record(ctx context.Context, batch []probes.Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.fails != nil {
		err = s.fails(ctx, len(s.calls))
	}
	s.calls = append(s.calls, call{time.Now(), batch, err})
	if err == nil {
		s.results = append(s.results, batch...)
	}
	return err
}

// meter keeps what it is told.
type meter struct {
	mu       sync.Mutex
	lags     []time.Duration
	running  int // most at once
	stored   int
	lost     map[string]int
	onLost   func()
	waiting  int // most at once
	buffered int // last
	most     int // buffered
	queued   [2]int
}

func (m *meter) Started(lag time.Duration, running int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lags, m.running = append(m.lags, lag), max(m.running, running)
}

func (m *meter) Stored(results int, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stored += results
}

func (m *meter) Lost(results int, reason string) {
	m.mu.Lock()
	if m.lost == nil {
		m.lost = map[string]int{}
	}
	m.lost[reason] += results
	m.mu.Unlock()
	if m.onLost != nil {
		m.onLost()
	}
}

func (m *meter) Queued(waiting, running int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting, m.queued = max(m.waiting, waiting), [2]int{waiting, running}
}

func (m *meter) Buffered(results int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buffered, m.most = results, max(m.most, results)
}

// run runs the jobs for a time, and returns when Run has.
func run(t *testing.T, d time.Duration, jobs []scheduler.Job, o scheduler.Options) {
	t.Helper()
	if o.Vantage.Name == "" {
		o.Vantage.Name = "here"
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := scheduler.Run(ctx, jobs, o); err != nil {
		t.Fatal(err)
	}
}

// starts returns when each result was measured, counted from start.
func starts(results []probes.Result, start time.Time) []time.Duration {
	out := make([]time.Duration, len(results))
	for i, r := range results {
		out[i] = r.Time.Sub(start)
	}
	return out
}

func expect[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
