package probes_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the zones, on a machine without them

	"pgregory.net/rapid"

	"observatoire/probes"
)

func dateOf(t testing.TB, node string) (time.Time, error) {
	t.Helper()
	return (&probes.Freshness{JSON: "$.d"}).Date(&probes.Observation{Body: []byte(`{"d": ` + node + `}`)})
}

func quoted(t testing.TB, text string) string {
	t.Helper()
	q, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(q)
}

func TestDates(t *testing.T) {
	for node, want := range map[string]string{ // in UTC; France is one hour ahead in winter, two in summer
		`"2026-08-21T10:20:30Z"`:                    "2026-08-21T10:20:30Z",
		`"2026-08-21T10:20:30z"`:                    "2026-08-21T10:20:30Z",
		`"2026-08-21T10:20:30.250+02:00"`:           "2026-08-21T08:20:30.25Z",
		`"2026-08-21T10:20:30,250+02:00"`:           "2026-08-21T08:20:30.25Z",
		`"2026-08-21T10:20:30+0200"`:                "2026-08-21T08:20:30Z",
		`"2026-08-21T10:20:30-03"`:                  "2026-08-21T13:20:30Z",
		`"2026-08-21T10:20+02:00"`:                  "2026-08-21T08:20:00Z",
		`"2026-08-21T10:20:30+02:00[Europe/Paris]"`: "2026-08-21T08:20:30Z",
		`"2026-08-21 10:20:30+02:00"`:               "2026-08-21T08:20:30Z",
		`"2026-08-21 10:20:30.123456+00"`:           "2026-08-21T10:20:30.123456Z",
		`"2026-08-21 10:20:30 +0200"`:               "2026-08-21T08:20:30Z",
		`"2026-08-21 10:20:30 UTC"`:                 "2026-08-21T10:20:30Z",
		`"2026-08-21T10:20:30"`:                     "2026-08-21T08:20:30Z",
		`"2026-01-21T10:20:30.5"`:                   "2026-01-21T09:20:30.5Z",
		`"2026-08-21T10:20"`:                        "2026-08-21T08:20:00Z",
		`"2026-08-21 10:20:30"`:                     "2026-08-21T08:20:30Z",
		`"2026/08/21 10:20"`:                        "2026-08-21T08:20:00Z",
		`"2026-08-21"`:                              "2026-08-20T22:00:00Z",
		`"2026-08-21Z"`:                             "2026-08-21T00:00:00Z",
		`"2026-08-21-04:00"`:                        "2026-08-21T04:00:00Z",
		`"2026-08"`:                                 "2026-07-31T22:00:00Z",
		`20260821`:                                  "2026-08-20T22:00:00Z",
		`"20260821"`:                                "2026-08-20T22:00:00Z",
		`"20260821102030"`:                          "2026-08-21T08:20:30Z",
		`"20260821T102030Z"`:                        "2026-08-21T10:20:30Z",
		`"20260821T102030+0200"`:                    "2026-08-21T08:20:30Z",
		`"21/08/2026"`:                              "2026-08-20T22:00:00Z",
		`"1/8/2026"`:                                "2026-07-31T22:00:00Z",
		`"21/08/2026 10:20"`:                        "2026-08-21T08:20:00Z",
		`"21/08/2026 à 10h20"`:                      "2026-08-21T08:20:00Z",
		`"21/08/2026 10:20:30 CET"`:                 "2026-08-21T09:20:30Z",
		`"21-08-2026"`:                              "2026-08-20T22:00:00Z",
		`"21.08.2026 10:20:30"`:                     "2026-08-21T08:20:30Z",
		`"Fri, 21 Aug 2026 10:20:30 GMT"`:           "2026-08-21T10:20:30Z",
		`"Fri, 21 Aug 2026 10:20:30 +0200"`:         "2026-08-21T08:20:30Z",
		`"Fri, 21 Aug 2026 10:20:30 EDT"`:           "2026-08-21T14:20:30Z",
		`"21 Aug 26 10:20 UT"`:                      "2026-08-21T10:20:00Z",
		`"21 Aug 2026 10:20:30"`:                    "2026-08-21T08:20:30Z",
		`"Friday, 21-Aug-26 10:20:30 GMT"`:          "2026-08-21T10:20:30Z",
		`"Fri, 21-Aug-2026 10:20:30 GMT"`:           "2026-08-21T10:20:30Z",
		`"Fri Aug 21 10:20:30 2026"`:                "2026-08-21T10:20:30Z",
		`"Sat Aug  1 10:20:30 2026"`:                "2026-08-01T10:20:30Z",
		`"1er août 2026"`:                           "2026-07-31T22:00:00Z",
		`"vendredi 21 août 2026 à 10h20"`:           "2026-08-21T08:20:00Z",
		`"21 févr. 2026"`:                           "2026-02-20T23:00:00Z",
		`"3 DÉCEMBRE 2026"`:                         "2026-12-02T23:00:00Z",
		`1787307630`:                                "2026-08-21T10:20:30Z",
		`1787307630.5`:                              "2026-08-21T10:20:30.5Z",
		`1.78730763e9`:                              "2026-08-21T10:20:30Z",
		`1787307630250`:                             "2026-08-21T10:20:30.25Z",
		`" 1787307630 "`:                            "2026-08-21T10:20:30Z",
		`"2026-03-29T02:30:00"`:                     "2026-03-29T01:30:00Z", // an hour that France skips
		`"2026-10-25T02:30:00"`:                     "2026-10-25T00:30:00Z", // one that it has twice: the first
		`"2026-10-25T03:00:00"`:                     "2026-10-25T02:00:00Z",
		`"2026-10-25T02:30:00+01:00"`:               "2026-10-25T01:30:00Z",
	} {
		got, err := dateOf(t, node)
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s is %s, want %s (%v)", node, got.Format(time.RFC3339Nano), want, err)
		}
	}
}

