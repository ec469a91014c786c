package scheduler_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"observatoire/probes"
	"observatoire/scheduler"
	"observatoire/slo"
)

// told is a prober of which answer says, by the time of the run, how it ends. It
// takes a second.
type told func(now time.Time) (status int, err error)

func (p told) Observe(ctx context.Context, _ *probes.Vantage) (probes.Observation, error) {
	o := probes.Observation{Time: time.Now()}
	takes(time.Second)(ctx)
	var err error
	o.Status, err = p(o.Time)
	return o, err
}

// broken fails between two times from start on, and so on.
func broken(start time.Time, between ...time.Duration) told {
	return func(now time.Time) (int, error) {
		for while := range slices.Chunk(between, 2) {
			if since := now.Sub(start); since >= while[0] && since < while[1] {
				return 500, nil
			}
		}
		return 200, nil
	}
}

func quickly(id string, p probes.Prober) probes.Probe {
	return probes.Probe{ID: id, Prober: p, Timeout: 10 * time.Second}
}

// at is a schedule of one phase from start on.
type at struct {
	first  time.Time
	period time.Duration
}

func (s at) Next(t time.Time) time.Time {
	if t.Before(s.first) {
		return s.first
	}
	return s.first.Add((t.Sub(s.first)/s.period + 1) * s.period)
}

func seconds(all ...int) (out []time.Duration) {
	for _, s := range all {
		out = append(out, time.Duration(s)*time.Second)
	}
	return out
}

func TestConfirmsFailures(t *testing.T) {
	const minute = time.Minute
	for name, c := range map[string]struct {
		from, to      time.Duration // it fails
		confirmations int
		period        time.Duration
		starts        []time.Duration // all within 16 minutes
	}{
		"up":                    {0, 0, 3, 5 * minute, seconds(60, 360, 660, 960)},
		"gone at the re-check":  {minute, minute + time.Second, 3, 5 * minute, seconds(60, 81, 360, 660, 960)},
		"gone at the second":    {minute, minute + 30*time.Second, 3, 5 * minute, seconds(60, 81, 102, 360, 660, 960)},
		"down, then back":       {minute, 4 * minute, 3, 5 * minute, seconds(60, 81, 102, 162, 222, 282, 360, 660, 960)},
		"one failure is enough": {minute, 4 * minute, 1, 5 * minute, seconds(60, 120, 180, 240, 360, 660, 960)},
		"down over due times":   {minute, 11 * minute, 2, 5 * minute, seconds(60, 81, 141, 201, 261, 321, 360, 420, 480, 540, 600, 660, 960)},
		"as quick as ever":      {minute, 4 * minute, 1, 30 * time.Second, nil},
		"a quicker re-check":    {minute, minute + time.Second, 2, minute, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, s, m := time.Now(), &sink{}, &meter{}
				job := scheduler.Job{Probe: quickly("a/p", broken(start, c.from, c.to)), Schedule: at{start.Add(minute), c.period}}
				recheck := exactly(20*time.Second, "a/p")
				run(t, 16*minute+2*time.Second, []scheduler.Job{job}, scheduler.Options{Sink: s, Meter: m, Confirmations: c.confirmations, Recheck: recheck})

				if c.starts == nil { // those of the schedule, and the re-check of 81 s where it fits
					for d := minute; d <= 16*minute; d += c.period {
						if c.starts = append(c.starts, d); name == "a quicker re-check" && d == minute {
							c.starts = append(c.starts, 81*time.Second)
						}
					}
				}
				got := rounded(s.results, start)
				expect(t, "starts", got, c.starts)
				for i, r := range s.results {
					if next := r.Time.Add(r.Period); i+1 < len(s.results) && next.Sub(s.results[i+1].Time).Abs() > time.Millisecond {
						t.Errorf("%v stands for %v, and the next is %v", got[i], r.Period, got[i+1])
					}
				}
				if len(m.lost) > 0 || slices.Max(m.lags) != 0 {
					t.Errorf("%v lost, lags %v", m.lost, m.lags)
				}
			})
		})
	}
}

// exactly returns what to give as Recheck for re-checks after about d: it takes
// back the part that comes from the name.
func exactly(d time.Duration, name string) time.Duration {
	return time.Duration(float64(d) * float64(time.Second) / float64(scheduler.Jittered(time.Second, name)))
}

func TestRecheckIsJitteredByName(t *testing.T) {
	const d = 20 * time.Second
	least, most := time.Hour, time.Duration(0)
	for _, id := range names(1000) {
		got := scheduler.Jittered(d, id)
		if got != scheduler.Jittered(d, id) {
			t.Fatal("another time for the same name")
		}
		least, most = min(least, got), max(most, got)
	}
	if least < 16*time.Second || least > 17*time.Second || most > 24*time.Second || most < 23*time.Second {
		t.Errorf("from %v to %v, want 20 s give or take a fifth", least, most)
	}
}

// Each outage is confirmed anew.
func TestConfirmsAgainAfterRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		failing := broken(start, 0, 2*time.Minute, 6*time.Minute, 6*time.Minute+time.Second)
		job := scheduler.Job{Probe: quickly("a/p", failing), Schedule: at{start.Add(time.Minute), 5 * time.Minute}}
		run(t, 12*time.Minute, []scheduler.Job{job}, scheduler.Options{Sink: s, Confirmations: 2, Recheck: exactly(20*time.Second, "a/p")})
		expect(t, "starts", rounded(s.results, start), seconds(60, 81, 141, 360, 381, 660))
	})
}

