package slo_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"observatoire/slo"
)

func TestBand(t *testing.T) {
	tests := map[string]struct {
		text    string
		inside  []float64
		outside []float64
	}{
		"at least": {">= 99.9%", []float64{0.999, 1}, []float64{math.Nextafter(0.999, 0), 0.9986, 0}},
		"below":    {"< 50ms", []float64{0, 0.0499999}, []float64{0.050, 1}},
		"at most":  {"<=800ms", []float64{0.8}, []float64{math.Nextafter(0.8, 1)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var b slo.Band
			if err := b.UnmarshalText([]byte(test.text)); err != nil {
				t.Fatal(err)
			}
			for _, v := range test.inside {
				if !b.Holds(v) {
					t.Errorf("%s does not hold %v", b, v)
				}
			}
			for _, v := range test.outside {
				if b.Holds(v) {
					t.Errorf("%s holds %v", b, v)
				}
			}
			var again slo.Band
			if err := again.UnmarshalText([]byte(b.String())); err != nil || again != b {
				t.Errorf("%q reads as %v, %v", b.String(), again, err)
			}
		})
	}
	for _, text := range []string{"", "99.9%", "> 5s", "< 99%", ">= 5s", ">= 101%", ">= 0%", ">= NaN%", "< -1s", "<= ", "< 0s"} {
		var b slo.Band
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q reads as %v", text, b)
		}
	}
}

func TestBuiltInProfiles(t *testing.T) {
	tests := map[string]struct {
		profile   string
		indicator slo.Indicator
		value     float64
		n         int64
		want      slo.Level
	}{
		"99.9 % is optimal":              {slo.ForAPI, slo.Availability, 0.999, 1000, slo.Optimal},
		"99.86 % is not":                 {slo.ForAPI, slo.Availability, 0.9986, 1000, slo.Partial},
		"98.5 % is partial":              {slo.ForAPI, slo.Availability, 0.985, 1000, slo.Partial},
		"less is weak":                   {slo.ForAPI, slo.Availability, 0.98499, 1000, slo.Weak},
		"too few measurements":           {slo.ForAPI, slo.Availability, 0.5, 999, slo.Pending},
		"none":                           {slo.ForAPI, slo.ServerTime, 0, 0, slo.Pending},
		"49 ms is optimal for an API":    {slo.ForAPI, slo.ServerTime, 0.0499, 100, slo.Optimal},
		"50 ms is partial":               {slo.ForAPI, slo.ServerTime, 0.050, 100, slo.Partial},
		"400 ms is weak for an API":      {slo.ForAPI, slo.ServerTime, 0.400, 100, slo.Weak},
		"399 ms is optimal for a page":   {slo.ForDemarche, slo.PageTime, 0.399, 100, slo.Optimal},
		"400 ms is partial for a page":   {slo.ForDemarche, slo.PageTime, 0.400, 100, slo.Partial},
		"800 ms is partial for a page":   {slo.ForDemarche, slo.PageTime, 0.800, 100, slo.Partial},
		"over 800 ms is weak for a page": {slo.ForDemarche, slo.PageTime, 0.801, 100, slo.Weak},
		"INSPIRE view within 5 s":        {"inspire-view", slo.ServerTime, 5, 100, slo.Optimal},
		"INSPIRE has no partial":         {"inspire-view", slo.ServerTime, 5.001, 100, slo.Weak},
		"INSPIRE 99 %":                   {"inspire-discovery", slo.Availability, 0.99, 1000, slo.Optimal},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o, ok := slo.Profiles()[test.profile].Objective(test.indicator)
			if !ok {
				t.Fatal("no such objective")
			}
			if got := o.Level(test.value, test.n); got != test.want {
				t.Errorf("level %v, want %v", got, test.want)
			}
		})
	}
	for name, p := range slo.Profiles() {
		if p.Name != name {
			t.Errorf("profile %q is named %q", name, p.Name)
		}
		for _, o := range p.Objectives {
			if err := o.Validate(); err != nil || o.Source == "" {
				t.Errorf("%s: %s: source %q, %v", name, o.Indicator, o.Source, err)
			}
		}
	}
}

