package demo

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"observatoire/probes"
	"observatoire/slo"
)

// Series is one series of measurements to make up.
type Series struct {
	Probe       string // such as "communes/recherche": what is before the slash names the service
	Vantage     string
	Demarche    bool              // of a démarche; of an API otherwise
	Dated       bool              // the answers carry the date of their data
	Maintenance []slo.Maintenance // announced for the service
}

// How the history is spaced: as a rule that saves space, and more closely at
// its end, where the live measurements go on.
const (
	coarse = 30 * time.Minute
	dense  = 15 * time.Minute
	recent = 14 * day
	batch  = 25_000
)

// The observatory itself was off for one day, so long before the end.
const off = 61 * day

// History makes up what an observatory would have measured from from to to: the
// results of all series in the order of time, in batches of about 25,000, none
// of which stands for time beyond to. zone is the site's. The same arguments
// give the same results. A batch may be kept.
func History(series []Series, from, to time.Time, zone *time.Location) iter.Seq[[]probes.Result] {
	return func(yield func([]probes.Result) bool) {
		g := newGrid(from, to, zone)
		lost := newTimeline(trouble{mode: ours, share: 0.0008}, g, rand.New(rand.NewPCG(seed("ours"), 2))).spells
		lines := make([]*line, len(series))
		for i, s := range series {
			lines[i] = newLine(s, g, lost)
		}
		slices.SortStableFunc(lines, func(a, b *line) int { return cmp.Compare(a.offset, b.offset) })
		results := make([]probes.Result, 0, batch)
		for slot := range g.slots() {
			busy := load(slot.start().In(zone))
			for _, l := range lines {
				at, period, ok := g.due(slot, l.offset)
				if !ok {
					continue
				}
				results = append(results, l.result(at, period, busy))
				if len(results) == batch {
					if !yield(results) {
						return
					}
					results = make([]probes.Result, 0, batch)
				}
			}
		}
		if len(results) > 0 {
			yield(results)
		}
	}
}

// Steps returns how many results [History] makes up, whatever the zone.
func Steps(series []Series, from, to time.Time) int {
	g := newGrid(from, to, time.UTC)
	n := 0
	for slot := range g.slots() {
		for _, s := range series {
			if _, _, ok := g.due(slot, s.offset()); ok {
				n++
			}
		}
	}
	return n
}

// offset says where in each slot the series is measured, from 0 to 1, so that
// the measurements are spread.
func (s Series) offset() float64 { return share(s.Probe, s.Vantage, "offset") }

// grid lays out the history in slots, in each of which every series is measured
// once. Its times are in milliseconds since 1970.
type grid struct {
	from, to int64
	fine     int64 // from here on slots are close
	off, on  int64 // the observatory was off between these
	zone     *time.Location
}

// slot is a span of time.
type slot struct{ from, length int64 }

func (s slot) start() time.Time { return time.UnixMilli(s.from) }

func newGrid(from, to time.Time, zone *time.Location) grid {
	g := grid{
		from: from.UnixMilli(), to: to.UnixMilli(), zone: zone,
		fine: to.Add(-recent).Truncate(coarse).UnixMilli(),
	}
	if from.Before(to.Add(-off - 2*day)) {
		y, m, d := to.Add(-off).In(zone).Date()
		g.off = time.Date(y, m, d, 0, 0, 0, 0, zone).Truncate(coarse).UnixMilli()
		g.on = g.off + day.Milliseconds()
	}
	return g
}

// at returns the slot that a time falls in.
func (g grid) at(t int64) slot {
	length := coarse.Milliseconds()
	if t >= g.fine {
		length = dense.Milliseconds()
	}
	return slot{t - t%length, length}
}

// slots returns the slots in which the observatory was on.
func (g grid) slots() iter.Seq[slot] {
	return func(yield func(slot) bool) {
		for s := g.at(g.from); s.from < g.to; s = g.at(s.from + s.length) {
			if g.off <= s.from && s.from < g.on {
				continue
			}
			if !yield(s) {
				return
			}
		}
	}
}

// due returns when a series is measured in a slot, and how long it is from then
// until the next time; false when that is not wholly in the history.
func (g grid) due(s slot, offset float64) (at, period int64, ok bool) {
	in := func(s slot) int64 { return s.from + int64(offset*float64(s.length)) }
	at = in(s)
	period = in(g.at(s.from+s.length)) - at
	return at, period, at >= g.from && at+period <= g.to
}
