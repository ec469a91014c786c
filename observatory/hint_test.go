package observatory_test

import (
	"fmt"
	"testing"
	"time"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
)

// answer is a result with a status, as a probe gives it.
func answer(status int) probes.Result {
	switch {
	case status == 200:
		return result("vote/page", time.Now(), probes.Up)
	case status == 403:
		r := result("vote/page", time.Now(), probes.Unknown)
		r.Class, r.Status, r.Evidence = probes.ClassRight, status, new(probes.Evidence)
		return r
	case status == 0:
		r := result("vote/page", time.Now(), probes.Down)
		r.Class, r.Evidence = probes.ClassDNS, new(probes.Evidence)
		return r
	}
	r := result("vote/page", time.Now(), probes.Down)
	r.Status, r.Evidence = status, &probes.Evidence{URL: "https://vote.example.fr/"}
	if status == 301 {
		r.Evidence.Header = []probes.HeaderField{{Name: "Location", Value: "https://new.example.fr/"}}
	}
	return r
}

// TestHints holds what an hour each of answers with these statuses amounts to.
func TestHints(t *testing.T) {
	repeat := func(status, hours int) (list []int) {
		for range hours {
			list = append(list, status)
		}
		return list
	}
	join := func(lists ...[]int) (all []int) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	for name, c := range map[string]struct {
		statuses []int // an hour apart
		want     slo.Hint
		incident bool
	}{
		"404 for a day":                        {join([]int{200}, repeat(404, 25)), slo.Dead, true},
		"404, not yet a day":                   {join([]int{200}, repeat(404, 24)), slo.NoHint, true},
		"410":                                  {repeat(410, 25), slo.Dead, true},
		"no such name":                         {repeat(0, 25), slo.Dead, true},
		"no such page, then no such name":      {join(repeat(404, 12), repeat(0, 13)), slo.Dead, true},
		"503 for a day":                        {repeat(503, 30), slo.NoHint, true},
		"404 with a 503 between":               {join(repeat(404, 20), []int{503}, repeat(404, 20)), slo.NoHint, true},
		"503 after a day of 404":               {join(repeat(404, 25), []int{503}), slo.NoHint, true},
		"moved":                                {join([]int{200}, repeat(301, 2)), slo.Moved, true},
		"refused where it answered":            {join([]int{200}, repeat(403, 25)), slo.Dead, false},
		"refused, not yet a day":               {join([]int{200}, repeat(403, 24)), slo.NoHint, false},
		"refused from the beginning":           {repeat(403, 30), slo.NoHint, false},
		"refused while an incident lasts":      {join([]int{200}, repeat(503, 3), repeat(403, 25)), slo.Dead, true},
		"answers again after a day of 403":     {join([]int{200}, repeat(403, 25), []int{200}), slo.NoHint, false},
		"one that is not confirmed is no sign": {[]int{200, 200, 301}, slo.NoHint, false},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, watched(), func(b *bench) {
				for n, status := range c.statuses {
					b.record(answer(status))
					if c.incident && n == len(c.statuses)/2 {
						b.reopen() // a stop changes nothing
					}
					b.wait(time.Hour)
				}
				probe := b.see("vote").Probes[0]
				incidents := b.Snapshot().Incidents
				if c.incident != (len(incidents) == 1) {
					t.Fatalf("%d incidents", len(incidents))
				}
				if c.incident && incidents[0].Hint != c.want {
					t.Errorf("the incident's hint is %q, want %q", incidents[0].Hint, c.want)
				}
				if probe.Hint != c.want {
					t.Errorf("the probe's hint is %q, want %q", probe.Hint, c.want)
				}
				if probe.Latest.Evidence != nil {
					t.Error("the snapshot holds evidence, which is large")
				}
			})
		})
	}
}

func TestBlind(t *testing.T) {
	options := watched()
	options.Probes = nil
	for i := range 20 {
		options.Probes = append(options.Probes, observatory.Watched{
			ID: fmt.Sprintf("geo/%d", i), Service: "geo", Kind: "http", Target: fmt.Sprintf("https://host-%d.example.fr/x", i), Period: period,
		})
	}
	lost := func(i int) probes.Result {
		r := result(fmt.Sprintf("geo/%d", i), time.Now(), probes.Unknown)
		r.Class = probes.ClassLocal
		return r
	}
	fine := func(i int) probes.Result { return result(fmt.Sprintf("geo/%d", i), time.Now(), probes.Up) }
	for name, c := range map[string]struct {
		lost, fine int
		change     func(*probes.Result)
		want       bool
	}{
		"half of them":      {10, 10, nil, true},
		"fewer than half":   {9, 11, nil, false},
		"few hosts":         {4, 0, nil, false},
		"five hosts":        {5, 5, nil, true},
		"our quota is none": {20, 0, func(r *probes.Result) { r.Class = probes.ClassQuota }, false},
		"too long ago":      {20, 0, func(r *probes.Result) { r.Time = r.Time.Add(-3 * time.Minute) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, options, func(b *bench) {
				b.wait(time.Hour)
				began := time.Now()
				for i := range c.lost {
					r := lost(i)
					if c.change != nil {
						c.change(&r)
					}
					b.record(r)
				}
				for i := range c.fine {
					b.record(fine(c.lost + i))
				}
				b.see("geo")
				if got := b.Snapshot().Blind; got.IsZero() == c.want || c.want && !got.Equal(began) {
					t.Fatalf("blind since %s, want %v since %s", got, c.want, began)
				}
				if !c.want {
					return
				}
				b.wait(10 * time.Minute) // without any measurement nothing is known to be better
				if b.see("geo"); !b.Snapshot().Blind.Equal(began) {
					t.Errorf("blind since %s", b.Snapshot().Blind)
				}
				for i := range 11 {
					b.record(fine(i))
				}
				if b.see("geo"); !b.Snapshot().Blind.IsZero() {
					t.Error("still blind")
				}
			})
		})
	}
}
