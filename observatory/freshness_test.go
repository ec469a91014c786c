package observatory_test

import (
	"testing"
	"time"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
)

// The bubble begins on Saturday 1 January 2000: what is dated the day before
// stays fresh until the end of the following Monday.
func TestFreshnessInWorkingDays(t *testing.T) {
	o := watched()
	o.Probes[2].Limit = &probes.Freshness{WorkingDays: 1}
	run(t, o, func(b *bench) {
		friday := time.Date(1999, time.December, 31, 12, 0, 0, 0, time.UTC)
		until := time.Date(2000, time.January, 3, 23, 0, 0, 0, time.UTC) // midnight in Paris
		for i, want := range []slo.Level{slo.Optimal, slo.Weak} {
			at := until.Add(time.Duration(i) * time.Millisecond)
			r := result("water/flow", at, probes.Up)
			r.DataTime = friday
			b.record(r)
			b.wait(time.Until(at))
			if v := b.see("water").Verdict(slo.Freshness); v.Level != want || !v.Judged || v.Target != until.Sub(friday).Seconds() || v.Value != at.Sub(friday).Seconds() {
				t.Errorf("at %s: %+v", at, v)
			}
		}
	})
}

func TestFreshnessThatNothingLimits(t *testing.T) {
	for name, limit := range map[string]observatory.Limit{"none": nil, "no check": &probes.Freshness{Frequency: "punctual"}} {
		t.Run(name, func(t *testing.T) {
			o := watched()
			o.Probes[2].Limit = limit
			run(t, o, func(b *bench) {
				r := result("water/flow", time.Now(), probes.Up)
				r.DataTime = r.Time.AddDate(-20, 0, 0)
				b.record(r)
				if v := b.see("water").Verdict(slo.Freshness); v.Judged || v.Level != slo.Pending || v.Measurements != 1 || v.Target != 0 || v.Source != "" {
					t.Errorf("%+v", v)
				}
			})
		})
	}
}
