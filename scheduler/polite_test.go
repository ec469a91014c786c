package scheduler_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"observatoire/probes"
	"observatoire/scheduler"
)

// crowd counts how many runs of it are in progress.
type crowd struct {
	now, most atomic.Int64
	takes     time.Duration
}

func (c *crowd) Observe(ctx context.Context, _ *probes.Vantage) (probes.Observation, error) {
	o := probes.Observation{Time: time.Now(), Status: 200}
	if n := c.now.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	takes(c.takes)(ctx)
	c.now.Add(-1)
	return o, nil
}

func TestASlowHostDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		slow := &crowd{takes: 10 * time.Second}
		var jobs []scheduler.Job
		for _, id := range names(8) {
			jobs = append(jobs, scheduler.Job{Probe: probe("slow-"+id, slow), Schedule: times{start.Add(time.Minute)}, Host: "slow.example"})
		}
		for i := range 40 {
			jobs = append(jobs, scheduler.Job{Probe: probe(fmt.Sprintf("quick/%d", i), takes(time.Second)), Schedule: times{start.Add(time.Minute + time.Duration(i)*time.Second)}, Host: "quick.example"})
		}
		run(t, time.Hour, jobs, scheduler.Options{Sink: s, Meter: m, Concurrency: 4})

		if got := slow.most.Load(); got != 2 {
			t.Errorf("%d runs at once reached the slow host, want 2", got)
		}
		var quick, late []time.Duration
		for _, r := range s.results {
			if since := r.Time.Sub(start.Add(time.Minute)); r.Probe[0] == 'q' {
				quick = append(quick, since)
			} else {
				late = append(late, since)
			}
		}
		for i, got := range quick {
			if got != time.Duration(i)*time.Second {
				t.Errorf("run %d of the quick host began after %v", i, got)
			}
		}
		slices.Sort(late)
		expect(t, "starts of the slow host", late, seconds(0, 0, 10, 10, 20, 20, 30, 30))
		if slices.Max(m.lags) != 30*time.Second || m.waiting != 6 || m.queued != [2]int{} {
			t.Errorf("lags up to %v, at most %d waiting and %v at the end; want 30s, 6 and none", slices.Max(m.lags), m.waiting, m.queued)
		}
	})
}

func TestPerHostIsAnOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, c := time.Now(), &crowd{takes: time.Second}
		var jobs []scheduler.Job
		for _, id := range names(20) {
			jobs = append(jobs, scheduler.Job{Probe: probe(id, c), Schedule: times{start.Add(time.Minute)}, Host: "one.example"})
		}
		run(t, time.Hour, jobs, scheduler.Options{Sink: &sink{}, PerHost: 5})
		if got := c.most.Load(); got != 5 {
			t.Errorf("%d at once, want 5", got)
		}
	})
}

func TestKeepsWithinTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		var jobs []scheduler.Job
		for i := range 6 { // all at once, of two requests each, at 0.5 requests a second
			jobs = append(jobs, scheduler.Job{Probe: probe(fmt.Sprintf("api/%d", i), atOnceProber{}), Schedule: times{start.Add(time.Minute)}, Host: "api.example", Requests: 2, Budget: 0.5})
		}
		jobs = append(jobs, scheduler.Job{Probe: probe("other/p", atOnceProber{}), Schedule: times{start.Add(time.Minute)}, Host: "api.example"})
		run(t, time.Hour, jobs, scheduler.Options{Sink: s, Meter: m, Concurrency: 1})

		expect(t, "starts", starts(s.results, start.Add(time.Minute)), seconds(0, 0, 4, 8, 12, 16, 20))
		if s.results[1].Probe != "other/p" || slices.Max(m.lags) != 20*time.Second {
			t.Errorf("%s waited, and lags are up to %v", s.results[1].Probe, slices.Max(m.lags))
		}
	})
}

type atOnceProber struct{}

func (atOnceProber) Observe(context.Context, *probes.Vantage) (probes.Observation, error) {
	return probes.Observation{Time: time.Now(), Status: 200}, nil
}

// While ten jobs are down and each would run every minute, the budget holds, and
// what is on the schedule goes first.
func TestTheBudgetBoundsRechecksAndTheQuickerPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m := &sink{}, &meter{}
		var jobs []scheduler.Job
		for i := range 10 { // 10 requests in 5 minutes by the schedule, of 15 allowed
			id := fmt.Sprintf("api/%d", i)
			jobs = append(jobs, scheduler.Job{Probe: quickly(id, told(func(time.Time) (int, error) { return 500, nil })), Schedule: scheduler.Every(5*time.Minute, id), Host: "api.example", Budget: 0.05})
		}
		run(t, 2*time.Hour, jobs, scheduler.Options{Sink: s, Meter: m, Confirmations: 2})

		var all []time.Time
		for _, r := range s.results {
			all = append(all, r.Time)
		}
		slices.SortFunc(all, time.Time.Compare)
		for i := range all[1:] {
			if apart := all[i+1].Sub(all[i]); apart < 20*time.Second-time.Millisecond {
				t.Fatalf("requests %v apart, want 20s", apart)
			}
		}
		if n := len(all); n < 330 { // of 360: the quicker pace uses what is left
			t.Errorf("%d runs in two hours, want nearly the budget's 360", n)
		}
		if most := slices.Max(m.lags); len(m.lost) > 0 || most > 80*time.Second {
			t.Errorf("%v lost, lags up to %v", m.lost, most)
		}
	})
}

