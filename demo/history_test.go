package demo_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.yaml.in/yaml/v3"

	"observatoire/demo"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

var (
	end   = time.Date(2026, 11, 23, 14, 7, 31, 0, time.UTC)
	start = end.AddDate(-1, 0, 0)
)

// watched is the part of the configuration that these tests read.
type watched struct {
	APIs, Demarches []struct {
		ID, URL, Documentation, OpenAPI string
		StatusPage                      string `yaml:"status_page"`
		Commitment                      struct{ Source string }
		Maintenance                     []struct{ Daily, Source string }
		DependsOn                       []struct{ API, Source string } `yaml:"depends_on"`
		Probes                          []struct {
			Name      string
			HTTP      struct{ URL string }
			Freshness *struct{ JSON, Header string }
		}
	}
}

func simulate(t *testing.T) (*demo.Simulation, watched) {
	t.Helper()
	s, err := demo.Start(t.Context(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	var w watched
	if err := yaml.Unmarshal([]byte(s.Config()), &w); err != nil {
		t.Fatal(err)
	}
	return s, w
}

// series are those of the demonstration's own configuration.
func series(t *testing.T) []demo.Series {
	_, w := simulate(t)
	var all []demo.Series
	for _, api := range w.APIs {
		for _, p := range api.Probes {
			all = append(all, demo.Series{Probe: api.ID + "/" + p.Name, Vantage: "v", Dated: p.Freshness != nil})
		}
	}
	for _, d := range w.Demarches {
		all = append(all, demo.Series{Probe: d.ID + "/" + d.Probes[0].Name, Vantage: "v", Demarche: true})
	}
	return all
}

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// figures are those of one series over the last 90 days, summed up as rollups are.
func figures(t testing.TB, all []demo.Series, from time.Time) map[string]*storage.Rollup {
	byProbe := make(map[string]*storage.Rollup)
	for _, s := range all {
		byProbe[s.Probe] = new(storage.Rollup)
	}
	for batch := range demo.History(all, from, end, paris(t)) {
		for _, r := range batch {
			if r.Time.After(end.AddDate(0, 0, -90)) {
				sum := byProbe[r.Probe]
				sum.Counts = sum.Counts.Add(counts(r))
				if d, ok := storage.PageTime.Of(r); ok {
					sum.Measures[storage.PageTime].N++
					sum.Measures[storage.PageTime].Sum += d
				}
				if d, ok := storage.ServerTime.Of(r); ok {
					sum.Measures[storage.ServerTime].N++
					sum.Measures[storage.ServerTime].Sum += d
				}
			}
		}
	}
	return byProbe
}

func counts(r probes.Result) (c slo.Counts) {
	tally := slo.Tally{N: 1, Time: r.Period}
	switch {
	case r.Maintenance:
		c.Maintenance = tally
	case r.Outcome == probes.Up:
		c.Up = tally
	case r.Outcome == probes.Degraded:
		c.Degraded = tally
	case r.Outcome == probes.Down:
		c.Down = tally
	default:
		c.Unknown = tally
	}
	return c
}

func mean(s storage.Summary) time.Duration { return s.Sum / time.Duration(max(1, s.N)) }

func TestHistoryIsInOrderAndCounted(t *testing.T) {
	zone := paris(t)
	all := series(t)
	for name, from := range map[string]time.Time{
		"a year": start, "a month": end.AddDate(0, -1, 0), "a week": end.AddDate(0, 0, -7), "an hour": end.Add(-time.Hour), "nothing": end,
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			last := from
			seen := make(map[string]time.Time)
			for batch := range demo.History(all, from, end, zone) {
				if len(batch) == 0 || len(batch) > 25_000 {
					t.Fatalf("a batch of %d", len(batch))
				}
				n += len(batch)
				for _, r := range batch {
					if r.Time.Before(last) {
						t.Fatalf("%s: %s after %s", r.Probe, r.Time, last)
					}
					last = r.Time
					if r.Time.Add(r.Period).After(end) || r.Period <= 0 {
						t.Fatalf("%s at %s stands for %s: beyond %s", r.Probe, r.Time, r.Period, end)
					}
					if until, ok := seen[r.Probe]; ok && r.Time.Before(until) {
						t.Fatalf("%s at %s: the one before stands for the time until %s", r.Probe, r.Time, until)
					}
					seen[r.Probe] = r.Time.Add(r.Period)
					if r.Time.Nanosecond()%1e6 != 0 || r.Time.Location() != time.UTC {
						t.Fatalf("%s: time %s is not kept to the millisecond in UTC", r.Probe, r.Time)
					}
				}
			}
			if want := demo.Steps(all, from, end); n != want {
				t.Errorf("%d results, Steps says %d", n, want)
			}
			for probe, until := range seen {
				if end.Sub(until) > 30*time.Minute {
					t.Errorf("%s ends at %s, long before %s", probe, until, end)
				}
			}
		})
	}
}