func TestObjectiveRefusesBandsThatDoNotSuit(t *testing.T) {
	good := slo.Objective{Indicator: slo.Availability, Optimal: slo.AtLeast(0.99), Partial: slo.AtLeast(0.9), Window: slo.Month, Source: "x"}
	tests := map[string]func(*slo.Objective){
		"freshness has no profile": func(o *slo.Objective) { o.Indicator = slo.Freshness },
		"wrong direction":          func(o *slo.Objective) { o.Optimal = slo.Below(0.1) },
		"partial above optimal":    func(o *slo.Objective) { o.Partial = slo.AtLeast(0.999) },
		"partial equals optimal":   func(o *slo.Objective) { o.Partial = o.Optimal },
		"negative minimum":         func(o *slo.Objective) { o.MinMeasurements = -1 },
		"no window":                func(o *slo.Objective) { o.Window = slo.Latest },
	}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			o := good
			spoil(&o)
			if o.Validate() == nil {
				t.Error("accepted")
			}
		})
	}
}

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWindow(t *testing.T) {
	zone := paris(t)
	now := time.Date(2026, 3, 30, 1, 30, 0, 0, zone) // the night after the clocks went forward
	tests := map[string]struct {
		text  string
		iso   string
		start time.Time
	}{
		"rolling":    {"90d", "P90D", time.Date(2025, 12, 31, 0, 0, 0, 0, zone)},
		"two days":   {"2d", "P2D", time.Date(2026, 3, 29, 0, 0, 0, 0, zone)},
		"day":        {"day", "P1D", time.Date(2026, 3, 30, 0, 0, 0, 0, zone)},
		"month":      {"month", "P1M", time.Date(2026, 3, 1, 0, 0, 0, 0, zone)},
		"quarter":    {"quarter", "P3M", time.Date(2026, 1, 1, 0, 0, 0, 0, zone)},
		"latest":     {"latest", "latest", now},
		"ISO":        {"P30D", "P30D", time.Date(2026, 3, 1, 0, 0, 0, 0, zone)},
		"over a DST": {"7d", "P7D", time.Date(2026, 3, 24, 0, 0, 0, 0, zone)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var w slo.Window
			if err := w.UnmarshalText([]byte(test.text)); err != nil {
				t.Fatal(err)
			}
			if got := w.Start(now); !got.Equal(test.start) {
				t.Errorf("starts %v, want %v", got, test.start)
			}
			if w.String() != test.iso {
				t.Errorf("reads %s, want %s", w, test.iso)
			}
		})
	}
	for _, text := range []string{"", "d", "1d", "401d", "-5d", "90", "week", "P90"} {
		var w slo.Window
		if err := w.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q reads as %v", text, w)
		}
	}
}

func TestMaintenance(t *testing.T) {
	zone := paris(t)
	at := func(hour, minute int) time.Time { return time.Date(2026, 10, 25, hour, minute, 0, 0, zone) }
	daily := func(text string) slo.Maintenance {
		var d slo.Daily
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return slo.Maintenance{Daily: d}
	}
	tests := map[string]struct {
		m    slo.Maintenance
		at   time.Time
		want bool
	}{
		"in it":            {daily("01:00-02:00"), at(1, 0), true},
		"at its end":       {daily("01:00-02:00"), at(2, 0), false},
		"before":           {daily("01:00-02:00"), at(0, 59), false},
		"past midnight":    {daily("23:30-00:30"), at(0, 10), true},
		"before midnight":  {daily("23:30-00:30"), at(23, 45), true},
		"outside of it":    {daily("23:30-00:30"), at(12, 0), false},
		"none":             {slo.Maintenance{}, at(0, 0), false},
		"once":             {slo.Maintenance{From: at(3, 0), To: at(5, 0)}, at(4, 59), true},
		"once, at its end": {slo.Maintenance{From: at(3, 0), To: at(5, 0)}, at(5, 0), false},
		"once, the same hour of another day": {
			slo.Maintenance{From: at(3, 0), To: at(5, 0)}, at(4, 0).AddDate(0, 0, 1), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.m.Contains(test.at); got != test.want {
				t.Errorf("contains %v: %v", test.at, got)
			}
		})
	}
	for _, text := range []string{"", "01:00", "01:00-01:00", "1-2", "25:00-26:00", "01:00-02:00-03:00"} {
		var d slo.Daily
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q reads as %v", text, d)
		}
	}
}

