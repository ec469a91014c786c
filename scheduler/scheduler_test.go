package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"observatoire/probes"
	"observatoire/scheduler"
	"observatoire/slo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRunsAtItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		schedule := scheduler.Every(time.Minute, "a/p")
		phase := schedule.Next(start).Sub(start)
		run(t, 3*time.Minute, []scheduler.Job{{Probe: probe("a/p", takes(time.Second)), Schedule: schedule}},
			scheduler.Options{Sink: s, Meter: m})

		expect(t, "starts", starts(s.results, start), []time.Duration{phase, phase + time.Minute, phase + 2*time.Minute})
		expect(t, "lags", m.lags, []time.Duration{0, 0, 0})
		for _, r := range s.results {
			if r.Probe != "a/p" || r.Vantage != "here" || r.Period != time.Minute || r.Maintenance {
				t.Errorf("result %+v: want probe a/p from here for a minute, outside maintenance", r)
			}
		}
		if m.stored != 3 || len(m.lost) != 0 || m.buffered != 0 || m.queued != [2]int{} {
			t.Errorf("meter: %d stored, %v lost, %d buffered, %v queued; want 3 and nothing else", m.stored, m.lost, m.buffered, m.queued)
		}
	})
}

func TestPeriodIsTheTimeToTheNextDueTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		due := times{start.Add(time.Second), start.Add(11 * time.Second), start.Add(41 * time.Second)}
		run(t, time.Hour, []scheduler.Job{{Probe: probe("a/p", takes(0)), Schedule: due}}, scheduler.Options{Sink: s})

		var periods []time.Duration
		for _, r := range s.results {
			periods = append(periods, r.Period)
		}
		expect(t, "periods", periods, []time.Duration{10 * time.Second, 30 * time.Second, 0}) // then never again
	})
}

func TestWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		var jobs []scheduler.Job
		for i, id := range []string{"a/1", "a/2", "a/3", "a/4"} {
			due := start.Add(time.Minute + time.Duration(i)*time.Second)
			jobs = append(jobs, scheduler.Job{Probe: probe(id, takes(10*time.Second)), Schedule: times{due}})
		}
		run(t, time.Hour, jobs, scheduler.Options{Sink: s, Meter: m, Concurrency: 1})

		var order []string
		for _, r := range s.results {
			order = append(order, r.Probe)
			if r.Phases.Total() != 0 {
				t.Errorf("%s: the wait for a slot is in its phases: %v", r.Probe, r.Phases)
			}
		}
		expect(t, "order", order, []string{"a/1", "a/2", "a/3", "a/4"})
		expect(t, "starts", starts(s.results, start.Add(time.Minute)), []time.Duration{0, 10 * time.Second, 20 * time.Second, 30 * time.Second})
		expect(t, "lags", m.lags, []time.Duration{0, 9 * time.Second, 18 * time.Second, 27 * time.Second})
		if m.running != 1 || m.waiting != 3 {
			t.Errorf("at most %d running and %d waiting, want 1 and 3", m.running, m.waiting)
		}
	})
}

func TestSkipsARunWhileTheOneBeforeLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		schedule := scheduler.Every(time.Minute, "a/p")
		phase := schedule.Next(start).Sub(start)
		run(t, 6*time.Minute, []scheduler.Job{{Probe: probe("a/p", takes(90*time.Second)), Schedule: schedule}},
			scheduler.Options{Sink: s, Meter: m})

		expect(t, "starts", starts(s.results, start), []time.Duration{phase, phase + 2*time.Minute, phase + 4*time.Minute})
		if m.lost["overrun"] != 3 { // those of minutes 1, 3 and 5
			t.Errorf("%v lost, want 3 by overrun", m.lost)
		}
	})
}

func TestMarksMaintenance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paris := zone(t, "Europe/Paris")
		start, s := time.Now().In(paris), &sink{} // 01:00 in Paris
		job := scheduler.Job{
			Probe:       probe("a/p", takes(0)),
			Schedule:    times{start.Add(time.Minute), start.Add(2 * time.Hour), start.Add(4 * time.Hour)},
			Maintenance: []slo.Maintenance{{Daily: slo.Daily{From: 3 * 60, To: 4 * 60}}},
		}
		run(t, 24*time.Hour, []scheduler.Job{job}, scheduler.Options{Sink: s, Zone: paris})

		var marks []bool
		for _, r := range s.results {
			marks = append(marks, r.Maintenance)
		}
		expect(t, "maintenance", marks, []bool{false, true, false})
	})
}

// While its meter hangs the loop sleeps as the machine may: all is overdue after it.
func TestRunsWhatIsOverdueOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const suspended = time.Hour + 30*time.Second
		start, s, m := time.Now(), &sink{}, &meter{}
		jobs := []scheduler.Job{{Probe: probe("slow/p", takes(1500*time.Millisecond)), Schedule: times{start.Add(time.Second), start.Add(2 * time.Second)}}}
		for _, id := range names(10) {
			jobs = append(jobs, scheduler.Job{Probe: probe(id, takes(0)), Schedule: scheduler.Every(10*time.Minute, id)})
		}
		var once sync.Once
		m.onLost = func() { once.Do(func() { time.Sleep(suspended) }) } // told of the overrun two seconds in
		run(t, 2*time.Second+suspended+500*time.Millisecond, jobs, scheduler.Options{Sink: s, Meter: m})

		runs := map[string]int{}
		for _, r := range s.results {
			at := r.Time.Sub(start)
			if at < suspended || r.Probe == "slow/p" {
				continue
			}
			runs[r.Probe]++
			if next := scheduler.Every(10*time.Minute, r.Probe).Next(r.Time); r.Time.Add(r.Period) != next {
				t.Errorf("%s stands for %v, want until it is due next, %v", r.Probe, r.Period, next.Sub(r.Time))
			}
		}
		if len(runs) != 10 {
			t.Errorf("%d jobs ran after it, want all 10", len(runs))
		}
		for id, n := range runs {
			if n != 1 {
				t.Errorf("%s ran %d times, want once", id, n)
			}
		}
	})
}