// Who needs more requests than there are is not passed by for ever.
func TestTheBudgetIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		large := scheduler.Job{Probe: probe("api/large", atOnceProber{}), Schedule: times{start.Add(time.Minute), start.Add(90 * time.Second)}, Requests: 5, Budget: 2}
		jobs := []scheduler.Job{large}
		for i := range 8 { // two a second in all
			first := start.Add(time.Minute + time.Duration(i)*500*time.Millisecond)
			jobs = append(jobs, scheduler.Job{Probe: probe(fmt.Sprintf("api/%d", i), atOnceProber{}), Schedule: at{first, 4 * time.Second}, Budget: 1}) // the least budget holds
		}
		run(t, 2*time.Minute, jobs, scheduler.Options{Sink: s})
		var at []time.Duration
		for _, r := range s.results {
			if r.Probe == "api/large" {
				at = append(at, r.Time.Sub(start))
			}
		}
		if len(at) != 2 || at[0] > 66*time.Second || at[1] > 101*time.Second {
			t.Errorf("the large run took place at %v, want it soon after 1m and no later than 1m41s: six wait before it", at)
		}
		if n := len(s.results); n < 50 || n > 60 { // five requests at once, then one a second, of which the large runs take ten
			t.Errorf("%d runs in a minute", n)
		}
	})
}

// What waits for its budget does not keep others of its host waiting.
func TestWhoWaitsForABudgetHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		due := func(after time.Duration) times { return times{start.Add(time.Minute + after)} }
		const host = "a.example"
		run(t, time.Hour, []scheduler.Job{
			{Probe: probe("poor/1", takes(0)), Schedule: due(0), Budget: 0.01},
			{Probe: probe("long/p", takes(10*time.Second)), Schedule: due(0), Host: host},
			{Probe: probe("poor/2", takes(0)), Schedule: due(time.Second), Host: host, Budget: 0.01},
			{Probe: probe("rich/p", takes(0)), Schedule: due(2 * time.Second), Host: host},
		}, scheduler.Options{Sink: s, PerHost: 1})
		at := map[string]time.Duration{}
		for _, r := range s.results {
			at[r.Probe] = r.Time.Sub(start.Add(time.Minute))
		}
		if at["rich/p"] != 10*time.Second || at["poor/2"] != 100*time.Second {
			t.Errorf("starts %v, want rich/p after 10s and poor/2 after 100s", at)
		}
	})
}

// Who waited for its host comes before those that came to be due after it.
func TestWhoWaitedForItsHostGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		due := func(after time.Duration) times { return times{start.Add(time.Minute + after)} }
		jobs := []scheduler.Job{
			{Probe: probe("a/1", takes(10*time.Second)), Schedule: due(0), Host: "a.example"},
			{Probe: probe("a/2", takes(10*time.Second)), Schedule: due(time.Second), Host: "a.example"},
		}
		for i := range 6 {
			jobs = append(jobs, scheduler.Job{Probe: probe(fmt.Sprintf("b/%d", i), takes(10*time.Second)), Schedule: due(2*time.Second + time.Duration(i)), Host: fmt.Sprintf("b%d.example", i)})
		}
		run(t, time.Hour, jobs, scheduler.Options{Sink: s, PerHost: 1, Concurrency: 2})
		for _, r := range s.results {
			if got := r.Time.Sub(start.Add(time.Minute)); r.Probe == "a/2" && got != 10*time.Second {
				t.Errorf("it began after %v, want 10s", got)
			}
		}
	})
}

// A run of the schedule takes the place of a re-check that still waits.
func TestARegularRunTakesThePlaceOfARecheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		run(t, 10*time.Minute, []scheduler.Job{
			{Probe: quickly("a/p", broken(start, 0, 2*time.Minute)), Schedule: at{start.Add(time.Minute), 5 * time.Minute}, Host: "a.example"},
			{Probe: probe("long/p", takes(400*time.Second)), Schedule: times{start.Add(70 * time.Second)}, Host: "a.example"},
		}, scheduler.Options{Sink: s, Meter: m, PerHost: 1, Confirmations: 2})
		var results []probes.Result
		for _, r := range s.results {
			if r.Probe == "a/p" {
				results = append(results, r)
			}
		}
		expect(t, "starts", starts(results, start), seconds(60, 470))
		if len(m.lost) > 0 || slices.Max(m.lags) != 110*time.Second || results[1].Period != 5*time.Minute {
			t.Errorf("%v lost, lags %v, period %v; want none, 110s since the run was due, 5m", m.lost, m.lags, results[1].Period)
		}
	})
}

// Each host's queue moves on when what waits in it has to wait elsewhere.
func TestWaitsOfAllKindsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		var jobs []scheduler.Job
		for i := range 60 {
			job := scheduler.Job{
				Probe:    probe(fmt.Sprintf("api-%d/%d", i%7, i), takes(time.Duration(i%5)*time.Second)),
				Schedule: times{start.Add(time.Duration(i/20) * time.Second)}, Host: fmt.Sprintf("host-%d.example", i%4),
			}
			if i%7 < 5 {
				job.Budget = 0.2 * float64(i%7+1)
			}
			jobs = append(jobs, job)
		}
		run(t, time.Hour, jobs, scheduler.Options{Sink: s, Meter: m, Concurrency: 6})
		ran := map[string]bool{}
		for _, r := range s.results {
			ran[r.Probe] = true
		}
		if len(s.results) != 40 || len(ran) != 40 || m.queued != [2]int{} || len(m.lost) > 0 { // those of the first moment are never due
			t.Errorf("%d runs of %d jobs, %v lost, %v left", len(s.results), len(ran), m.lost, m.queued)
		}
	})
}
