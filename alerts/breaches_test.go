package alerts_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/observatory"
	"observatoire/slo"
)

func TestFind(t *testing.T) {
	s := snapshot(3, outage(1, 0), availability(0.9812, slo.Weak, pledge(0.9931, true)), freshness(90_000, slo.Weak, true, 1))
	found := alerts.Find(s)
	if len(found.Unsaid) != 0 {
		t.Errorf("unsaid %v", found.Unsaid)
	}
	byKey := make(map[string]alerts.Alert)
	var keys []string
	for _, a := range found.Firing {
		byKey[a.Key] = a
		keys = append(keys, a.Key)
		if a.State != alerts.Firing || a.Service != "api-geo" || a.ServiceName != "API Géo" || a.Producer != "DINUM" || !a.Time.Equal(s.Time) {
			t.Errorf("%+v", a)
		}
		if !slices.Equal(a.Affected, []string{"carte-grise"}) || !slices.Equal(a.AffectedNames, []string{"Demander une carte grise"}) {
			t.Errorf("%s: affected %q, %q", a.Key, a.Affected, a.AffectedNames)
		}
	}
	want := []string{"outage/" + probeID, "level/api-geo/availability", "commitment/api-geo/availability", "staleness/api-geo"}
	if !slices.Equal(keys, want) {
		t.Fatalf("keys %q, want %q", keys, want)
	}
	if a := byKey[want[0]]; !a.Start.Equal(start.Add(time.Minute)) || a.Cause != "timeout" || a.Detail != "no answer within 5s" || a.Probe != probeID {
		t.Errorf("outage %+v", a)
	}
	if a := byKey[want[1]]; a.Value != 0.9812 || a.Target != 0.985 || a.Unit != "ratio" || a.Window != "P90D" || a.Measurements != 25_920 || a.Profile != "dinum-api" || a.Source != "DINUM" {
		t.Errorf("level %+v", a)
	}
	if a := byKey[want[2]]; a.Value != 0.9931 || a.Target != 0.995 || a.Window != "P1M" || a.Measurements != 6000 || a.Source != "https://example.fr/sla" {
		t.Errorf("commitment %+v", a)
	}
	if a := byKey[want[3]]; a.Value != 90_000 || a.Target != 21_600 || a.Unit != "seconds" || a.Kind != alerts.Staleness {
		t.Errorf("staleness %+v", a)
	}
}

func TestFindOneOutageForSeveralVantagePoints(t *testing.T) {
	found := alerts.Find(snapshot(5, outage(3, 0), outage(1, 0), outage(2, 0)))
	if len(found.Firing) != 1 || !found.Firing[0].Start.Equal(start.Add(time.Minute)) {
		t.Errorf("%+v, want one since the earliest", found.Firing)
	}
}

