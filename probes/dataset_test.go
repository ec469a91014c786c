package probes_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// dataset is what udata answers for a dataset, less what nobody reads here.
const dataset = `{
	"id": "5de8f397634f4164071119c5", "slug": "sirene", "title": "Base Sirene", "acronym": null,
	"frequency": %q, "frequency_date": null, "last_update": "%s", "last_modified": "2026-10-01T09:00:00+00:00",
	"created_at": "2018-10-02T17:10:34.161000+00:00", "private": false, "tags": ["entreprise"],
	"quality": {"score": 0.8, "update_frequency": true},
	"resources": [
		{"id": "aaaa", "title": "Documentation", "last_modified": "2024-01-05T08:00:00.123000+00:00", "extras": {}},
		{"id": "bbbb", "title": "Stock", "last_modified": "2026-11-01T06:30:00.520000+00:00", "extras": {
			"check:available": true, "check:status": 200, "check:date": "2026-11-20T03:00:00+00:00",
			"analysis:last-modified-at": "2026-11-02T05:00:00+00:00", "check:headers": {"a": 1}}}
	]
}`

func udata(t testing.TB, id, answer string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/1/datasets/" + id + "/":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, answer)
		case "/api/1/datasets/gone/":
			w.WriteHeader(http.StatusGone)
			fmt.Fprint(w, `{"message": "Dataset has been deleted"}`)
		default:
			http.NotFound(w, r)
		}
	}) + "/api/1"
}

// catalogued returns a prober of the dataset with the default settings.
func catalogued(t testing.TB, api, id, resource string) *probes.Dataset {
	t.Helper()
	made, ok := probes.NewProber("dataset")
	if !ok {
		t.Fatal("there is no kind dataset")
	}
	d := made.(*probes.Dataset)
	if d.API != "https://www.data.gouv.fr/api/1" {
		t.Errorf("default api %q", d.API)
	}
	d.ID, d.Resource, d.API = id, resource, api
	return d
}

func TestDatasetFacts(t *testing.T) {
	last := time.Now().UTC().Add(-40 * 24 * time.Hour).Truncate(time.Second)
	document := func(frequency string) string {
		return fmt.Sprintf(dataset, frequency, last.Format("2006-01-02T15:04:05.000000+00:00"))
	}
	at := func(t time.Time) string { return t.Format(time.RFC3339) }
	for name, test := range map[string]struct {
		answer, resource string
		date             time.Time
		facts            map[string]any
	}{
		"monthly": {document("monthly"), "", last, map[string]any{
			"title": "Base Sirene", "frequency": "monthly", "last_update": at(last),
			"expected_update": at(last.Add(31 * 24 * time.Hour)), "overdue": true, "check_available": nil,
		}},
		"quarterly":     {document("quarterly"), "", last, map[string]any{"expected_update": at(last.Add(93 * 24 * time.Hour)), "overdue": false}},
		"irregular":     {document("irregular"), "", last, map[string]any{"frequency": "irregular", "expected_update": nil, "overdue": nil}},
		"word of later": {document("sometimes"), "", last, map[string]any{"frequency": "sometimes", "expected_update": nil}},
		"resource": {document("daily"), "bbbb", time.Date(2026, 11, 2, 5, 0, 0, 0, time.UTC), map[string]any{
			"resource_title": "Stock", "resource_last_modified": "2026-11-01T06:30:00Z", "check_available": true, "check_status": int64(200),
			"check_date": "2026-11-20T03:00:00Z", "analysis_last_modified_at": "2026-11-02T05:00:00Z", "check:headers": nil,
		}},
		"resource never analysed": {document("daily"), "aaaa", time.Date(2024, 1, 5, 8, 0, 0, 0, time.UTC), map[string]any{"check_status": nil}},
		"date without a zone":     {`{"frequency": "annual", "last_update": "2026-02-03T04:05:06.789"}`, "", time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), nil},
		"word in an object":       {`{"frequency": {"id": "weekly", "label": "Hebdomadaire"}, "last_update": null}`, "", time.Time{}, map[string]any{"frequency": "weekly"}},
		"wrong types":             {`{"frequency": 7, "title": [], "last_update": {"a": 1}, "resources": "none"}`, "", time.Time{}, map[string]any{"title": nil, "last_update": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			d := catalogued(t, udata(t, "sirene", test.answer), "sirene", test.resource)
			o, err := d.Observe(t.Context(), loopback())
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range test.facts {
				if got := o.Facts[name]; got != want {
					t.Errorf("%s: %#v, want %#v", name, got, want)
				}
			}
			r := run(t, d, loopback())
			expect(t, r, probes.Up, probes.ClassNone)
			if !r.DataTime.Equal(test.date) {
				t.Errorf("date of the data %s, want %s", r.DataTime, test.date)
			}
		})
	}
}

