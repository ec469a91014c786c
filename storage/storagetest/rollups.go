package storagetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

var resolutions = []storage.Resolution{storage.FiveMinutes, storage.Hour, storage.Day}

func rollupsOfKnown(t *testing.T, open Open) {
	e := fresh(t, open)
	zone := paris(t)
	day := time.Date(2026, 5, 20, 0, 0, 0, 0, zone)
	var batch []probes.Result
	for minute := range 26 * 60 {
		batch = append(batch, up("a/x", day.Add(time.Duration(minute)*time.Minute)))
	}
	record(t, e, batch...)
	for resolution, want := range map[storage.Resolution]int{storage.FiveMinutes: 26 * 12, storage.Hour: 26, storage.Day: 2} {
		got := collect(t, e.Rollups(t.Context(), storage.Query{Resolution: resolution}))
		if len(got) != want {
			t.Fatalf("%s: %d rollups, want %d", resolution, len(got), want)
		}
		first := got[0]
		if !first.Start.Equal(day) || first.Start.Location().String() != zone.String() || first.Probe != "a/x" ||
			first.Vantage != "paris" || first.Resolution != resolution {
			t.Errorf("%s: first is %s %s %s at %s", resolution, first.Resolution, first.Probe, first.Vantage, first.Start)
		}
		n := int64(resolution.End(first.Start, zone).Sub(first.Start) / time.Minute)
		if first.Counts != (slo.Counts{Up: slo.Tally{N: n, Time: time.Duration(n) * time.Minute}}) {
			t.Errorf("%s: counts %+v", resolution, first.Counts)
		}
		s := first.Measures[storage.ServerTime]
		if s.N != n || s.Mean() != 40*time.Millisecond || s.Min != s.Max {
			t.Errorf("%s: server time %+v", resolution, s)
		}
		median, ok := s.Quantile(0.5)
		if !ok || median != 40*time.Millisecond {
			t.Errorf("%s: median %s, %t", resolution, median, ok)
		}
	}
	span := storage.Query{Resolution: storage.FiveMinutes, From: day.Add(7 * time.Minute), To: day.Add(65 * time.Minute)}
	if got := collect(t, e.Rollups(t.Context(), span)); len(got) != 11 || !got[0].Start.Equal(day.Add(10*time.Minute)) {
		t.Errorf("%d rollups of the span, want the 11 that start in it", len(got))
	}
}

func maintenance(t *testing.T, open Open) {
	e := fresh(t, open)
	outcomes := []probes.Outcome{probes.Up, probes.Degraded, probes.Down, probes.Unknown}
	for i, outcome := range outcomes {
		for j, announced := range []bool{false, true} {
			r := up("a/x", noon.Add(time.Duration(2*i+j)*time.Second))
			r.Outcome, r.Maintenance, r.DataTime = outcome, announced, noon.Add(-time.Hour)
			record(t, e, r)
		}
	}
	minutes := func(n int64) slo.Tally { return slo.Tally{N: n, Time: time.Duration(n) * time.Minute} }
	got := collect(t, e.Rollups(t.Context(), storage.Query{Resolution: storage.Hour}))[0]
	want := slo.Counts{
		Up: minutes(1), Degraded: minutes(1), Down: minutes(1), Unknown: minutes(2), Maintenance: minutes(3), MaintenanceDown: minutes(1),
	}
	if got.Counts != want {
		t.Errorf("counts %+v\nwant   %+v", got.Counts, want)
	}
	if n := got.Measures[storage.Total].N; n != 2 {
		t.Errorf("%d total times, want those of the 2 answers outside maintenance", n)
	}
	if n := got.Measures[storage.Age].N; n != 8 {
		t.Errorf("%d ages, want those of all 8 dated results", n)
	}
}

func lateResults(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	var all []probes.Result
	keep := func(batch ...probes.Result) {
		record(t, e, batch...)
		all = append(all, batch...)
	}
	for i := range 100 {
		keep(up("a/x", noon.Add(time.Duration(i)*time.Minute)))
	}
	mustClose(t, e)
	e = open(t, o)
	defer func() { mustClose(t, e) }()
	keep(down("a/x", noon.Add(30*time.Second)))        // into rollups that are there
	keep(down("a/x", noon.AddDate(0, -2, 0)))          // before all of them
	keep(down("new", noon.Add(-90*time.Minute)))       // of another series
	keep(up("a/x", noon.Add(24*time.Hour)))            // and on
	keep(down("a/x", noon.Add(23*time.Hour)))          // out of order, of what pends
	record(t, e, all[3], all[100], all[101], all[102]) // once more
	compare(t, e, o.Zone, storage.Query{}, all)
}

