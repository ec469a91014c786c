package dashboard

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"observatoire/slo"
)

func TestValuesNeverReachALevelTheyHaveNotReached(t *testing.T) {
	fr, en := languages()[0], languages()[1]
	for name, c := range map[string]struct {
		indicator slo.Indicator
		value     float64
		fr, en    string
	}{
		"whole":           {slo.Availability, 1, "100\u202f%", "100%"},
		"nearly whole":    {slo.Availability, 0.9999999, "99,99\u202f%", "99.99%"},
		"just below":      {slo.Availability, 0.99899999, "99,89\u202f%", "99.89%"},
		"exact":           {slo.Availability, 0.999, "99,90\u202f%", "99.90%"},
		"binary fraction": {slo.Availability, 0.29, "29,00\u202f%", "29.00%"},
		"half":            {slo.Availability, 0.9995, "99,95\u202f%", "99.95%"},
		"small":           {slo.Availability, 0.00833, "0,83\u202f%", "0.83%"},
		"tiny":            {slo.Availability, 1e-9, "0,00\u202f%", "0.00%"},
		"zero":            {slo.Availability, 0, "0,00\u202f%", "0.00%"},
		"not a number":    {slo.Availability, math.NaN(), "–", "–"},
		"fast":            {slo.ServerTime, 0.0337, "33,7\u00a0ms", "33.7\u00a0ms"},
		"not under 50 ms": {slo.ServerTime, 0.0500001, "50,1\u00a0ms", "50.1\u00a0ms"},
		"at most 800 ms":  {slo.PageTime, 0.8, "800\u00a0ms", "800\u00a0ms"},
		"beyond 800 ms":   {slo.PageTime, 0.8001, "801\u00a0ms", "801\u00a0ms"},
		"nearly a second": {slo.PageTime, 0.9999, "1\u00a0s", "1\u00a0s"},
		"seconds":         {slo.PageTime, 1.234, "1,24\u00a0s", "1.24\u00a0s"},
		"age":             {slo.Freshness, 5400, "1\u00a0h\u00a030\u00a0min", "1\u00a0h\u00a030\u00a0min"},
		"old":             {slo.Freshness, 1234 * 86400, "1\u202f234\u00a0j", "1,234\u00a0d"},
	} {
		if got := fr.value(c.indicator, c.value); got != c.fr {
			t.Errorf("%s in French: %+q, want %+q", name, got, c.fr)
		}
		if got := en.value(c.indicator, c.value); got != c.en {
			t.Errorf("%s in English: %+q, want %+q", name, got, c.en)
		}
	}
}

func TestLimitsHaveNoIdleZeros(t *testing.T) {
	fr := languages()[0]
	for limit, want := range map[float64]string{0.999: "99,9\u202f%", 0.985: "98,5\u202f%", 0.99: "99\u202f%", 0.9995: "99,95\u202f%", 1: "100\u202f%"} {
		if got := fr.limit(slo.Availability, limit); got != want {
			t.Errorf("%v: %+q, want %+q", limit, got, want)
		}
	}
	if got := fr.limit(slo.ServerTime, 0.05); got != "50\u00a0ms" {
		t.Errorf("%+q", got)
	}
}

func TestTimes(t *testing.T) {
	fr, en := languages()[0], languages()[1]
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.January, 1, 8, 5, 0, 0, time.UTC).In(zone)
	for got, want := range map[string]string{
		fr.at(at).Text: "1er\u00a0janvier 2026 à 9\u00a0h\u00a005", en.at(at).Text: "1\u00a0January 2026 at 09:05",
		fr.at(at).ISO: "2026-01-01T09:05:00+01:00", fr.zone(zone): "heure de Paris", en.zone(zone): "Paris time", en.zone(time.UTC): "UTC",
		fr.window(slo.Days(90)): "90 derniers jours", en.window(slo.Month): "month in progress", fr.window(slo.Latest): "dernière mesure",
		fr.plural(0, "{1} service", "{1} services"): "0 service", en.plural(0, "{1} service", "{1} services"): "0 services",
		fr.count(-1234567): "-1\u202f234\u202f567", en.count(999): "999",
		fr.span(-90 * time.Second): "−1\u00a0min\u00a030\u00a0s", fr.span(76*time.Hour + 59*time.Minute): "3\u00a0j\u00a04\u00a0h",
	} {
		if got != want {
			t.Errorf("%+q, want %+q", got, want)
		}
	}
}

func FuzzPercent(f *testing.F) {
	for _, seed := range []float64{0, 1, 0.999, 0.9985, 0.29, 1e-12, 0.99949999999} {
		f.Add(seed)
	}
	l := languages()[1]
	f.Fuzz(func(t *testing.T, ratio float64) {
		if !(ratio >= 0 && ratio <= 1) {
			return
		}
		shown, err := strconv.ParseFloat(strings.TrimSuffix(l.percent(ratio, 2), "%"), 64)
		if err != nil {
			t.Fatalf("%v: %q: %v", ratio, l.percent(ratio, 2), err)
		}
		if shown/100 > ratio+1e-15 || ratio-shown/100 > 0.0001+1e-15 {
			t.Errorf("%v is shown as %v %%", ratio, shown)
		}
	})
}
