package calendar_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the zones, on a machine without them

	"pgregory.net/rapid"

	"observatoire/calendar"
)

func day(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEaster(t *testing.T) {
	known := []string{
		"1818-03-22", "1886-04-25", "1913-03-23", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19", "2000-04-23", "2001-04-15",
		"2008-03-23", "2011-04-24", "2016-03-27", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31",
		"2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22",
	}
	for _, text := range known {
		want := day(t, text)
		if got := calendar.Easter(want.Year()); !got.Equal(want) {
			t.Errorf("%s, want %s", got.Format(time.DateOnly), text)
		}
	}
}

// The definition, day by day: the first Sunday after the ecclesiastical full
// moon that falls on 21 March or later, by Gauss's figures.
func TestEasterByItsDefinition(t *testing.T) {
	for year := 1583; year <= 4000; year++ {
		k := year / 100
		m := (15 + k - (13+8*k)/25 - k/4) % 30
		moon := (19*(year%19) + m) % 30 // days after 21 March
		if moon == 29 || moon == 28 && year%19 > 10 {
			moon--
		}
		sunday := time.Date(year, time.March, 22+moon, 0, 0, 0, 0, time.UTC)
		for sunday.Weekday() != time.Sunday {
			sunday = sunday.AddDate(0, 0, 1)
		}
		if got := calendar.Easter(year); !got.Equal(sunday) {
			t.Fatalf("%d: %s, want %s", year, got.Format(time.DateOnly), sunday.Format(time.DateOnly))
		}
	}
}

// Years as the ministries publish them.
var published = map[int][]string{
	2008: {"01-01", "03-24", "05-01", "05-08", "05-12", "07-14", "08-15", "11-01", "11-11", "12-25"}, // Ascension on 1 May
	2024: {"01-01", "04-01", "05-01", "05-08", "05-09", "05-20", "07-14", "08-15", "11-01", "11-11", "12-25"},
	2025: {"01-01", "04-21", "05-01", "05-08", "05-29", "06-09", "07-14", "08-15", "11-01", "11-11", "12-25"},
	2026: {"01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"},
	2027: {"01-01", "03-29", "05-01", "05-06", "05-08", "05-17", "07-14", "08-15", "11-01", "11-11", "12-25"},
}

var goodFridays = map[int]string{2008: "03-21", 2024: "03-29", 2025: "04-18", 2026: "04-03", 2027: "03-26"}

func TestHolidays(t *testing.T) {
	for year, want := range published {
		for _, local := range []bool{false, true} {
			if local {
				want = append(slices.Clone(want), goodFridays[year], "12-26")
				slices.Sort(want)
			}
			var got []string
			for d := day(t, fmt.Sprintf("%d-01-01", year)); d.Year() == year; d = d.AddDate(0, 0, 1) {
				if (calendar.France{AlsaceMoselle: local}).Holiday(d) {
					got = append(got, d.Format("01-02"))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d, Alsace-Moselle %t: %v, want %v", year, local, got, want)
			}
		}
	}
}

// count counts working days one by one, by the published years alone.
func count(first, last time.Time) (n int) {
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		if !weekend && !slices.Contains(published[d.Year()], d.Format("01-02")) {
			n++
		}
	}
	return n
}

func TestWorkingDaysOfAYear(t *testing.T) {
	for year, want := range map[int]int{2024: 252, 2025: 251, 2026: 252, 2027: 254} {
		first := day(t, fmt.Sprintf("%d-01-01", year))
		got := 0
		for d := first; d.Year() == year; d = d.AddDate(0, 0, 1) {
			if (calendar.France{}).Working(d) {
				got++
			}
		}
		if by := count(first, first.AddDate(1, 0, -1)); got != want || by != want {
			t.Errorf("%d has %d working days, %d by the published holidays; want %d", year, got, by, want)
		}
	}
}

func TestEnd(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		from  string
		days  int
		local bool
		want  string
	}{
		"a week-end":                   {"2026-08-21T17:00:00+02:00", 1, false, "2026-08-25T00:00:00+02:00"},
		"late in the evening":          {"2026-08-21T23:59:59.999+02:00", 1, false, "2026-08-25T00:00:00+02:00"},
		"from a Sunday":                {"2026-08-23T10:00:00+02:00", 1, false, "2026-08-25T00:00:00+02:00"},
		"Ascension, no bridge":         {"2026-05-13T10:00:00+02:00", 1, false, "2026-05-16T00:00:00+02:00"},
		"Easter":                       {"2026-04-02T10:00:00+02:00", 2, false, "2026-04-08T00:00:00+02:00"},
		"Easter in Strasbourg":         {"2026-04-02T10:00:00+02:00", 2, true, "2026-04-09T00:00:00+02:00"},
		"Christmas":                    {"2026-12-24T10:00:00+01:00", 1, false, "2026-12-29T00:00:00+01:00"},
		"over New Year":                {"2026-12-31T10:00:00+01:00", 1, false, "2027-01-05T00:00:00+01:00"},
		"the clock is put forward":     {"2026-03-27T10:00:00+01:00", 1, false, "2026-03-31T00:00:00+02:00"},
		"no day":                       {"2026-08-21T10:00:00+02:00", 0, false, "2026-08-22T00:00:00+02:00"},
		"a day that is another in UTC": {"2026-08-21T00:30:00+02:00", 1, false, "2026-08-25T00:00:00+02:00"},
	} {
		from, err := time.Parse(time.RFC3339, test.from)
		if err != nil {
			t.Fatal(err)
		}
		got := calendar.France{AlsaceMoselle: test.local}.End(from.In(zone), test.days).Format(time.RFC3339)
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestEndAgainstACountOfDays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		from := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC).
			Add(time.Duration(rapid.Int64Range(0, 1090*24*3600).Draw(rt, "second")) * time.Second)
		n := rapid.IntRange(1, 250).Draw(rt, "days")
		end := calendar.France{}.End(from, n)
		last := end.AddDate(0, 0, -1)
		next := time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, time.UTC)
		if got := count(next, last); got != n {
			rt.Fatalf("%d working days from %s to %s, want %d", got, next, last, n)
		}
		if count(last, last) != 1 {
			rt.Fatalf("%s does not end a working day", end)
		}
	})
}

func ExampleFrance_End() {
	maundyThursday := time.Date(2026, time.April, 2, 15, 0, 0, 0, time.UTC)
	fmt.Println(calendar.France{}.End(maundyThursday, 2).Format("Mon 2 Jan 2006 15:04"))
	// Output: Wed 8 Apr 2026 00:00
}
