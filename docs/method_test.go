package docs_test

import (
	"encoding"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"observatoire/slo"
	"observatoire/storage"
)

// levels is a row of the table of levels, for one profile.
type levels struct {
	profile          string
	indicator        slo.Indicator
	optimal, partial slo.Band
	weak             string
}

// indicators are the indicators as the document names them.
var indicators = map[string]slo.Indicator{
	"availability": slo.Availability, "server time": slo.ServerTime, "page time": slo.PageTime, "freshness": slo.Freshness,
}

// readLevels reads a row of the table of levels. Profiles and limits may be lists:
// "inspire-discovery, -view" with "≤ 3 s, ≤ 5 s".
func readLevels(cells []string) ([]levels, error) {
	if len(cells) < 5 {
		return nil, fmt.Errorf("%d columns: want profile, indicator, optimal, partial, weak", len(cells))
	}
	name, _, _ := strings.Cut(cells[1], ",") // "server time, mean"
	indicator, ok := indicators[name]
	if !ok {
		return nil, fmt.Errorf("unknown indicator %q", name)
	}
	profiles := strings.Split(cells[0], ",")
	first := profiles[0]
	var all []levels
	for i, profile := range profiles {
		profile = strings.TrimSpace(profile)
		if family, _, ok := strings.Cut(first, "-"); ok && strings.HasPrefix(profile, "-") {
			profile = family + profile
		}
		l := levels{profile: profile, indicator: indicator, weak: nth(cells[4], i)}
		for _, band := range []struct {
			text string
			into encoding.TextUnmarshaler
		}{{nth(cells[2], i), &l.optimal}, {nth(cells[3], i), &l.partial}} {
			if band.text == "" {
				continue
			}
			if err := band.into.UnmarshalText([]byte(plain.Replace(band.text))); err != nil {
				return nil, fmt.Errorf("%s: %w", profile, err)
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// plain writes a band as the configuration does.
var plain = strings.NewReplacer("≥", ">=", "≤", "<=", " ", "", "\u00a0", "", "\u202f", "")

// nth returns an entry of a list, or its only one.
func nth(list string, i int) string {
	entries := strings.Split(list, ",")
	if len(entries) == 1 {
		i = 0
	}
	if i >= len(entries) {
		return "missing"
	}
	return strings.TrimSpace(entries[i])
}

// beyond returns what is weak when the last good band is b: in words, or as a limit.
func beyond(b slo.Band) []string {
	switch text := b.String(); {
	case strings.HasPrefix(text, ">="):
		return []string{"below", "<" + plain.Replace(strings.TrimPrefix(text, ">="))}
	case strings.HasPrefix(text, "<="):
		return []string{"above", ">" + plain.Replace(strings.TrimPrefix(text, "<="))}
	default:
		return []string{">=" + plain.Replace(strings.TrimPrefix(text, "<"))}
	}
}

// compare returns how the rows of a table of levels differ from profiles.
func compare(rows [][]string, profiles map[string]slo.Profile) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	said := map[string]bool{}
	for _, cells := range rows {
		read, err := readLevels(cells)
		if err != nil {
			fault("%v", err)
		}
		for _, l := range read {
			name := l.profile + " " + string(l.indicator)
			o, ok := profiles[l.profile].Objective(l.indicator)
			if !ok {
				fault("%s: there is no such level", name)
				continue
			}
			if said[name] {
				fault("%s: said twice", name)
			}
			said[name] = true
			if l.optimal != o.Optimal || l.partial != o.Partial {
				fault("%s: says %q and %q, is %q and %q", name, l.optimal, l.partial, o.Optimal, o.Partial)
			}
			last := o.Partial
			if last.IsZero() {
				last = o.Optimal
			}
			if want := beyond(last); !slices.Contains(want, plain.Replace(l.weak)) {
				fault("%s: says that %q is weak, want %s", name, l.weak, strings.Join(want, " or "))
			}
		}
	}
	for _, p := range profiles {
		for _, o := range p.Objectives {
			if name := p.Name + " " + string(o.Indicator); !said[name] {
				fault("%s: not said", name)
			}
		}
	}
	slices.Sort(faults)
	return faults
}

func TestMethodLevels(t *testing.T) {
	method := read(t, "docs/METHOD.md")
	rows := table(method, "profile", "indicator", "optimal", "partial", "weak")
	if len(rows) == 0 {
		t.Fatal("docs/METHOD.md: no table of levels")
	}
	for _, fault := range compare(rows, slo.Profiles()) {
		t.Errorf("docs/METHOD.md: table of levels: %s", fault)
	}
}

// The comparison finds each number that differs.
func TestCompare(t *testing.T) {
	profiles := map[string]slo.Profile{
		"a-x": {Name: "a-x", Objectives: []slo.Objective{
			{Indicator: slo.Availability, Optimal: slo.AtLeast(0.999), Partial: slo.AtLeast(0.985)},
			{Indicator: slo.ServerTime, Optimal: slo.Below(0.05), Partial: slo.Below(0.4)},
		}},
		"a-y": {Name: "a-y", Objectives: []slo.Objective{{Indicator: slo.ServerTime, Optimal: slo.AtMost(3)}}},
	}
	good := [][]string{
		{"a-x", "availability", "≥ 99.9 %", "≥ 98.5 %", "below"},
		{"a-x", "server time, mean", "< 50 ms", "< 400 ms", "≥ 400 ms"},
		{"a-y", "server time, mean", "≤ 3 s", "", "above"},
	}
	tests := map[string]struct {
		row   int
		cells []string // in its place; none removes it
		want  string
	}{
		"agrees":         {0, good[0], ""},
		"optimal":        {0, []string{"a-x", "availability", "≥ 99.8 %", "≥ 98.5 %", "below"}, `a-x availability: says ">= 99.8%"`},
		"partial":        {1, []string{"a-x", "server time, mean", "< 50 ms", "≤ 400 ms", "≥ 400 ms"}, `says "< 50ms" and "<= 400ms"`},
		"weak":           {1, []string{"a-x", "server time, mean", "< 50 ms", "< 400 ms", "> 400 ms"}, `says that "> 400 ms" is weak, want >=400ms`},
		"wrong side":     {2, []string{"a-y", "server time, mean", "≤ 3 s", "", "below"}, `says that "below" is weak`},
		"invented":       {2, []string{"a-y", "server time, mean", "≤ 3 s", "≤ 5 s", "above"}, `and "<= 5s"`},
		"left out":       {2, nil, "a-y server_time: not said"},
		"twice":          {2, good[1], "a-x server_time: said twice"},
		"no such":        {0, []string{"a-z", "availability", "≥ 99.9 %", "≥ 98.5 %", "below"}, "a-z availability: there is no such level"},
		"no limit":       {0, []string{"a-x", "availability", "high", "≥ 98.5 %", "below"}, "is not a band"},
		"list too short": {0, []string{"a-x, -y, -z", "availability", "≥ 99 %, ≥ 98 %", "", "below"}, "is not a band"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rows := slices.Clone(good)
			rows[test.row] = test.cells
			rows = slices.DeleteFunc(rows, func(cells []string) bool { return cells == nil })
			got := strings.Join(compare(rows, profiles), "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("lists", func(t *testing.T) {
		got, err := readLevels([]string{"a-x, -y", "server time", "≤ 3 s, ≤ 5 s", "", "above"})
		if err != nil || len(got) != 2 || got[1].profile != "a-y" || got[0].optimal != slo.AtMost(3) || got[1].optimal != slo.AtMost(5) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// The numbers in the text are those of the code.
func TestMethodNumbers(t *testing.T) {
	method := strings.Join(strings.Fields(read(t, "docs/METHOD.md")), " ")
	number := func(pattern string) float64 {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(method)
		if m == nil {
			t.Fatalf("docs/METHOD.md: no text like %q", pattern)
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	least := map[bool]float64{
		false: number(`fewer than ([0-9,]+) measurements for availability`),
		true:  number(`or ([0-9,]+) for a time`),
	}
	window := regexp.MustCompile("All over `(P[0-9]+D)`").FindStringSubmatch(method)
	if window == nil {
		t.Fatal("docs/METHOD.md: the window of the levels is not said")
	}
	for name, p := range slo.Profiles() {
		for _, o := range p.Objectives {
			if want := least[o.Indicator != slo.Availability]; float64(o.MinMeasurements) != want {
				t.Errorf("%s: %s: needs %d measurements, docs/METHOD.md says %v", name, o.Indicator, o.MinMeasurements, want)
			}
			if o.Window.String() != window[1] {
				t.Errorf("%s: %s: over %s, docs/METHOD.md says %s", name, o.Indicator, o.Window, window[1])
			}
		}
	}
	if percent := number(`relative error of at most ([0-9.]+) %`); percent/100 != storage.Accuracy {
		t.Errorf("percentiles are exact to %v, docs/METHOD.md says %v %%", storage.Accuracy, percent)
	}
	for _, w := range []slo.Window{slo.Latest, slo.Day, slo.Month, slo.Quarter} {
		if !strings.Contains(method, "`"+w.String()+"`") {
			t.Errorf("docs/METHOD.md does not explain the window %s", w)
		}
	}
}
