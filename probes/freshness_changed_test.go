package probes_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"observatoire/probes"
)

var sightAt = time.Date(2026, time.August, 21, 10, 0, 0, 0, time.UTC)

// answer is one in a row: so long after the first, with this body.
type answer struct {
	after time.Duration
	body  string
	etag  string
	want  time.Duration // the date, after the first answer; -1 for none
}

func TestChanged(t *testing.T) {
	const unknown = -1
	for name, test := range map[string]struct {
		freshness *probes.Freshness
		answers   []answer
	}{
		"body": {&probes.Freshness{Changed: true}, []answer{
			{0, "a", "", unknown}, {time.Hour, "a", "", unknown}, {2 * time.Hour, "b", "", 2 * time.Hour},
			{3 * time.Hour, "b", "", 2 * time.Hour}, {4 * time.Hour, "a", "", 4 * time.Hour}, {5 * time.Hour, "", "", 5 * time.Hour},
		}},
		"overdue before any change": {&probes.Freshness{Changed: true, MaxAge: time.Hour}, []answer{
			{0, "a", "", unknown}, {time.Hour, "a", "", unknown}, {time.Hour + 1, "a", "", 0}, {2 * time.Hour, "b", "", 2 * time.Hour},
		}},
		"part": {&probes.Freshness{Changed: true, JSON: "$.data"}, []answer{
			{0, `{"now": 1, "data": {"a": 1, "b": [2]}}`, "", unknown}, {time.Hour, `{"data": {"b": [2], "a": 1}, "now": 2}`, "", unknown},
			{2 * time.Hour, `{"now": 2}`, "", unknown}, {3 * time.Hour, "<html>", "", unknown}, // no content, no change
			{4 * time.Hour, `{"now": 3, "data": {"a": 1, "b": [3]}}`, "", 4 * time.Hour},
		}},
		"order of nodes": {&probes.Freshness{Changed: true, JSON: "$[*]"}, []answer{
			{0, `["ab", "c"]`, "", unknown}, {time.Hour, `["a", "bc"]`, "", time.Hour},
		}},
		"header": {&probes.Freshness{Changed: true, Header: "ETag"}, []answer{
			{0, "1", "x", unknown}, {time.Hour, "2", "x", unknown}, {2 * time.Hour, "2", "y", 2 * time.Hour}, {3 * time.Hour, "2", "", unknown},
		}},
		"xml": {&probes.Freshness{Changed: true, XML: "//v"}, []answer{
			{0, "<a><v>1</v></a>", "", unknown}, {time.Hour, "<a>x<v>1</v></a>", "", unknown}, {2 * time.Hour, "<a><v>2</v></a>", "", 2 * time.Hour},
		}},
		"csv": {&probes.Freshness{Changed: true, CSV: &probes.CSVColumn{Column: "v"}}, []answer{
			{0, "t,v\n1,2", "", unknown}, {time.Hour, "t,v\n2,2", "", unknown}, {2 * time.Hour, "t,v\n2,3", "", 2 * time.Hour},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.freshness.Validate(); err != nil {
				t.Fatal(err)
			}
			for i, a := range test.answers {
				o := &probes.Observation{Time: sightAt.Add(a.after), Body: []byte(a.body), Header: http.Header{}}
				if a.etag != "" {
					o.Header.Set("ETag", a.etag)
				}
				date, err := test.freshness.Date(o)
				if a.want == unknown {
					if err == nil || !date.IsZero() {
						t.Errorf("answer %d: %s, want no date", i, date)
					}
					continue
				}
				if err != nil || !date.Equal(sightAt.Add(a.want)) {
					t.Errorf("answer %d: %s, want %s (%v)", i, date, sightAt.Add(a.want), err)
				}
			}
		})
	}
}

func TestChangedSaysSince(t *testing.T) {
	f := &probes.Freshness{Changed: true}
	_, err := f.Date(&probes.Observation{Time: sightAt})
	if err == nil || err.Error() != "not known yet: no change since it was first seen, at 2026-08-21T10:00:00Z" {
		t.Error(err)
	}
}

// Two probes have nothing in common, and one may run twice at a time.
func TestChangedAtOnce(t *testing.T) {
	f, other := &probes.Freshness{Changed: true}, &probes.Freshness{Changed: true}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for n := range 20 {
				f.Date(&probes.Observation{Time: sightAt.Add(time.Duration(n)), Body: []byte{byte(i)}})
			}
		})
	}
	all.Wait()
	if _, err := f.Date(&probes.Observation{Time: sightAt, Body: []byte("other")}); err != nil {
		t.Error(err)
	}
	if _, err := other.Date(&probes.Observation{Time: sightAt}); err == nil {
		t.Error("a probe knows what another saw")
	}
}

// A path may select each part of a deep document over and over.
func TestChangedIsBounded(t *testing.T) {
	const depth = 500
	body := strings.Repeat("[", depth) + `"` + strings.Repeat("x", 1_000_000) + `"` + strings.Repeat("]", depth)
	f := &probes.Freshness{Changed: true, JSON: "$..*"}
	began := time.Now()
	if _, err := f.Date(&probes.Observation{Time: sightAt, Body: []byte(body)}); err == nil || !strings.Contains(err.Error(), "selects more than") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
}