func TestNoDates(t *testing.T) {
	for _, node := range []string{
		`""`, `" "`, `"demain"`, `"2026-13-01"`, `"2026-02-30"`, `"31/02/2026"`, `"08/21/2026"`, `"0001-01-01"`, `"1899-12-31"`,
		`0`, `-5`, `7`, `2026`, `20261301`, `123456789012345`, `1e300`, `1e999`, `"NaN"`, `"Inf"`, `"0x7fffffff"`, `null`, `true`, `{}`, `[]`,
		`"21/08/26"`, `"2026-08-21T10:20:30 BST"`, `"2026-08-21T10:20:30+99:00"`, `"2026-08-21T25:00:00"`, `"Fri"`, `"août 2026"`, `"Z"`, `"+"`, `"["`, `"]"`, `"[]"`,
		`"21 Aug 2026 10:20:30 +"`, `"10:20:30"`, `"2026-08-21T10:20:30Z and more"`,
		quoted(t, string(make([]byte, 1<<20))),
	} {
		if got, err := dateOf(t, node); err == nil {
			t.Errorf("%.40s is %s, want an error", node, got)
		}
	}
}

// However an instant is written, it is read again.
func TestDatesReadAgain(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]time.Duration{ // to their precision
		time.RFC3339: time.Second, time.RFC3339Nano: 1, "2006-01-02T15:04:05Z0700": time.Second, "2006-01-02 15:04:05-07": time.Second,
		time.RFC1123Z: time.Second, "2 Jan 2006 15:04 -0700": time.Minute, "20060102T150405Z0700": time.Second, "02/01/2006 15:04:05 -07:00": time.Second,
	}
	rapid.Check(t, func(rt *rapid.T) {
		want := time.Unix(rapid.Int64Range(-1.8e9, 2.5e11).Draw(rt, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(rt, "nanoseconds"))
		zone := time.FixedZone("", 3600*rapid.IntRange(-12, 14).Draw(rt, "zone"))
		for form, precision := range forms {
			text := want.In(zone).Format(form)
			got, err := dateOf(t, quoted(t, text))
			if err != nil || got.Truncate(precision) != want.UTC().Truncate(precision) {
				rt.Fatalf("%s is read as %s, want %s (%v)", text, got, want.UTC(), err)
			}
		}
		if wall := want.In(paris).Truncate(time.Second); want.Year() > 1976 { // whole minutes, and no other rules
			const form = "2006-01-02 15:04:05"
			got, err := dateOf(t, quoted(t, wall.Format(form)))
			if err != nil || got.In(paris).Format(form) != wall.Format(form) || got.After(wall) {
				rt.Fatalf("%s is read as %s (%v)", wall.Format(form), got.In(paris), err)
			}
		}
	})
}

func FuzzDates(f *testing.F) {
	for _, text := range []string{
		"2026-08-21", "1787307630", "1e10", "21/08/2026 10:20", "Fri, 21 Aug 2026 10:20:30 GMT", "9999-12-31T23:59:59-23:59", "1900-01-01",
		"1er août 2026 à 10h20", "20260821T102030+0200", "2026-08-21T10:20:30+02:00[Europe/Paris]", "Fri Aug 21 10:20:30 2026", "21 Aug 26 10:20 EST",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		date, err := dateOf(t, quoted(t, text))
		if (err == nil) == date.IsZero() {
			t.Fatalf("%q: date %s and error %v", text, date, err)
		}
		if err != nil {
			return
		}
		if date.Year() < 1900 || date.Year() > 9999 || date.Location() != time.UTC {
			t.Errorf("%q is %s", text, date)
		}
		again, err := dateOf(t, fmt.Sprintf("%q", date.Format(time.RFC3339Nano)))
		if err != nil || !again.Equal(date) {
			t.Errorf("%q is %s, read again %s (%v)", text, date, again, err)
		}
	})
}
