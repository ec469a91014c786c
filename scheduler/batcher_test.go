package scheduler_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"observatoire/probes"
	"observatoire/scheduler"
)

func TestHandsOverInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		at := func(d time.Duration, n int, prefix string) (jobs []scheduler.Job) {
			for i := range n {
				id := fmt.Sprintf("%s-%d/p", prefix, i)
				jobs = append(jobs, scheduler.Job{Probe: probe(id, prober(atOnce)), Schedule: times{start.Add(d)}})
			}
			return jobs
		}
		jobs := slices.Concat(
			at(time.Second, 3, "few"), at(1150*time.Millisecond, 1, "soon"), at(1201*time.Millisecond, 1, "next"),
			at(time.Minute, 1200, "many"),
		)
		run(t, time.Hour, jobs, scheduler.Options{Sink: s})

		var sizes []int
		var ages []time.Duration
		for _, c := range s.calls {
			sizes, ages = append(sizes, len(c.batch)), append(ages, c.at.Sub(start))
		}
		expect(t, "sizes", sizes, []int{4, 1, 1000, 200})
		expect(t, "ages", ages, []time.Duration{
			1200 * time.Millisecond, 1401 * time.Millisecond,
			time.Minute, time.Minute + 200*time.Millisecond,
		})
	})
}

func TestTriesTheSameBatchAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, m := time.Now(), &meter{}
		s := &sink{fails: func(_ context.Context, call int) error {
			if call < 12 {
				return errFull
			}
			return nil
		}}
		var log strings.Builder
		id := "a/p"
		run(t, 5*time.Minute, []scheduler.Job{{Probe: probe(id, takes(0)), Schedule: scheduler.Every(time.Second, id)}},
			scheduler.Options{Sink: s, Meter: m, Log: zerolog.New(zerolog.SyncWriter(&log))})

		var delays []time.Duration
		for i, c := range s.calls[1:13] {
			delays = append(delays, c.at.Sub(s.calls[i].at))
			if !slices.EqualFunc(c.batch, s.calls[0].batch, sameRun) {
				t.Errorf("try %d has another batch", i+1)
			}
		}
		ms := time.Millisecond
		expect(t, "delays", delays, []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms,
			12800 * ms, 25600 * ms, 30000 * ms, 30000 * ms, 30000 * ms})
		if len(s.results) != 300 || m.stored != 300 || len(m.lost) != 0 {
			t.Errorf("%d results recorded, %d told to the meter, %v lost; want all 300", len(s.results), m.stored, m.lost)
		}
		first := scheduler.Every(time.Second, id).Next(start)
		for i, r := range s.results {
			if want := first.Add(time.Duration(i) * time.Second); !r.Time.Equal(want) {
				t.Fatalf("result %d is of %v, want %v: order is kept", i, r.Time, want)
			}
		}
		for line, want := range map[string]int{"results not stored": 1, "stored again": 1, "given up": 0} {
			if got := strings.Count(log.String(), line); got != want {
				t.Errorf("the log says %q %d times, want %d", line, got, want)
			}
		}
	})
}

// ceaseless is a schedule that is due as often as the loop can tell.
type ceaseless struct{}

func (ceaseless) Next(t time.Time) time.Time { return t.Add(time.Millisecond) }

// numbered counts its runs: the time of each result is its number. It closes
// enough at the run of that number.
type numbered struct {
	runs   atomic.Int64
	number int64
	enough chan struct{}
}

func (p *numbered) Observe(context.Context, *probes.Vantage) (probes.Observation, error) {
	n := p.runs.Add(1)
	if n == p.number {
		close(p.enough)
	}
	return probes.Observation{Time: time.UnixMilli(n), Status: 200}, nil
}

// This one takes real time, about a second: the race detector gives up on so
// many runs inside a synctest bubble (golang/go#78156).
func TestGivesUpTheOldestAtTheBound(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p := &numbered{number: 101_500, enough: make(chan struct{})}
	s := &sink{fails: func(_ context.Context, call int) error {
		if call == 0 {
			<-p.enough // slow at first, while results come and go
			return errFull
		}
		stop()
		return nil
	}}
	jobs := make([]scheduler.Job, 100)
	for i, id := range names(len(jobs)) {
		jobs[i] = scheduler.Job{Probe: probe(id, p), Schedule: ceaseless{}}
	}
	m, log := &meter{}, &strings.Builder{}
	o := scheduler.Options{Sink: s, Meter: m, Concurrency: 1, Log: zerolog.New(zerolog.SyncWriter(log)).Level(zerolog.ErrorLevel)}
	if err := scheduler.Run(ctx, jobs, o); err != nil {
		t.Fatal(err)
	}

	lost, runs := m.lost["overflow"], int(p.runs.Load())
	if lost < 1500 || len(s.results)+lost != runs {
		t.Fatalf("%d recorded and %d lost of %d", len(s.results), lost, runs)
	}
	// All that is lost is older than what is kept, but for what went while the
	// sink had the first batch that it took in hand.
	number := func(i int) int { return int(s.results[i].Time.UnixMilli()) }
	if first := number(0); first <= 1000 || first > lost+1 {
		t.Errorf("the oldest kept is number %d of which %d are lost", first, lost)
	}
	for i := range s.results {
		if want := lost + 1 + i; i >= 1000 && number(i) != want {
			t.Fatalf("result %d kept is number %d, want %d", i, number(i), want)
		}
	}
	if m.most != 100_000 {
		t.Errorf("at most %d kept, want the bound of 100,000", m.most)
	}
	if got := strings.Count(log.String(), "results given up"); got != 1 {
		t.Errorf("the log says so %d times, want once", got)
	}
}

func TestTheLastBatchHasABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, m := time.Now(), &meter{}
		s := &sink{fails: func(ctx context.Context, _ int) error {
			<-ctx.Done() // hangs, as a locked file may
			return ctx.Err()
		}}
		run(t, 1100*time.Millisecond, []scheduler.Job{{Probe: probe("a/p", takes(0)), Schedule: times{start.Add(time.Second)}}},
			scheduler.Options{Sink: s, Meter: m})
		if got := time.Since(start); got != 11100*time.Millisecond {
			t.Errorf("stopped after %v, want the 1.1s and the bound of 10s", got)
		}
		if m.lost["overflow"] != 1 {
			t.Errorf("%v lost, want the one result", m.lost)
		}
	})
}

func TestTheLastBatchIsRecordedAfterTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &sink{fails: func(ctx context.Context, call int) error {
			if call < 5 { // at 1.2, 1.3, 1.5, 1.9 and 2.7 seconds
				return errFull
			}
			return ctx.Err() // the caller's context is done by now
		}}
		run(t, 2800*time.Millisecond, []scheduler.Job{{Probe: probe("a/p", takes(0)), Schedule: times{start.Add(time.Second), start.Add(2750 * time.Millisecond)}}},
			scheduler.Options{Sink: s})
		if len(s.results) != 2 {
			t.Errorf("%d results recorded, want both", len(s.results))
		}
		if got := time.Since(start); got != 2800*time.Millisecond {
			t.Errorf("stopped after %v, want at once: the next try was due much later", got)
		}
	})
}

func sameRun(a, b probes.Result) bool { return a.Probe == b.Probe && a.Time.Equal(b.Time) }
