package probes_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"observatoire/probes"
)

func TestDue(t *testing.T) {
	for name, test := range map[string]struct {
		limit *probes.Freshness
		data  string
		want  string // empty: not judged
		words string
	}{
		"nothing":         {&probes.Freshness{}, "2026-08-21T15:00:00Z", "", "no period declared"},
		"max_age":         {&probes.Freshness{MaxAge: 36 * time.Hour}, "2026-08-21T15:00:00Z", "2026-08-23T03:00:00Z", "at most 36h0m0s declared"},
		"daily":           {&probes.Freshness{Frequency: "daily"}, "2026-08-21T15:00:00Z", "2026-08-23T15:00:00Z", "daily declared, a day late let pass"},
		"hourly":          {&probes.Freshness{Frequency: "hourly"}, "2026-08-21T15:00:00Z", "2026-08-22T16:00:00Z", "hourly declared, a day late let pass"},
		"twice a week":    {&probes.Freshness{Frequency: "semiweekly"}, "2026-08-21T15:00:00Z", "2026-08-29T15:00:00Z", "semiweekly declared, a day late let pass"},
		"quarterly":       {&probes.Freshness{Frequency: "quarterly"}, "2026-08-21T15:00:00Z", "2026-11-23T15:00:00Z", "quarterly declared, a day late let pass"},
		"twice a year":    {&probes.Freshness{Frequency: "semiannual"}, "2026-08-21T15:00:00Z", "2027-08-22T15:00:00Z", "semiannual declared, a day late let pass"},
		"older word":      {&probes.Freshness{Frequency: "fortnighly"}, "2026-08-21T15:00:00Z", "2026-09-05T15:00:00Z", "fortnighly declared, a day late let pass"},
		"no check":        {&probes.Freshness{Frequency: "continuous"}, "2026-08-21T15:00:00Z", "", "continuous declared: not judged"},
		"one working day": {&probes.Freshness{WorkingDays: 1}, "2026-08-21T15:00:00Z", "2026-08-24T22:00:00Z", "at most 1 working days declared"},
		"night in Paris":  {&probes.Freshness{WorkingDays: 1}, "2026-08-20T22:30:00Z", "2026-08-24T22:00:00Z", "at most 1 working days declared"},
		"Christmas":       {&probes.Freshness{WorkingDays: 1}, "2026-12-24T15:00:00Z", "2026-12-28T23:00:00Z", "at most 1 working days declared"},
		"Good Friday":     {&probes.Freshness{WorkingDays: 1}, "2026-04-02T15:00:00Z", "2026-04-03T22:00:00Z", "at most 1 working days declared"},
		"in Strasbourg":   {&probes.Freshness{WorkingDays: 1, AlsaceMoselle: true}, "2026-04-02T15:00:00Z", "2026-04-07T22:00:00Z", "at most 1 working days declared"},
	} {
		t.Run(name, func(t *testing.T) {
			f := test.limit
			f.Header = "Date"
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			data, err := time.Parse(time.RFC3339, test.data)
			if err != nil {
				t.Fatal(err)
			}
			due, judged := f.Due(data)
			if judged != (test.want != "") || judged && due.UTC().Format(time.RFC3339) != test.want {
				t.Errorf("due %s (%t), want %q", due.UTC(), judged, test.want)
			}
			if f.Limit() != test.words {
				t.Errorf("limit %q, want %q", f.Limit(), test.words)
			}
		})
	}
}

// Newer data is never due before older data, and none before its own date.
func TestDueGrowsWithTheDate(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := &probes.Freshness{}
		switch rapid.IntRange(0, 2).Draw(rt, "limit") {
		case 0:
			f.MaxAge = time.Duration(rapid.Int64Range(1, 1e18).Draw(rt, "age"))
		case 1:
			f.Frequency = rapid.SampledFrom([]probes.Frequency{"oneMinute", "daily", "monthly", "tridecennial"}).Draw(rt, "word")
		case 2:
			f.WorkingDays = rapid.IntRange(1, 1000).Draw(rt, "days")
		}
		older := time.Unix(rapid.Int64Range(-2e9, 2e11).Draw(rt, "date"), 0)
		newer := older.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(rt, "later")))
		first, ok := f.Due(older)
		second, ok2 := f.Due(newer)
		if !ok || !ok2 || !first.After(older) || second.Before(first) {
			rt.Fatalf("%s is due %s and %s is due %s", older, first, newer, second)
		}
	})
}