// Where the probe names another date, that one counts.
func TestDatasetFreshnessIsAsTold(t *testing.T) {
	d := catalogued(t, udata(t, "sirene", fmt.Sprintf(dataset, "daily", "2026-11-01T00:00:00+00:00")), "sirene", "")
	r := probes.Probe{Prober: d, Freshness: &probes.Freshness{JSON: "$.created_at"}}.Run(t.Context(), loopback())
	if r.DataTime.Year() != 2018 {
		t.Errorf("date of the data %s", r.DataTime)
	}
}

func TestDatasetFaults(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for name, test := range map[string]struct {
		id, resource, answer string
		class                probes.ErrorClass
		detail               string
	}{
		"deleted":          {"gone", "", "", probes.ClassStatus, "status 410"},
		"unknown":          {"other", "", "", probes.ClassStatus, "status 404"},
		"no such resource": {"sirene", "cccc", fmt.Sprintf(dataset, "daily", ""), probes.ClassAssertion, "no resource cccc any more, of 2"},
		"a page":           {"sirene", "", "<html>", probes.ClassProtocol, "not JSON"},
		"half":             {"sirene", "", `{"frequency": "daily", `, probes.ClassProtocol, "not JSON"},
		"too deep":         {"sirene", "", deep, probes.ClassProtocol, "not JSON"},
		"a list":           {"sirene", "", "[]", probes.ClassProtocol, "not a dataset"},
		"something else":   {"sirene", "", `{"message": "hello"}`, probes.ClassProtocol, "not a dataset"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, catalogued(t, udata(t, "sirene", test.answer), test.id, test.resource), loopback())
			expect(t, r, probes.Down, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
			if !r.DataTime.IsZero() {
				t.Errorf("date of the data %s", r.DataTime)
			}
		})
	}
	r := run(t, catalogued(t, udata(t, "sirene", ""), "sirene", ""), &probes.Vantage{})
	expect(t, r, probes.Unknown, probes.ClassForbidden)
}

func TestDatasetSettings(t *testing.T) {
	for name, test := range map[string]struct {
		dataset *probes.Dataset
		want    string
	}{
		"no id":     {&probes.Dataset{API: "https://a.example"}, "id: required"},
		"path":      {&probes.Dataset{ID: "../users", API: "https://a.example"}, "id: "},
		"resource":  {&probes.Dataset{ID: "a", Resource: "b/c", API: "https://a.example"}, "resource: "},
		"no scheme": {&probes.Dataset{ID: "a", API: "www.data.gouv.fr"}, "api: must begin with"},
		"query":     {&probes.Dataset{ID: "a", API: "https://a.example/?x=1"}, "api: must be an address alone"},
		"user":      {&probes.Dataset{ID: "a", API: "https://u:secret@a.example/"}, "api: must be an address alone"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.dataset.Validate()
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	d := catalogued(t, "https://demo.data.gouv.fr/api/1/", "sirene", "")
	if got := d.Target(); d.Validate() != nil || got != "https://demo.data.gouv.fr/api/1/datasets/sirene/" {
		t.Errorf("target %q", got)
	}
}

// Whatever the catalogue answers, reading it ends, and dates are dates.
func FuzzDataset(f *testing.F) {
	f.Add(fmt.Sprintf(dataset, "daily", "2026-11-01T00:00:00+00:00"))
	f.Add(`{"frequency": null, "resources": [null, {"id": "bbbb", "extras": []}]}`)
	var answer string
	api := serve(f, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) })
	f.Fuzz(func(t *testing.T, text string) {
		answer = text
		d := catalogued(t, api, "sirene", "bbbb")
		o, err := d.Observe(t.Context(), loopback())
		if date, ok := d.DataTime(&o); ok && (err != nil || date.Year() < 1900 || date.Year() > 9999) {
			t.Errorf("date %s, error %v", date, err)
		}
	})
}
