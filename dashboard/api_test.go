package dashboard_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"observatoire/observatory"
	"observatoire/slo"
)

// decoded is an answer of the API as a client without our types reads it.
func decoded[T any](t *testing.T, h http.Handler, path string) T {
	t.Helper()
	w := get(h, path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%s: status %d, %v", path, w.Code, w.Header())
	}
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

type object = map[string]any

func TestServicesSayWhatTheSnapshotSays(t *testing.T) {
	s := sample(40)
	list := decoded[[]object](t, site(t, options(s)), "/api/v1/services")
	if len(list) != len(s.Services) {
		t.Fatalf("%d services, want %d", len(list), len(s.Services))
	}
	for n, got := range list {
		compareService(t, got, s.Services[n])
	}
}

func compareService(t *testing.T, got object, want *observatory.Service) {
	t.Helper()
	for key, value := range (object{"id": want.ID, "kind": string(want.Kind), "name": want.Name, "producer": want.Producer, "state": want.State.String()}) {
		if got[key] != value {
			t.Errorf("%s: %s is %v, want %v", want.ID, key, got[key], value)
		}
	}
	indicators := got["indicators"].([]any)
	if len(indicators) != len(want.Verdicts) {
		t.Fatalf("%s: %d indicators, want %d", want.ID, len(indicators), len(want.Verdicts))
	}
	for n, v := range want.Verdicts {
		compareIndicator(t, want.ID, indicators[n].(object), v)
	}
}

func compareIndicator(t *testing.T, id string, got object, v slo.Verdict) {
	t.Helper()
	want := object{"indicator": string(v.Indicator), "unit": string(v.Indicator.Unit()), "level": v.Level.String(), "window": v.Window.String(),
		"measurements": float64(v.Measurements), "coverage": v.Coverage, "profile": v.Profile, "source": v.Source, "value": nil, "target": nil}
	if v.Measurements > 0 {
		want["value"] = v.Value
	}
	if v.Judged {
		want["target"] = v.Target
	}
	if v.Commitment == nil {
		want["commitment"] = nil
	}
	for key, value := range want {
		if field, there := got[key]; !there || field != value {
			t.Errorf("%s %s: %s is %v, want %v", id, v.Indicator, key, field, value)
		}
	}
	if p := v.Commitment; p != nil {
		c := got["commitment"].(object)
		for key, value := range (object{"target": p.Target, "window": p.Window.String(), "source": p.Source, "seen": p.Seen, "measurements": float64(p.Measurements)}) {
			if c[key] != value {
				t.Errorf("%s: commitment's %s is %v, want %v", id, key, c[key], value)
			}
		}
		if kept, known := c["kept"].(bool); known != p.Judged || known && kept != p.Kept {
			t.Errorf("%s: kept is %v", id, c["kept"])
		}
	}
}

// The fields of a service come in the order in which they are documented.
func TestOrderOfFields(t *testing.T) {
	body := get(site(t, options(sample(3))), "/api/v1/services").Body.String()
	last := -1
	for _, key := range []string{"id", "kind", "name", "producer", "state", "indicators", "indicator", "value", "unit", "level", "target", "window",
		"measurements", "coverage", "profile", "source", "commitment"} {
		at := strings.Index(body, `"`+key+`":`)
		if at <= last {
			t.Errorf("%s is at %d, after %d", key, at, last)
		}
		last = at
	}
}

func TestOneService(t *testing.T) {
	s := sample(20)
	h := site(t, options(s))
	for _, want := range s.Services {
		got := decoded[object](t, h, "/api/v1/services/"+want.ID)
		compareService(t, got, want)
		if n := len(got["days"].([]any)); n != len(want.Strip.Days()) {
			t.Errorf("%s: %d days, want %d", want.ID, n, len(want.Strip.Days()))
		}
		if n := len(got["depends_on"].([]any)); n != len(want.DependsOn) {
			t.Errorf("%s: %d dependencies, want %d", want.ID, n, len(want.DependsOn))
		}
	}
}

func TestServicesAreFiltered(t *testing.T) {
	s := sample(60)
	h := site(t, options(s))
	for query, want := range map[string]func(*observatory.Service) bool{
		"kind=api":                          func(o *observatory.Service) bool { return o.Kind == observatory.API },
		"state=down":                        func(o *observatory.Service) bool { return o.State == observatory.Down },
		"producer=ign":                      func(o *observatory.Service) bool { return o.Producer == "ign" },
		"access=open":                       func(o *observatory.Service) bool { return o.API != nil && o.API.Access == "open" },
		"indicator=availability&level=weak": func(o *observatory.Service) bool { return o.Verdict(slo.Availability).Level == slo.Weak },
		"q=DECOUPAGE":                       func(o *observatory.Service) bool { return strings.Contains(o.Name, "Découpage") },
		"q=impots+en+aucun+cas":             func(*observatory.Service) bool { return false },
		"kind=demarche&state=down&q=&access=": func(o *observatory.Service) bool {
			return o.Kind == observatory.Demarche && o.State == observatory.Down
		},
		"q=carte+identite&kind=demarche&level=": func(o *observatory.Service) bool { return strings.Contains(o.Name, "carte nationale") },
	} {
		var wanted []string
		for _, one := range s.Services {
			if want(one) {
				wanted = append(wanted, one.ID)
			}
		}
		var got []string
		for _, one := range decoded[[]object](t, h, "/api/v1/services?"+query) {
			got = append(got, one["id"].(string))
		}
		if strings.Join(got, " ") != strings.Join(wanted, " ") {
			t.Errorf("%s: %v, want %v", query, got, wanted)
		}
	}
}

func TestSeries(t *testing.T) {
	h := site(t, options(sample(5)))
	for query, want := range map[string]struct {
		points int
		unit   string
	}{
		"": {88, "ratio"}, // 91 days touched, less the gaps of the sample
		"measure=server_time&resolution=1h&from=2026-11-22&to=2026-11-23":                      {24, "seconds"},
		"measure=total&resolution=5m&from=2026-11-22T10:00:00Z&to=2026-11-22T11:00:00%2B00:00": {12, "seconds"},
		"measure=freshness&resolution=1d&from=2026-01-01&to=2026-01-11":                        {10, "seconds"},
	} {
		got := decoded[object](t, h, "/api/v1/services/service-0/series?"+query)
		points := got["points"].([]any)
		if len(points) != want.points || got["unit"] != want.unit {
			t.Errorf("%q: %d points in %v, want %d in %s", query, len(points), got["unit"], want.points, want.unit)
		}
		for _, p := range points {
			point := p.(object)
			if point["value"] == nil || point["time"] == "" || point["measurements"].(float64) <= 0 {
				t.Errorf("%q: %v", query, point)
			}
			if p50, ok := point["p50"].(float64); ok && (p50 < point["min"].(float64) || p50 > point["p99"].(float64) || point["p99"].(float64) > point["max"].(float64)) {
				t.Errorf("%q: percentiles out of order: %v", query, point)
			}
		}
	}
}

func TestAPIErrors(t *testing.T) {
	h := site(t, options(sample(5)))
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"/api/v1/nothing":                                                      {404, "not_found"},
		"/api/v1/services/nothing":                                             {404, "not_found"},
		"/api/v1/services/nothing/series":                                      {404, "not_found"},
		"/api/v1/services?colour=red":                                          {400, "bad_request"},
		"/api/v1/services/service-0?x=1":                                       {400, "bad_request"},
		"/api/v1/incidents?state=closed":                                       {400, "bad_request"},
		"/api/v1/incidents?service=nothing":                                    {404, "not_found"},
		"/api/v1/services/service-0/series?measure=colour":                     {400, "bad_request"},
		"/api/v1/services/service-0/series?from=yesterday":                     {400, "bad_request"},
		"/api/v1/services/service-0/series?from=2026-11-02&to=2026-11-01":      {400, "bad_request"},
		"/api/v1/services/service-0/series?resolution=5m&from=2020-01-01":      {400, "bad_request"},
		"/api/v1/services/service-0/series?from=0001-01-01":                    {400, "bad_request"},
		"/api/v1/services/service-0/series?from=-292277022399-01-01T00:00:00Z": {400, "bad_request"},
	} {
		w := get(h, path)
		var got struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Errorf("%s: %v: %s", path, err, w.Body)
		}
		if w.Code != want.status || got.Error.Code != want.code || got.Error.Message == "" {
			t.Errorf("%s: status %d, %+v", path, w.Code, got.Error)
		}
	}
}

func TestIncidents(t *testing.T) {
	s := sample(20)
	h := site(t, options(s))
	all := decoded[[]object](t, h, "/api/v1/incidents")
	if len(all) != len(s.Incidents) {
		t.Fatalf("%d incidents, want %d", len(all), len(s.Incidents))
	}
	open := 0
	for n, i := range s.Incidents {
		if (all[n]["end"] == nil) != i.Open() || all[n]["service"] != i.Service || all[n]["cause"] != i.Class {
			t.Errorf("incident %d: %v", i.ID, all[n])
		}
		if i.Open() {
			open++
		}
	}
	if got := decoded[[]object](t, h, "/api/v1/incidents?state=open"); len(got) != open || open == 0 {
		t.Errorf("%d open incidents, want %d", len(got), open)
	}
}