func TestHistoryIsTheSameEachTime(t *testing.T) {
	all := series(t)
	from := end.AddDate(0, 0, -10)
	collect := func() []probes.Result {
		return slices.Concat(slices.Collect(demo.History(all, from, end, time.UTC))...)
	}
	first, second := collect(), collect()
	if len(first) == 0 || !slices.EqualFunc(first, second, func(a, b probes.Result) bool { return reflect.DeepEqual(a, b) }) {
		t.Error("two histories of the same series differ")
	}
}

func TestHistoryStopsWhenItsReaderDoes(t *testing.T) {
	batches := 0
	for range demo.History(series(t), start, end, time.UTC) {
		if batches++; batches == 2 {
			break
		}
	}
	if batches != 2 {
		t.Errorf("%d batches", batches)
	}
}

func TestDemarchesAreSpreadLikeTheBaseline(t *testing.T) {
	_, w := simulate(t)
	own := make([]demo.Series, 0, len(w.Demarches))
	for _, d := range w.Demarches {
		own = append(own, demo.Series{Probe: d.ID + "/page", Vantage: "v", Demarche: true})
	}
	others := make([]demo.Series, 300)
	for i := range others {
		others[i] = demo.Series{Probe: fmt.Sprintf("demarche-%d/page", i), Vantage: "v", Demarche: true}
	}
	for name, c := range map[string]struct {
		series []demo.Series
		within float64 // of the share of each level
	}{"those of the demonstration": {own, 0.03}, "any others": {others, 0.07}} {
		t.Run(name, func(t *testing.T) {
			var times []time.Duration
			var shares [3]float64
			for _, sum := range figures(t, c.series, end.AddDate(0, 0, -91)) {
				ratio, _ := sum.Counts.Availability()
				switch {
				case ratio >= 0.999:
					shares[0] += 1 / float64(len(c.series))
				case ratio >= 0.985:
					shares[1] += 1 / float64(len(c.series))
				default:
					shares[2] += 1 / float64(len(c.series))
				}
				times = append(times, mean(sum.Measures[storage.PageTime]))
			}
			for i, want := range []float64{0.62, 0.22, 0.16} {
				if shares[i] < want-c.within || shares[i] > want+c.within {
					t.Errorf("share of level %d is %.3f, want %.2f ± %.2f", i, shares[i], want, c.within)
				}
			}
			slices.Sort(times)
			for share, want := range map[float64]float64{0.5: 207, 0.75: 333, 0.9: 459, 0.95: 651} {
				got := float64(times[int(share*float64(len(times)))].Milliseconds())
				if got < 0.75*want || got > 1.3*want {
					t.Errorf("quantile %.2f of the page times is %.0f ms, want %.0f within a quarter or so", share, got, want)
				}
			}
		})
	}
}

func TestServerTimesOfAPIs(t *testing.T) {
	quick := 0
	for probe, sum := range figures(t, series(t), end.AddDate(0, 0, -91)) {
		got := mean(sum.Measures[storage.ServerTime])
		if sum.Measures[storage.ServerTime].N == 0 || strings.HasSuffix(probe, "/page") {
			continue
		}
		if got < 5*time.Millisecond || got > 650*time.Millisecond {
			t.Errorf("%s: mean server time %s", probe, got)
		}
		if got < 50*time.Millisecond {
			quick++
		}
	}
	if quick < 8 {
		t.Errorf("only %d APIs are quicker than 50 ms", quick)
	}
}