// setBack is a schedule as one sees it whose clock is set back by an hour.
type setBack struct {
	first time.Time
	asked int
}

func (s *setBack) Next(t time.Time) time.Time {
	if s.asked++; s.asked == 1 {
		return s.first.Add(time.Hour)
	}
	return times{s.first}.Next(t)
}

func TestPlansAnewAfterTheClockWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		job := scheduler.Job{Probe: probe("a/p", takes(0)), Schedule: &setBack{first: start.Add(5 * time.Minute)}}
		run(t, time.Hour, []scheduler.Job{job}, scheduler.Options{Sink: s})
		expect(t, "starts", starts(s.results, start), []time.Duration{5 * time.Minute})
	})
}

// stuck is a schedule that does not go forward.
type stuck struct{}

func (stuck) Next(t time.Time) time.Time { return t }

func TestRemovesAJobWhoseScheduleDoesNotGoForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &sink{}
		run(t, time.Minute, []scheduler.Job{{Probe: probe("a/p", takes(0)), Schedule: stuck{}}},
			scheduler.Options{Sink: s, Log: zerolog.New(zerolog.SyncWriter(&log))})
		if len(s.results) != 0 || strings.Count(log.String(), "does not go forward") != 1 {
			t.Errorf("%d results and the log %q, want none and one line", len(s.results), &log)
		}
	})
}

func TestStopLetsRunsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		due := times{start.Add(time.Second)}
		jobs := []scheduler.Job{
			{Probe: probe("ends/p", takes(9*time.Second)), Schedule: due},
			{Probe: probe("lasts/p", takes(time.Minute)), Schedule: due},
			{Probe: probe("later/p", takes(0)), Schedule: times{start.Add(3 * time.Second)}},
		}
		run(t, 2*time.Second, jobs, scheduler.Options{Sink: s, Meter: m})

		if got := time.Since(start); got != 12*time.Second {
			t.Errorf("stopped after %v, want the 2s and the bound of 10s", got)
		}
		if len(s.results) != 1 || s.results[0].Probe != "ends/p" {
			t.Errorf("recorded %v, want ends/p alone: neither the cancelled run nor a new one", s.results)
		}
		if m.queued != [2]int{} {
			t.Errorf("queues at the end: %v, want none", m.queued)
		}
	})
}

func TestAPanicIsOurFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		panics := prober(func(context.Context) { panic("s3cret") })
		var log strings.Builder
		jobs := []scheduler.Job{
			{Probe: probe("a/p", panics), Schedule: times{start.Add(time.Second)}},
			{Probe: probe("b/p", takes(0)), Schedule: times{start.Add(2 * time.Second)}},
		}
		run(t, time.Minute, jobs, scheduler.Options{Sink: s, Concurrency: 1, Log: zerolog.New(zerolog.SyncWriter(&log))})

		if len(s.results) != 2 || s.results[0].Outcome != probes.Unknown || s.results[0].Vantage != "here" {
			t.Fatalf("results %+v, want an unknown one, then that of b/p", s.results)
		}
		if shown := fmt.Sprint(s.results, log.String()); strings.Contains(shown, "s3cret") {
			t.Errorf("what it panicked with is shown: %s", shown)
		}
	})
}

func TestRefusesJobsThatCannotRun(t *testing.T) {
	schedule := scheduler.Every(time.Minute, "x")
	for name, c := range map[string]struct {
		jobs []scheduler.Job
		o    scheduler.Options
		says string
	}{
		"no sink":     {nil, scheduler.Options{}, "scheduler: sink: required"},
		"concurrency": {nil, scheduler.Options{Sink: &sink{}, Concurrency: -1}, "concurrency: -1"},
		"no schedule": {[]scheduler.Job{{Probe: probe("a/p", takes(0))}}, scheduler.Options{Sink: &sink{}}, `"a/p": schedule: required`},
		"no prober":   {[]scheduler.Job{{Probe: probe("a/p", nil), Schedule: schedule}}, scheduler.Options{Sink: &sink{}}, `"a/p": prober: required`},
		"no id":       {[]scheduler.Job{{Probe: probe("", takes(0)), Schedule: schedule}}, scheduler.Options{Sink: &sink{}}, "without an ID"},
		"twice": {
			[]scheduler.Job{{Probe: probe("a/p", takes(0)), Schedule: schedule}, {Probe: probe("a/p", takes(0)), Schedule: schedule}},
			scheduler.Options{Sink: &sink{}}, `"a/p": declared twice`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := scheduler.Run(t.Context(), c.jobs, c.o)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}
