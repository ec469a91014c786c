package demo

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// spell is a span of time in which a trouble strikes.
type spell struct {
	from, to int64
	mode     mode
}

// timeline is when one trouble of a service strikes, in the order of time.
type timeline struct {
	spells []spell
	next   int
}

// at returns how the trouble shows at a time. Times do not go back.
func (t *timeline) at(now int64) mode {
	for t.next < len(t.spells) && t.spells[t.next].to <= now {
		t.next++
	}
	if t.next < len(t.spells) && t.spells[t.next].from <= now {
		return t.spells[t.next].mode
	}
	return fine
}

// newTimeline lays out when a trouble strikes. Spells are of whole slots, so
// that a series finds in each as many failures as it has slots. The quarter
// that ends with the history, which is what levels are judged by, has exactly
// the trouble's share; those before it have about as much.
func newTimeline(t trouble, g grid, random *rand.Rand) timeline {
	if t.since > 0 {
		return timeline{spells: []spell{{from: g.to - t.since.Milliseconds(), to: g.to + 1, mode: t.mode}}}
	}
	quarter := (90 * day).Milliseconds()
	var l timeline
	for end := g.to; end > g.from; end -= quarter {
		budget := t.share * float64(quarter)
		if end < g.to {
			budget *= 0.6 + 0.8*random.Float64()
		}
		l.spells = append(l.spells, t.strike(g, end-quarter, quarter, budget, random)...)
	}
	slices.SortFunc(l.spells, func(a, b spell) int { return cmp.Compare(a.from, b.from) })
	return l
}

// strike lays out spells in a quarter until they make up the budget, both in
// milliseconds. They begin at any time, but at busy ones more often.
func (t trouble) strike(g grid, from, quarter int64, budget float64, random *rand.Rand) []spell {
	const attempts = 20000
	mean := t.spell
	if mean == 0 {
		mean = 3
	}
	var spells []spell
	for range attempts {
		start := g.at(from + random.Int64N(quarter))
		if float64(start.length) > budget*2 {
			break // less than half a slot is left
		}
		if load(start.start().In(g.zone)) < 0 && random.Float64() < 0.5 {
			continue
		}
		s := spell{from: start.from, to: start.from + start.length, mode: t.mode}
		for s.to < from+quarter && float64(s.to-s.from) < budget && random.Float64() > 1/float64(mean) {
			s.to += g.at(s.to).length
		}
		if slices.ContainsFunc(spells, func(o spell) bool { return s.from <= o.to && o.from <= s.to }) {
			continue
		}
		if s.mode == varied {
			s.mode = ordinary[random.IntN(len(ordinary))]
		}
		spells = append(spells, s)
		budget -= float64(s.to - s.from)
	}
	return spells
}