// A re-check that says nothing counts as one, and is the cause of none later.
func TestRechecksThatSayNothingEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{}
		answer := told(func(now time.Time) (int, error) {
			if now.Sub(start) < 61*time.Second {
				return 500, nil
			}
			return 0, &probes.Fault{Class: probes.ClassLocal}
		})
		job := scheduler.Job{Probe: quickly("a/p", answer), Schedule: at{start.Add(time.Minute), 5 * time.Minute}}
		run(t, 12*time.Minute, []scheduler.Job{job}, scheduler.Options{Sink: s, Confirmations: 3, Recheck: exactly(20*time.Second, "a/p")})
		expect(t, "starts", rounded(s.results, start), seconds(60, 81, 102, 360, 660))
	})
}

// What is left of a gap after the machine slept is not the usual one.
func TestIsQuickerAfterTheMachineSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s, slept := time.Now(), &sink{}, false
		sleep := func(string) bool {
			if !slept {
				time.Sleep(1790 * time.Second)
			}
			slept = true
			return false
		}
		job := scheduler.Job{Probe: quickly("a/p", broken(start, time.Hour, 2*time.Hour)), Schedule: at{start.Add(time.Minute), 10 * time.Minute}, Host: "a.example"}
		run(t, time.Hour+150*time.Second, []scheduler.Job{job}, scheduler.Options{Sink: s, Off: sleep})
		expect(t, "last starts", rounded(s.results, start)[len(s.results)-3:], seconds(51*60, 61*60, 62*60))
	})
}

func rounded(results []probes.Result, start time.Time) []time.Duration {
	all := starts(results, start)
	for i := range all {
		all[i] = all[i].Round(10 * time.Millisecond)
	}
	return all
}

func TestNoRecheckOfWhatSaysNothing(t *testing.T) {
	for name, c := range map[string]struct {
		prober      told
		maintenance []slo.Maintenance
	}{
		"unknown":     {func(time.Time) (int, error) { return 0, &probes.Fault{Class: probes.ClassLocal} }, nil},
		"maintenance": {func(time.Time) (int, error) { return 500, nil }, []slo.Maintenance{{Daily: slo.Daily{From: 0, To: 12 * 60}}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, s := time.Now(), &sink{} // at midnight
				job := scheduler.Job{Probe: quickly("a/p", c.prober), Schedule: at{start.Add(time.Minute), 5 * time.Minute}, Maintenance: c.maintenance}
				run(t, 10*time.Minute, []scheduler.Job{job}, scheduler.Options{Sink: s, Confirmations: 2})
				expect(t, "starts", starts(s.results, start), seconds(60, 360))
			})
		})
	}
}

// A schedule that rests at night is not made quicker at night.
func TestNotQuickerWhileItsScheduleRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &sink{} // midnight
		hours, err := scheduler.Cron("*/5 6-7 * * *", time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		job := scheduler.Job{Probe: quickly("a/p", broken(start, 0, 24*time.Hour)), Schedule: hours}
		run(t, 20*time.Hour, []scheduler.Job{job}, scheduler.Options{Sink: s, Confirmations: 3})
		last := s.results[len(s.results)-1]
		if day := last.Time.Sub(start); len(s.results) < 100 || day > 7*time.Hour+56*time.Minute {
			t.Errorf("%d runs, the last one %v after midnight", len(s.results), day)
		}
		if end := last.Time.Add(last.Period).Sub(start); end != 30*time.Hour {
			t.Errorf("the last stands until %v, want 6 o'clock", end)
		}
	})
}

// Whatever happens, each run of the schedule takes place at its time, and the
// results stand for all the time once.
func TestConfirmationKeepsTheSchedule(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		period := time.Duration(rapid.IntRange(11, 900).Draw(r, "period")) * time.Second
		confirmations := rapid.IntRange(1, 5).Draw(r, "confirmations")
		fails := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 40).Draw(r, "outcomes") // in turn, for 97 s each
		var failed error
		synctest.Test(t, func(t *testing.T) {
			start, s, m := time.Now(), &sink{}, &meter{}
			answer := told(func(now time.Time) (int, error) {
				switch fails[int(now.Sub(start)/(97*time.Second))%len(fails)] {
				case 0:
					return 200, nil
				case 1:
					return 0, &probes.Fault{Class: probes.ClassLocal}
				}
				return 500, nil
			})
			schedule := scheduler.Every(period, "a/p")
			run(t, 2*time.Hour, []scheduler.Job{{Probe: quickly("a/p", answer), Schedule: schedule}},
				scheduler.Options{Sink: s, Meter: m, Confirmations: confirmations})
			failed = keeps(s.results, schedule, start, m)
		})
		if failed != nil {
			r.Fatal(failed)
		}
	})
}

func keeps(results []probes.Result, schedule cron.Schedule, start time.Time, m *meter) error {
	due := schedule.Next(start)
	for i, r := range results {
		if r.Time.After(due) {
			return fmt.Errorf("the run of %v is missing", due)
		}
		if r.Time.Equal(due) {
			due = schedule.Next(due)
		}
		// Results keep milliseconds.
		if i > 0 && results[i-1].Time.Add(results[i-1].Period).Sub(r.Time).Abs() > time.Millisecond {
			return fmt.Errorf("%v stands for %v, and the next is %v", results[i-1].Time, results[i-1].Period, r.Time)
		}
	}
	if len(m.lost) > 0 {
		return fmt.Errorf("%v lost", m.lost)
	}
	if end := start.Add(2 * time.Hour); due.Before(end) {
		return fmt.Errorf("the run of %v is missing", due)
	}
	return nil
}
