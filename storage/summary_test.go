package storage_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

func ExampleRollup_Add() {
	var r storage.Rollup
	for i := range 100 {
		wait := time.Duration(i+1) * time.Millisecond
		r.Add(probes.Result{Outcome: probes.Up, Period: time.Minute, Phases: probes.Phases{Wait: wait}})
	}
	s := r.Measures[storage.ServerTime]
	p95, _ := s.Quantile(0.95)
	fmt.Println(r.Counts.Up.N, r.Counts.Up.Time, s.Mean(), s.Max, p95.Round(time.Millisecond))
	// Output: 100 1h40m0s 50.5ms 100ms 95ms
}

func TestQuantile(t *testing.T) {
	sketched := storage.Summary{Sketch: storage.NewSketch()}
	for i := range 100 {
		sketched.Add(time.Duration(i) * time.Second) // 0 to 99
	}
	zeros := storage.Summary{Sketch: storage.NewSketch()}
	for range 10 {
		zeros.Add(0)
	}
	for name, c := range map[string]struct {
		s    storage.Summary
		q    float64
		want time.Duration
		ok   bool
	}{
		"least":            {sketched, 0, 0, true},
		"greatest":         {sketched, 1, 99 * time.Second, true},
		"median":           {sketched, 0.5, 49 * time.Second, true},
		"7 % is not 8":     {sketched, 0.07, 6 * time.Second, true},
		"zeros":            {zeros, 0.9, 0, true},
		"below 0":          {sketched, -0.1, 0, false},
		"above 1":          {sketched, 1.1, 0, false},
		"not a number":     {sketched, math.NaN(), 0, false},
		"empty":            {storage.Summary{Sketch: storage.NewSketch()}, 0.5, 0, false},
		"not distribution": {storage.Summary{N: 1}, 0.5, 0, false},
	} {
		got, ok := c.s.Quantile(c.q)
		if ok != c.ok || math.Abs(float64(got-c.want)) > 0.01*float64(c.want) {
			t.Errorf("%s: %s, %t; want %s, %t", name, got, ok, c.want, c.ok)
		}
	}
}

// The ages of ten results with a date of 1970 are more than a Duration holds.
func TestMeanOfOldAges(t *testing.T) {
	age := 56 * 365 * 24 * time.Hour
	var all, half storage.Summary
	for range 5 {
		half.Add(age)
	}
	all.Merge(half)
	all.Merge(half)
	if all.Mean() != age || all.Sum != math.MaxInt64 || all.N != 10 {
		t.Errorf("mean %s, sum %d, n %d; want %s, the longest, 10", all.Mean(), all.Sum, all.N, age)
	}
	r := storage.Rollup{}
	r.Measures[storage.Age] = all
	var decoded storage.Rollup
	if err := decoded.DecodeFigures(r.AppendFigures(nil)); err != nil || decoded.Measures[storage.Age] != all {
		t.Errorf("decoded %+v, want %+v; %v", decoded.Measures[storage.Age], all, err)
	}
}

func TestMergeLeavesOtherAlone(t *testing.T) {
	var a, b storage.Rollup
	b.Add(probes.Result{Outcome: probes.Up, Phases: probes.Phases{Wait: time.Second}})
	a.Merge(b)
	a.Merge(b)
	if n := b.Measures[storage.Total].Sketch.GetCount(); n != 1 {
		t.Errorf("the sketch of what was merged counts %g, want 1", n)
	}
	var unsketched storage.Rollup
	unsketched.Measures[storage.Total].Add(time.Second)
	a.Merge(unsketched)
	if _, ok := a.Measures[storage.Total].Quantile(0.5); ok {
		t.Error("a quantile of durations of which a part has no distribution")
	}
	if got := a.Measures[storage.Total]; got.N != 3 || got.Mean() != time.Second {
		t.Errorf("n %d, mean %s", got.N, got.Mean())
	}
}

func TestResolution(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		start time.Time
		hours float64
	}{
		"a day":               {time.Date(2026, 5, 20, 0, 0, 0, 0, zone), 24},
		"into summer time":    {time.Date(2026, 3, 29, 0, 0, 0, 0, zone), 23},
		"out of summer time":  {time.Date(2026, 10, 25, 0, 0, 0, 0, zone), 25},
		"into a leap day":     {time.Date(2028, 2, 28, 0, 0, 0, 0, zone), 24},
		"the end of the year": {time.Date(2026, 12, 31, 0, 0, 0, 0, zone), 24},
	} {
		end := storage.Day.End(c.start, zone)
		if got := end.Sub(c.start).Hours(); got != c.hours {
			t.Errorf("%s: %g hours, want %g", name, got, c.hours)
		}
		if !storage.Day.Start(end, zone).Equal(end) || !storage.Day.Start(end.Add(-1), zone).Equal(c.start) {
			t.Errorf("%s: its end is not where the next begins", name)
		}
	}
	for r, want := range map[storage.Resolution]string{storage.FiveMinutes: "5m", storage.Hour: "1h", storage.Day: "1d"} {
		text, err := r.MarshalText()
		var back storage.Resolution
		if err != nil || string(text) != want || back.UnmarshalText(text) != nil || back != r {
			t.Errorf("%s: %s, %v", want, text, err)
		}
	}
	if new(storage.Resolution).UnmarshalText([]byte("2h")) == nil {
		t.Error("2h is no resolution")
	}
	if got := storage.ServerTime.String() + " " + storage.DNS.String(); got != "server_time dns" {
		t.Error(got)
	}
}