func TestHistoryTellsOfEveryKindOfTrouble(t *testing.T) {
	type finding struct {
		outcome probes.Outcome
		class   probes.ErrorClass
	}
	zone := paris(t)
	found := make(map[string]map[finding]int)
	all := series(t)
	i := slices.IndexFunc(all, func(s demo.Series) bool { return s.Probe == "attestation-fiscale/ping" })
	all[i].Maintenance = []slo.Maintenance{{Daily: slo.Daily{From: 60, To: 120}}}
	days := make(map[string]int)
	for batch := range demo.History(all, start, end, zone) {
		for _, r := range batch {
			if found[r.Probe] == nil {
				found[r.Probe] = make(map[finding]int)
			}
			found[r.Probe][finding{r.Outcome, r.Class}]++
			days[r.Time.In(zone).Format(time.DateOnly)]++
			if hour := r.Time.In(zone).Hour(); r.Maintenance != (r.Probe == all[i].Probe && hour == 1) {
				t.Fatalf("%s at %s: maintenance %v", r.Probe, r.Time, r.Maintenance)
			}
			if (r.Outcome == probes.Up) != (r.Class == probes.ClassNone) || (r.Detail == "") != (r.Outcome == probes.Up) {
				t.Fatalf("%+v does not agree with itself", r)
			}
			p := r.Phases
			if r.Answered() && (p.Connect <= 0 || p.DNS <= 0 || p.Transfer <= 0 || p.Wait <= 0 || p.Total() > 5*time.Second) {
				t.Fatalf("%s at %s: phases %+v", r.Probe, r.Time, p)
			}
		}
	}
	for probe, want := range map[string]finding{
		"entreprises/recherche":          {probes.Down, probes.ClassStatus},
		"archives/inventaire":            {probes.Down, probes.ClassTimeout},
		"parcelles/contour":              {probes.Down, probes.ClassConnect},
		"permis-construire/recherche":    {probes.Down, probes.ClassConnect},
		"marches-publics/recherche":      {probes.Down, probes.ClassAssertion},
		"annonces-legales/recherche":     {probes.Degraded, probes.ClassAssertion},
		"certificats-energie/recherche":  {probes.Degraded, probes.ClassAssertion},
		"statistiques-locales/recherche": {probes.Unknown, probes.ClassQuota},
		"habilitations/recherche":        {probes.Unknown, probes.ClassRight},
		"attestation-fiscale/ping":       {probes.Unknown, probes.ClassInconclusive},
		"communes/par-code":              {probes.Unknown, probes.ClassLocal},
	} {
		if found[probe][want] == 0 {
			t.Errorf("%s was never %s for %s: %v", probe, want.outcome, want.class, found[probe])
		}
	}
	if n := len(found["habilitations/recherche"]); n > 2 {
		t.Errorf("habilitations: %d findings, it answers 403 always", n)
	}
	if len(days) != 365 {
		t.Errorf("measured on %d days, want all of a year and a day but one", len(days))
	}
}

func TestHistoryIsDated(t *testing.T) {
	for batch := range demo.History(series(t), end.AddDate(0, 0, -60), end, time.UTC) {
		for _, r := range batch {
			age, dated := r.Age()
			switch {
			case r.Probe == "nappes/recherche" && r.Answered() && r.Time.After(end.AddDate(0, 0, -18)):
				if age < 5*24*time.Hour {
					t.Fatalf("data of nappes is %s old at %s: it is stuck", age, r.Time)
				}
			case r.Probe == "observations/recherche" && r.Answered():
				if !dated || age > 10*time.Minute {
					t.Fatalf("data of observations is %s old at %s", age, r.Time)
				}
			case r.Probe == "communes/par-code" && dated:
				t.Fatal("communes carries no date")
			}
		}
	}
}

func BenchmarkHistory(b *testing.B) {
	all := make([]demo.Series, 63)
	for i := range all {
		all[i] = demo.Series{Probe: fmt.Sprintf("service-%d/page", i), Vantage: "v", Demarche: i%2 == 0, Dated: i%3 == 0}
	}
	n := 0
	for b.Loop() {
		for batch := range demo.History(all, start, end, time.UTC) {
			n += len(batch)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(cmp.Or(n, 1)), "ns/result")
}
