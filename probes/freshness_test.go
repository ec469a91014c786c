package probes_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones, on a machine without them

	"observatoire/probes"
)

func dateOf(t testing.TB, node string) (time.Time, error) {
	t.Helper()
	return (&probes.Freshness{JSON: "$.d"}).Date(&probes.Observation{Body: []byte(`{"d": ` + node + `}`)})
}

func TestDates(t *testing.T) {
	for node, want := range map[string]string{ // in UTC; France is one hour ahead in winter, two in summer
		`"2026-08-21T10:20:30Z"`:           "2026-08-21T10:20:30Z",
		`"2026-08-21T10:20:30.250+02:00"`:  "2026-08-21T08:20:30.25Z",
		`"2026-08-21T10:20:30+0200"`:       "2026-08-21T08:20:30Z",
		`"2026-08-21T10:20+02:00"`:         "2026-08-21T08:20:00Z",
		`"2026-08-21 10:20:30+02:00"`:      "2026-08-21T08:20:30Z",
		`"2026-08-21T10:20:30"`:            "2026-08-21T08:20:30Z",
		`"2026-01-21T10:20:30.5"`:          "2026-01-21T09:20:30.5Z",
		`"2026-08-21T10:20"`:               "2026-08-21T08:20:00Z",
		`"2026-08-21 10:20:30"`:            "2026-08-21T08:20:30Z",
		`"2026-08-21"`:                     "2026-08-20T22:00:00Z",
		`"21/08/2026"`:                     "2026-08-20T22:00:00Z",
		`"21/08/2026 10:20"`:               "2026-08-21T08:20:00Z",
		`"Fri, 21 Aug 2026 10:20:30 GMT"`:  "2026-08-21T10:20:30Z",
		`"Friday, 21-Aug-26 10:20:30 GMT"`: "2026-08-21T10:20:30Z",
		`"Fri Aug 21 10:20:30 2026"`:       "2026-08-21T10:20:30Z",
		`1787307630`:                       "2026-08-21T10:20:30Z",
		`1787307630.5`:                     "2026-08-21T10:20:30.5Z",
		`1787307630250`:                    "2026-08-21T10:20:30.25Z",
		`" 1787307630 "`:                   "2026-08-21T10:20:30Z",
		`"2026-03-29T02:30:00"`:            "2026-03-29T01:30:00Z", // an hour that France skips
		`""`:                               "", `"demain"`: "", `"2026-13-01"`: "", `"0001-01-01"`: "", `20260821`: "", `0`: "", `-5`: "", `1e300`: "",
		`1e999`: "", `"NaN"`: "", `null`: "", `true`: "", `{}`: "", `[]`: "",
	} {
		got, err := dateOf(t, node)
		if want == "" {
			if err == nil {
				t.Errorf("%s is %s, want an error", node, got)
			}
			continue
		}
		if err != nil || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s is %s, want %s (%v)", node, got.UTC().Format(time.RFC3339Nano), want, err)
		}
	}
}

func TestFreshness(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Fri, 21 Aug 2026 10:20:30 GMT")
		io.WriteString(w, `{"data": [{"at": "2026-08-20"}, {"at": null}, {"at": "2026-08-22T00:00:00Z"}, {"at": "2026-08-21"}], "none": "x"}`)
	})
	for name, test := range map[string]struct {
		freshness probes.Freshness
		want      string
		detail    string
	}{
		"header":         {probes.Freshness{Header: "last-modified"}, "2026-08-21T10:20:30Z", ""},
		"newest":         {probes.Freshness{JSON: "$.data[*].at"}, "2026-08-22T00:00:00Z", ""},
		"no header":      {probes.Freshness{Header: "X-Date"}, "0001-01-01T00:00:00Z", "no header X-Date"},
		"no date":        {probes.Freshness{JSON: "$.none"}, "0001-01-01T00:00:00Z", `"x" is not a date`},
		"selects nought": {probes.Freshness{JSON: "$.other"}, "0001-01-01T00:00:00Z", "selects nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.freshness.Validate(); err != nil {
				t.Fatal(err)
			}
			r := probes.Probe{Prober: get(t, url), Freshness: &test.freshness}.Run(t.Context(), loopback())
			expect(t, r, probes.Up, probes.ClassNone)
			if got := r.DataTime.UTC().Format(time.RFC3339); got != test.want {
				t.Errorf("date %s, want %s", got, test.want)
			}
			c := r.Checks[len(r.Checks)-1]
			if c.Critical || c.Passed != (test.detail == "") || !strings.HasPrefix(c.Assertion, "freshness") || !strings.Contains(c.Detail, test.detail) {
				t.Errorf("check %+v, want %q", c, test.detail)
			}
		})
	}
	t.Run("down", func(t *testing.T) {
		r := probes.Probe{Prober: get(t, url), Freshness: &probes.Freshness{Header: "Last-Modified"},
			Expectations: critical(probes.Status{500})}.Run(t.Context(), loopback())
		if !r.DataTime.IsZero() {
			t.Error("an answer that is wrong has a date")
		}
	})
}

func FuzzDates(f *testing.F) {
	for _, text := range []string{"2026-08-21", "1787307630", "1e10", "21/08/2026 10:20", "Fri, 21 Aug 2026 10:20:30 GMT", "9999-12-31T23:59:59-23:59"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		date, err := dateOf(t, string(quoted))
		if (err == nil) == date.IsZero() {
			t.Fatalf("%q: date %s and error %v", text, date, err)
		}
		if err != nil {
			return
		}
		if date.Year() < 1900 || date.Year() > 9999 {
			t.Errorf("%q is in the year %d", text, date.Year())
		}
		again, err := dateOf(t, fmt.Sprintf("%q", date.Format(time.RFC3339Nano)))
		if err != nil || !again.Equal(date) {
			t.Errorf("%q is %s, read again %s (%v)", text, date, again, err)
		}
	})
}