// rollupsEqualNaive records random results in random order and batches, with
// repetitions and reopenings, around the days that break calendars.
func rollupsEqualNaive(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	defer func() { mustClose(t, e) }()
	days := []time.Time{
		time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC),   // Paris: one to three o'clock
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC),  // Paris: three to two o'clock
		time.Date(2028, 2, 28, 22, 30, 0, 0, time.UTC),  // into a leap day
		time.Date(2026, 12, 31, 22, 59, 0, 0, time.UTC), // into a year
	}
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		probe := fmt.Sprintf("run-%d/p", run)
		day := rapid.SampledFrom(days).Draw(rt, "day")
		batches := rapid.SliceOfN(rapid.SliceOfN(resultOf(probe, day), 1, 40), 1, 6).Draw(rt, "batches")
		var all []probes.Result
		for _, batch := range batches {
			if err := e.Record(t.Context(), batch); err != nil {
				rt.Fatal(err)
			}
			all = append(all, batch...)
			switch rapid.IntRange(0, 12).Draw(rt, "then") {
			case 0:
				if err := e.Close(); err != nil {
					rt.Fatal(err)
				}
				e = open(t, o)
			case 1:
				e = abandon(t, e, open, o)
			}
		}
		compare(rt, e, o.Zone, storage.Query{Probe: probe}, all)
	})
}

// abandon opens the folder again as after a kill: nobody closes e before the
// test has ended.
func abandon(t *testing.T, e Engine, open Open, o storage.Options) Engine {
	t.Cleanup(func() { mustClose(t, e) })
	return open(t, o)
}

func resultOf(probe string, around time.Time) *rapid.Generator[probes.Result] {
	return rapid.Custom(func(rt *rapid.T) probes.Result {
		phase := rapid.Custom(func(rt *rapid.T) time.Duration {
			return time.Duration(math.Exp(rapid.Float64Range(0, 16).Draw(rt, "log"))-1) * time.Microsecond
		})
		r := probes.Result{
			Probe: probe, Vantage: rapid.SampledFrom([]string{"paris", "lyon"}).Draw(rt, "vantage"),
			Time:        around.Add(time.Duration(rapid.IntRange(-20, 4*3600).Draw(rt, "second")) * time.Second),
			Period:      time.Duration(rapid.IntRange(0, 600_000).Draw(rt, "period")) * time.Millisecond,
			Outcome:     probes.Outcome(rapid.IntRange(0, 3).Draw(rt, "outcome")),
			Maintenance: rapid.IntRange(0, 5).Draw(rt, "maintenance") == 0,
			Phases: probes.Phases{
				Redirect: phase.Draw(rt, "redirect"), DNS: phase.Draw(rt, "dns"), Connect: phase.Draw(rt, "connect"),
				TLS: phase.Draw(rt, "tls"), Wait: phase.Draw(rt, "wait"), Transfer: phase.Draw(rt, "transfer"),
			},
		}
		if rapid.Bool().Draw(rt, "dated") {
			// As much as sixty years old: a few of them are more than a Duration holds.
			r.DataTime = r.Time.Add(-time.Duration(rapid.Int64Range(-1000, 60*365*86400).Draw(rt, "age")) * time.Second)
		}
		return r
	})
}

// fataler is a test or a rapid check.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

type bucket struct {
	probe, vantage string
	start          int64
}