func tally() *rapid.Generator[slo.Tally] {
	return rapid.Custom(func(t *rapid.T) slo.Tally {
		n := rapid.Int64Range(0, 1e6).Draw(t, "n")
		return slo.Tally{N: n, Time: time.Duration(n) * time.Duration(rapid.IntRange(1, 3600).Draw(t, "period")) * time.Second}
	})
}

func counts() *rapid.Generator[slo.Counts] {
	return rapid.Custom(func(t *rapid.T) slo.Counts {
		c := slo.Counts{Up: tally().Draw(t, "up"), Degraded: tally().Draw(t, "degraded"), Down: tally().Draw(t, "down"),
			Unknown: tally().Draw(t, "unknown"), MaintenanceDown: tally().Draw(t, "maintenance down")}
		c.Maintenance = c.MaintenanceDown.Add(tally().Draw(t, "maintenance up"))
		return c
	})
}

func TestAvailabilityProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := counts().Draw(t, "counts")
		a, ok := c.Availability()
		if ok != (c.Definite().Time > 0) || a < 0 || a > 1 {
			t.Fatalf("availability %v, %v", a, ok)
		}
		more := c
		more.Unknown = more.Unknown.Add(slo.Tally{N: 5, Time: time.Hour})
		if b, _ := more.Availability(); a != b {
			t.Fatalf("what is unknown changed the availability: %v, %v", a, b)
		}
		if twice, _ := c.Add(c).Availability(); math.Abs(twice-a) > 1e-12 {
			t.Fatalf("the same counts twice: %v, %v", a, twice)
		}
		if without := (slo.Counts{Up: c.Up, Degraded: c.Degraded, Down: c.Down}); ok {
			if including, _ := without.Including(); including != a {
				t.Fatalf("without maintenance both ways differ: %v, %v", including, a)
			}
		}
		if ok {
			target := rapid.Float64Range(0.5, 0.9999).Draw(t, "target")
			rate, _ := c.BurnRate(target)
			left := c.Budget(target).Left()
			if (left < -time.Microsecond) != (a < target) && math.Abs(a-target) > 1e-9 {
				t.Fatalf("budget left %v, availability %v, target %v", left, a, target)
			}
			if (rate > 1) != (a < target) && math.Abs(a-target) > 1e-9 {
				t.Fatalf("burn rate %v, availability %v, target %v", rate, a, target)
			}
		}
	})
}

func TestCountsByHand(t *testing.T) {
	hours := func(n int64) slo.Tally { return slo.Tally{N: n * 12, Time: time.Duration(n) * time.Hour} }
	c := slo.Counts{Up: hours(89), Degraded: hours(1), Down: hours(10), Unknown: hours(50), Maintenance: hours(100), MaintenanceDown: hours(90)}
	if a, _ := c.Availability(); a != 0.9 {
		t.Errorf("availability %v, want 0.9", a)
	}
	if a, _ := c.Including(); a != 0.5 {
		t.Errorf("with maintenance counted %v, want 0.5", a)
	}
	if got := c.Covered(); got != 200*time.Hour {
		t.Errorf("covered %v, want 200h", got)
	}
	if b := c.Budget(0.95); b.Allowed.Round(time.Second) != 5*time.Hour || b.Spent != 10*time.Hour {
		t.Errorf("budget %+v", b)
	}
	if rate, _ := c.BurnRate(0.95); math.Abs(rate-2) > 1e-9 {
		t.Errorf("burn rate %v, want 2", rate)
	}
}

func TestPledge(t *testing.T) {
	tests := map[string]struct {
		pledge       slo.Pledge
		min          int64
		judged, kept bool
	}{
		"kept":        {slo.Pledge{Target: 0.995, Value: 0.995, Measurements: 10}, 10, true, true},
		"missed":      {slo.Pledge{Target: 0.995, Value: 0.9949, Measurements: 10}, 10, true, false},
		"too few":     {slo.Pledge{Target: 0.995, Value: 0, Measurements: 9}, 10, false, false},
		"none at all": {slo.Pledge{Target: 0.995}, 0, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.pledge.Judge(test.min)
			if test.pledge.Judged != test.judged || test.pledge.Kept != test.kept {
				t.Errorf("judged %v, kept %v", test.pledge.Judged, test.pledge.Kept)
			}
		})
	}
}
