package scheduler_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"observatoire/probes"
	"observatoire/scheduler"
)

// A re-check waits until the host may be reached again.
func TestARecheckHeedsRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		p := &refuses{answer: func(int) (int, http.Header) { return 503, http.Header{"Retry-After": {"90"}} }}
		job := scheduler.Job{Probe: quickly("a/p", p), Schedule: at{start.Add(time.Minute), 5 * time.Minute}, Host: "a.example"}
		run(t, 7*time.Minute, []scheduler.Job{job}, scheduler.Options{Sink: s, Meter: m, Confirmations: 2})
		expect(t, "starts", starts(s.results, start), seconds(60, 150, 240, 330, 420)[:len(s.results)])
		if len(s.results) < 4 {
			t.Errorf("%d runs", len(s.results))
		}
	})
}

// refuses is a prober that is answered with a status and headers.
type refuses struct {
	mu     sync.Mutex
	at     []time.Time
	answer func(n int) (int, http.Header)
}

func (p *refuses) Observe(context.Context, *probes.Vantage) (probes.Observation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := probes.Observation{Time: time.Now()}
	o.Status, o.Header = p.answer(len(p.at))
	p.at = append(p.at, o.Time)
	return o, nil
}

func TestLeavesAHostAlone(t *testing.T) {
	const ok, quota, busy = 200, 429, 503
	header := func(status int, after string) func(int) (int, http.Header) {
		return func(n int) (int, http.Header) {
			if n > 0 {
				return ok, nil
			}
			return status, http.Header{"Retry-After": {after}}
		}
	}
	for name, c := range map[string]struct {
		answer func(n int) (int, http.Header)
		runs   []int // minutes
		lost   int
	}{
		"Retry-After of 429": {header(quota, "150"), []int{1, 4, 5, 6, 7, 8, 9, 10}, 2},
		"Retry-After of 503": {header(busy, "90"), []int{1, 3, 4, 5, 6, 7, 8, 9, 10}, 1},
		"no time in the 429s": {func(n int) (int, http.Header) {
			if n < 3 {
				return quota, nil
			}
			return ok, nil
		}, []int{1, 2, 4, 8, 9, 10}, 4}, // 1, 2 and 4 minutes
		"an answer begins anew": {func(n int) (int, http.Header) {
			return []int{quota, quota, ok, quota, ok, ok, ok, ok, ok}[n], nil
		}, []int{1, 2, 4, 5, 6, 7, 8, 9, 10}, 1},
		"two at once are one refusal": {func(n int) (int, http.Header) { return quota, nil }, []int{1, 1, 2, 2, 4, 4, 8, 8}, 12},
		"503 alone":                   {func(int) (int, http.Header) { return busy, nil }, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, m, p := time.Now(), &meter{}, &refuses{answer: c.answer}
				var neighbour []time.Time
				jobs := []scheduler.Job{
					{Probe: quickly("a/p", p), Schedule: at{start.Add(time.Minute), time.Minute}, Host: "a.example"},
					{Probe: quickly("b/p", told(func(now time.Time) (int, error) {
						neighbour = append(neighbour, now)
						return ok, nil
					})), Schedule: at{start.Add(time.Minute), time.Minute}, Host: "b.example"},
				}
				if name == "two at once are one refusal" {
					jobs = append(jobs, scheduler.Job{Probe: quickly("a/2", p), Schedule: at{start.Add(time.Minute), time.Minute}, Host: "a.example"})
				}
				run(t, 10*time.Minute+30*time.Second, jobs, scheduler.Options{Sink: &sink{}, Meter: m, Confirmations: 1})
				var runs []int
				for _, at := range p.at {
					runs = append(runs, int(at.Sub(start)/time.Minute))
				}
				expect(t, "runs in minutes", runs, c.runs)
				if m.lost["backoff"] != c.lost || len(neighbour) != 10 {
					t.Errorf("%v lost and %d runs of the other host; want %d and 10", m.lost, len(neighbour), c.lost)
				}
			})
		})
	}
}

// The longest that a host is left alone is an hour, whatever it asks for.
func TestLeavesAHostAloneForAnHourAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, p := time.Now(), &refuses{answer: func(n int) (int, http.Header) {
			if n == 0 {
				return 503, http.Header{"Retry-After": {"86400"}}
			}
			return 429, nil
		}}
		job := scheduler.Job{Probe: quickly("a/p", p), Schedule: at{start.Add(time.Minute), time.Minute}, Host: "a.example"}
		run(t, 6*time.Hour, []scheduler.Job{job}, scheduler.Options{Sink: &sink{}})
		var apart []time.Duration
		for i := range p.at[1:] {
			apart = append(apart, p.at[i+1].Sub(p.at[i])/time.Minute)
		}
		expect(t, "minutes apart", apart, []time.Duration{60, 1, 2, 4, 8, 16, 32, 60, 60, 60})
	})
}

func TestAHostThatIsOffIsNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, m := time.Now(), &sink{}, &meter{}
		jobs := []scheduler.Job{
			{Probe: quickly("a/p", broken(start, 0, 4*time.Minute)), Schedule: at{start.Add(time.Minute), 5 * time.Minute}, Host: "a.example"},
			{Probe: quickly("b/p", atOnceProber{}), Schedule: at{start.Add(time.Minute), 5 * time.Minute}, Host: "b.example"},
		}
		off := func(host string) bool {
			since := time.Since(start)
			return host == "a.example" && since > 2*time.Minute && since < 12*time.Minute
		}
		run(t, 17*time.Minute, jobs, scheduler.Options{Sink: s, Meter: m, Off: off, Confirmations: 1})
		runs := map[string][]time.Duration{}
		for _, r := range s.results {
			runs[r.Probe] = append(runs[r.Probe], r.Time.Sub(start))
		}
		expect(t, "runs of a", runs["a/p"], seconds(60, 120, 960)) // at 120 s since it is down; what would follow is no run of the schedule
		expect(t, "runs of b", runs["b/p"], seconds(60, 360, 660, 960))
		if m.lost["off"] != 2 || len(m.lost) != 1 {
			t.Errorf("%v lost, want 2 since the host is off", m.lost)
		}
	})
}
