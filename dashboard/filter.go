package dashboard

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"observatoire/observatory"
	"observatoire/slo"
)

// pageSize is how many rows a page shows.
const pageSize = 50

var (
	kindChoices      = []string{"api", "demarche"}
	accessChoices    = []string{"open", "account", "restricted"}
	stateChoices     = []string{"up", "degraded", "down", "maintenance", "unknown"}
	indicatorChoices = []string{"availability", "server_time", "page_time", "freshness"}
	levelChoices     = []string{"optimal", "partial", "weak", "pending"}
	sortChoices      = []string{"name", "producer", "state", "availability", "time", "freshness"}
	orderChoices     = []string{"asc", "desc"}
)

// filter is which services are shown, and in which order, as the address says.
type filter struct {
	Q, Kind, Producer, Access, State, Indicator, Level string
	Sort, Dir                                          string
	Page                                               int
}

func readFilter(q *query) filter {
	return filter{
		Q:    q.text("q", 100),
		Kind: q.choice("kind", kindChoices...), Producer: q.text("producer", 100), Access: q.choice("access", accessChoices...),
		State: q.choice("state", stateChoices...), Indicator: q.choice("indicator", indicatorChoices...), Level: q.choice("level", levelChoices...),
	}
}

func readView(q *query) filter {
	f := readFilter(q)
	f.Sort = cmp.Or(q.choice("sort", sortChoices...), "name")
	f.Dir = cmp.Or(q.choice("dir", orderChoices...), "asc")
	f.Page = q.number("page", 1000)
	return f
}

// active reports whether anything is left out.
func (f filter) active() bool {
	return f.Q+f.Kind+f.Producer+f.Access+f.State+f.Indicator+f.Level != ""
}

// address returns the view's own part of an address; what is usual is left out.
func (f filter) address() string {
	v := url.Values{}
	for _, p := range []struct{ key, value, usual string }{
		{"q", f.Q, ""}, {"kind", f.Kind, ""}, {"producer", f.Producer, ""}, {"access", f.Access, ""}, {"state", f.State, ""},
		{"indicator", f.Indicator, ""}, {"level", f.Level, ""}, {"sort", f.Sort, "name"}, {"dir", f.Dir, "asc"},
		{"page", strconv.Itoa(max(1, f.Page)), "1"},
	} {
		if p.value != p.usual && p.value != "" {
			v.Set(p.key, p.value)
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// rows returns the rows that pass the filter, in its order.
func (f filter) rows(i *index) []*row {
	words := strings.Fields(fold(f.Q))
	shown := make([]*row, 0, len(i.rows))
	for n := range i.rows {
		if r := &i.rows[n]; f.passes(r, words) {
			shown = append(shown, r)
		}
	}
	if f.Sort != "" {
		slices.SortStableFunc(shown, f.compare)
	}
	return shown
}

func (f filter) passes(r *row, words []string) bool {
	switch {
	case f.Kind != "" && string(r.Kind) != f.Kind,
		f.Producer != "" && r.Producer != f.Producer,
		f.Access != "" && (r.API == nil || string(r.API.Access) != f.Access),
		f.State != "" && r.State.String() != f.State:
		return false
	}
	for _, w := range words {
		if !strings.Contains(r.search, w) {
			return false
		}
	}
	if f.Indicator == "" && f.Level == "" {
		return true
	}
	return slices.ContainsFunc(r.Verdicts, func(v slo.Verdict) bool {
		return (f.Indicator == "" || string(v.Indicator) == f.Indicator) && (f.Level == "" || v.Judged && v.Level.String() == f.Level)
	})
}

// stateRank puts the states that ask for attention first.
var stateRank = [...]int{observatory.Down: 0, observatory.Degraded: 1, observatory.Maintenance: 2, observatory.Unknown: 3, observatory.Up: 4}

func (f filter) compare(a, b *row) int {
	var c int
	switch f.Sort {
	case "producer":
		c = strings.Compare(a.producer, b.producer)
	case "state":
		c = cmp.Compare(stateRank[a.State], stateRank[b.State])
	case "availability":
		return f.compareVerdicts(a, b, a.availability, b.availability)
	case "time":
		return f.compareVerdicts(a, b, a.time, b.time)
	case "freshness":
		return f.compareVerdicts(a, b, a.freshness, b.freshness)
	}
	if c == 0 {
		c = strings.Compare(a.name, b.name)
	}
	if f.Dir == "desc" {
		return -c
	}
	return c
}

// compareVerdicts orders by value; what is not measured comes last either way.
func (f filter) compareVerdicts(a, b *row, x, y *slo.Verdict) int {
	measuredX, measuredY := x != nil && x.Measurements > 0, y != nil && y.Measurements > 0
	switch {
	case measuredX && !measuredY:
		return -1
	case measuredY && !measuredX:
		return 1
	case measuredX && x.Value != y.Value:
		if f.Dir == "desc" {
			return cmp.Compare(y.Value, x.Value)
		}
		return cmp.Compare(x.Value, y.Value)
	}
	return strings.Compare(a.name, b.name)
}
