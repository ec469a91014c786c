package dashboard

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"observatoire/observatory"
	"observatoire/slo"
)

// index is what the site derives from one snapshot once, for all requests: how
// services are found, sorted and counted. It adds no verdict.
type index struct {
	*observatory.Snapshot
	rows      []row
	levels    map[slo.Indicator]levelCount
	states    map[observatory.State]int
	kinds     map[observatory.Kind]int
	producers []producer // those that have a service, by name
	open      int        // incidents that last
	list      func() (json.RawMessage, error)
}

// row is a service and the keys that it is found and sorted by.
type row struct {
	*observatory.Service
	search       string // name, producer and id, folded
	name         string // folded
	producer     string // folded
	availability *slo.Verdict
	time         *slo.Verdict // server time of an API, page time of a démarche
	freshness    *slo.Verdict
}

// levelCount is how many services have each level.
type levelCount [slo.Optimal + 1]int

// judged returns how many services have a definite level.
func (c levelCount) judged() int { return c[slo.Optimal] + c[slo.Partial] + c[slo.Weak] }

// producer is a producer and its services.
type producer struct {
	ID, Name, URL string
	Services      int
	APIs          int
	levels        levelCount // of availability
	states        map[observatory.State]int
}

func newIndex(snapshot *observatory.Snapshot) *index {
	i := &index{
		Snapshot: snapshot,
		rows:     make([]row, 0, len(snapshot.Services)),
		levels:   map[slo.Indicator]levelCount{},
		states:   map[observatory.State]int{},
		kinds:    map[observatory.Kind]int{},
	}
	byID := map[string]*producer{}
	for _, p := range snapshot.Producers {
		byID[p.ID] = &producer{ID: p.ID, Name: p.Name, URL: webLink(p.URL), states: map[observatory.State]int{}}
	}
	for _, s := range snapshot.Services {
		r := row{Service: s, name: fold(s.Name), producer: fold(s.ProducerName), availability: s.Verdict(slo.Availability), freshness: s.Verdict(slo.Freshness)}
		r.search = r.name + "\n" + r.producer + "\n" + s.ID
		if r.time = s.Verdict(slo.ServerTime); r.time == nil {
			r.time = s.Verdict(slo.PageTime)
		}
		i.rows = append(i.rows, r)
		i.states[s.State]++
		i.kinds[s.Kind]++
		for _, v := range s.Verdicts {
			if v.Judged {
				c := i.levels[v.Indicator]
				c[v.Level]++
				i.levels[v.Indicator] = c
			}
		}
		p := byID[s.Producer]
		if p == nil {
			p = &producer{ID: s.Producer, Name: s.ProducerName, states: map[observatory.State]int{}}
			byID[s.Producer] = p
		}
		p.add(r)
	}
	for _, p := range byID {
		if p.Services > 0 {
			i.producers = append(i.producers, *p)
		}
	}
	slices.SortFunc(i.producers, func(a, b producer) int { return strings.Compare(fold(a.Name)+a.ID, fold(b.Name)+b.ID) })
	for _, incident := range snapshot.Incidents {
		if incident.Open() {
			i.open++
		}
	}
	i.list = sync.OnceValues(func() (json.RawMessage, error) { return json.Marshal(apiList(i.rows)) })
	return i
}

func (p *producer) add(r row) {
	p.Services++
	p.states[r.State]++
	if r.Kind == observatory.API {
		p.APIs++
	}
	if r.availability != nil && r.availability.Judged {
		p.levels[r.availability.Level]++
	}
}

// fold returns a text without case and accents, as it is searched and sorted.
func fold(s string) string {
	s = strings.ToLower(s)
	if !slices.ContainsFunc([]byte(s), func(b byte) bool { return b >= 0x80 }) {
		return s
	}
	s = strings.NewReplacer("œ", "oe", "æ", "ae", "’", "'").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// webLink returns an address that a page may link to, or nothing.
func webLink(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}