// TestTransitions holds sequences of snapshots against what is told of them.
func TestTransitions(t *testing.T) {
	const (
		out   = "outage/" + probeID
		level = "level/api-geo/availability"
		word  = "commitment/api-geo/availability"
		stale = "staleness/api-geo"
	)
	weak := availability(0.98, slo.Weak, nil)
	tests := map[string]struct {
		snapshots []*observatory.Snapshot
		want      []string
	}{
		"quiet":              {[]*observatory.Snapshot{snapshot(0, availability(0.9995, slo.Optimal, pledge(0.9995, true)))}, nil},
		"partial is no news": {[]*observatory.Snapshot{snapshot(0, availability(0.99, slo.Partial, nil))}, nil},
		"outage and its end": {[]*observatory.Snapshot{snapshot(0), snapshot(1, outage(0, 0)), snapshot(2, outage(0, 0)), snapshot(3, outage(0, 2))},
			[]string{out + " firing", out + " resolved"}},
		"out again meanwhile": {[]*observatory.Snapshot{snapshot(1, outage(0, 0)), snapshot(6, outage(4, 0), outage(0, 3))},
			[]string{out + " firing", out + " resolved", out + " firing"}},
		"its start is found to be earlier": {[]*observatory.Snapshot{snapshot(5, outage(4, 0)), snapshot(6, outage(3, 0), outage(1, 2))},
			[]string{out + " firing"}},
		"one vantage point sees it end, another does not": {[]*observatory.Snapshot{snapshot(1, outage(0, 0)), snapshot(6, outage(2, 0), outage(0, 5))},
			[]string{out + " firing"}},
		"no new outage in maintenance": {[]*observatory.Snapshot{snapshot(1, outage(0, 0), state(observatory.Maintenance)), snapshot(2, outage(0, 1))}, nil},
		"after maintenance": {[]*observatory.Snapshot{snapshot(1, outage(0, 0), state(observatory.Maintenance)), snapshot(2, outage(0, 0), state(observatory.Down))},
			[]string{out + " firing"}},
		"maintenance ends no outage": {[]*observatory.Snapshot{snapshot(1, outage(0, 0)), snapshot(2, outage(0, 0), state(observatory.Maintenance)), snapshot(3, outage(0, 0))},
			[]string{out + " firing"}},
		"level": {[]*observatory.Snapshot{snapshot(0, weak), snapshot(1, availability(0.985, slo.Partial, nil)), snapshot(2, weak)},
			[]string{level + " firing", level + " resolved", level + " firing"}},
		"pending keeps what fires":    {[]*observatory.Snapshot{snapshot(0, weak), snapshot(1, availability(0, slo.Pending, nil)), snapshot(2, weak)}, []string{level + " firing"}},
		"pending keeps what is quiet": {[]*observatory.Snapshot{snapshot(0, availability(0.5, slo.Pending, pledge(0.5, false)))}, nil},
		"commitment": {[]*observatory.Snapshot{snapshot(0, availability(0.99, slo.Partial, pledge(0.99, true))), snapshot(1, availability(0.99, slo.Partial, pledge(0.5, false))), snapshot(2, availability(0.9951, slo.Partial, pledge(0.9951, true)))},
			[]string{word + " firing", word + " resolved"}},
		"commitment withdrawn": {[]*observatory.Snapshot{snapshot(0, availability(0.99, slo.Partial, pledge(0.99, true))), snapshot(1, availability(0.99, slo.Partial, nil))},
			[]string{word + " firing", word + " resolved"}},
		"staleness": {[]*observatory.Snapshot{snapshot(0, freshness(90_000, slo.Weak, true, 1)), snapshot(1, freshness(0, slo.Pending, false, 0)), snapshot(2, freshness(60, slo.Optimal, true, 1))},
			[]string{stale + " firing", stale + " resolved"}},
		"age no longer declared": {[]*observatory.Snapshot{snapshot(0, freshness(90_000, slo.Weak, true, 1)), snapshot(1, freshness(90_000, slo.Pending, false, 1))},
			[]string{stale + " firing", stale + " resolved"}},
		"indicator no longer measured": {[]*observatory.Snapshot{snapshot(0, weak), snapshot(1)}, []string{level + " firing", level + " resolved"}},
		"blind, and seeing again":      {[]*observatory.Snapshot{snapshot(1, blind(0)), snapshot(2, blind(0)), snapshot(3)}, []string{"blind firing", "blind resolved"}},
		"service gone": {[]*observatory.Snapshot{snapshot(0, weak, outage(0, 0)), snapshot(1, outage(0, 0), without("api-geo"))},
			[]string{out + " firing", level + " firing", level + " resolved", out + " resolved"}},
		"no snapshot yet, or an empty one, says nothing": {[]*observatory.Snapshot{nil, snapshot(0, weak), {Time: start}, nil, snapshot(4, weak)}, []string{level + " firing"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ops := &receiver{}
				stop := run(t, newBooks(), inTurn(test.snapshots...), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: ops})
				time.Sleep(time.Duration(len(test.snapshots)+1) * time.Minute)
				stop()
				if got := ops.told(); !slices.Equal(got, test.want) {
					t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
				}
			})
		})
	}
}

// TestEnds looks at what the end of a breach says.
func TestEnds(t *testing.T) {
	weak := availability(0.98, slo.Weak, nil)
	tests := map[string]struct {
		before, after *observatory.Snapshot
		check         func(a alerts.Alert) bool
	}{
		"end and cause of an outage": {snapshot(1, outage(0, 0)), snapshot(9, outage(0, 7)), func(a alerts.Alert) bool {
			return a.Start.Equal(start) && a.End.Equal(start.Add(7*time.Minute)) && a.Cause == "timeout" && a.Detail == "no answer within 5s"
		}},
		"present value": {snapshot(1, weak), snapshot(9, availability(0.986, slo.Partial, nil)), func(a alerts.Alert) bool {
			return a.Start.Equal(start.Add(time.Minute)) && a.End.Equal(start.Add(9*time.Minute)) && a.Value == 0.986 && a.Target == 0.985
		}},
		"link": {snapshot(1, weak), snapshot(9), func(a alerts.Alert) bool {
			return a.URL == "https://observatoire.example.fr/apis/api-geo"
		}},
		"service gone": {snapshot(1, weak), snapshot(9, without("api-geo")), func(a alerts.Alert) bool {
			return strings.Contains(a.Detail, "catalogue") && a.ServiceName == "API Géo" && a.URL != ""
		}},
		"blind": {snapshot(1, blind(0)), snapshot(9), func(a alerts.Alert) bool {
			return a.Start.Equal(start) && a.End.Equal(start.Add(9*time.Minute)) && a.Detail == "" && a.Service == ""
		}},
		"probe gone": {snapshot(1, outage(0, 0)), snapshot(9, func(_ *observatory.Snapshot, s *observatory.Service) { s.Probes = nil }), func(a alerts.Alert) bool {
			return strings.Contains(a.Detail, "probe")
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ops := &receiver{}
				stop := run(t, newBooks(), inTurn(test.before, test.after), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: ops})
				time.Sleep(3 * time.Minute)
				stop()
				got := ops.notices()
				if len(got) != 2 || got[1].alert.State != alerts.Resolved || !test.check(got[1].alert) {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}