// compare holds the rollups that the query selects against what the results
// come to when they are summed up one by one, by other code.
func compare(t fataler, e Engine, zone *time.Location, q storage.Query, recorded []probes.Result) {
	t.Helper()
	for _, resolution := range resolutions {
		want := map[bucket][]probes.Result{}
		seen := map[bucket]bool{}
		for _, r := range recorded {
			id := bucket{r.Probe, r.Vantage, r.Time.UnixNano()}
			if seen[id] {
				continue
			}
			seen[id] = true
			b := bucket{r.Probe, r.Vantage, startOf(resolution, r.Time, zone).UnixNano()}
			want[b] = append(want[b], r)
		}
		q.Resolution = resolution
		last := time.Time{}
		for got, err := range e.Rollups(context.Background(), q) {
			if err != nil {
				t.Fatal(err)
			}
			if got.Start.Before(last) {
				t.Fatalf("%s: %s after %s", resolution, got.Start, last)
			}
			last = got.Start
			b := bucket{got.Probe, got.Vantage, got.Start.UnixNano()}
			if len(want[b]) == 0 {
				t.Fatalf("%s: a rollup of %s at %s that no result is in, or a second one", resolution, got.Probe, got.Start)
			}
			compareOne(t, got, want[b])
			delete(want, b)
		}
		if len(want) > 0 {
			t.Fatalf("%s: %d rollups are missing, such as %v", resolution, len(want), want)
		}
	}
}

func startOf(r storage.Resolution, t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	if r == storage.Day {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
	}
	step := int64(3600)
	if r == storage.FiveMinutes {
		step = 300
	}
	return time.Unix(t.Unix()-t.Unix()%step, 0)
}

func compareOne(t fataler, got storage.Rollup, results []probes.Result) {
	t.Helper()
	var counts slo.Counts
	durations := map[storage.Measure][]time.Duration{}
	for _, r := range results {
		into := []*slo.Tally{[]*slo.Tally{&counts.Unknown, &counts.Up, &counts.Degraded, &counts.Down}[r.Outcome]}
		if r.Maintenance && r.Outcome != probes.Unknown {
			into = []*slo.Tally{&counts.Maintenance}
			if r.Outcome == probes.Down {
				into = append(into, &counts.MaintenanceDown)
			}
		}
		for _, tally := range into {
			tally.N++
			tally.Time += r.Period
		}
		if !r.DataTime.IsZero() {
			durations[storage.Age] = append(durations[storage.Age], max(0, r.Time.Sub(r.DataTime)))
		}
		if r.Maintenance || r.Outcome != probes.Up && r.Outcome != probes.Degraded {
			continue
		}
		p := r.Phases
		for m, d := range map[storage.Measure]time.Duration{
			storage.Redirect: p.Redirect, storage.DNS: p.DNS, storage.Connect: p.Connect, storage.TLS: p.TLS,
			storage.Wait: p.Wait, storage.Transfer: p.Transfer,
			storage.ServerTime: max(0, p.Wait-p.Connect), storage.PageTime: p.Wait + p.Transfer,
			storage.Total: p.Redirect + p.DNS + p.Connect + p.TLS + p.Wait + p.Transfer,
		} {
			durations[m] = append(durations[m], d)
		}
	}
	if got.Counts != counts {
		t.Fatalf("%s at %s: counts\n     %+v\nwant %+v", got.Resolution, got.Start, got.Counts, counts)
	}
	for m := range storage.Measures {
		compareSummary(t, fmt.Sprintf("%s at %s: %s", got.Resolution, got.Start, m), got.Measures[m], durations[m], m.Sketched())
	}
}

func compareSummary(t fataler, of string, got storage.Summary, all []time.Duration, sketched bool) {
	t.Helper()
	if got.N != int64(len(all)) {
		t.Fatalf("%s: N %d, want %d", of, got.N, len(all))
	}
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	var sum, mean float64
	for _, d := range all {
		sum += float64(d)
	}
	mean = sum / float64(len(all))
	if sum < math.MaxInt64/2 {
		var exact time.Duration
		for _, d := range all {
			exact += d
		}
		if got.Sum != exact {
			t.Fatalf("%s: sum %s, want %s", of, got.Sum, exact)
		}
	}
	if got.Min != all[0] || got.Max != all[len(all)-1] || math.Abs(float64(got.Mean())-mean) > 1+mean*1e-12 {
		t.Fatalf("%s: min %s, max %s, mean %s; want %s, %s, %s", of, got.Min, got.Max, got.Mean(), all[0], all[len(all)-1], time.Duration(mean))
	}
	if !sketched {
		return
	}
	for _, q := range []float64{0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1} {
		exact := all[max(0, int(math.Ceil(q*float64(len(all))))-1)]
		near, ok := got.Quantile(q)
		if !ok || math.Abs(float64(near-exact)) > float64(exact)*storage.Accuracy*(1+1e-6)+1 {
			t.Fatalf("%s: quantile %g of %d is %s (%t), nearest rank is %s", of, q, len(all), near, ok, exact)
		}
	}
}
