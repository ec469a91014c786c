package observatory

import (
	"time"

	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// track is what is followed of one probe.
type track struct {
	Watched
	service *service
	host    string // of the target

	days     []dayStats    // oldest first
	latest   probes.Result // zero before the first
	dated    probes.Result // the latest one that carries the date of its data
	state    State         // by the latest definite results; a failure counts once confirmed
	failures []probes.Result
	trail    trail
	incident *slo.Incident // the open one
	told     time.Time     // at the start: up to here the kept incidents tell of the probe
}

// dayStats are the figures of one day that verdicts are made of.
type dayStats struct {
	date   time.Time
	counts slo.Counts
	server mean
	page   mean
}

// mean sums up durations whose mean is judged.
type mean struct {
	n   int64
	sum time.Duration
}

func (m mean) add(o mean) mean { return mean{m.n + o.n, m.sum + o.sum} }

// value returns the mean in seconds; false when there is none.
func (m mean) value() (float64, bool) {
	if m.n == 0 {
		return 0, false
	}
	return m.sum.Seconds() / float64(m.n), true
}

func meanOf(s storage.Summary) mean { return mean{s.N, s.Sum} }

// count adds a result to its day, as a rollup of that day does.
func (t *track) count(r probes.Result, zone *time.Location) {
	var one storage.Rollup
	one.Add(r)
	d := t.day(storage.Day.Start(r.Time, zone))
	d.counts = d.counts.Add(one.Counts)
	d.server = d.server.add(meanOf(one.Measures[storage.ServerTime]))
	d.page = d.page.add(meanOf(one.Measures[storage.PageTime]))
}

// day returns the figures of a day; new ones where there are none yet.
func (t *track) day(date time.Time) *dayStats {
	i := len(t.days)
	for i > 0 && t.days[i-1].date.After(date) {
		i--
	}
	if i > 0 && t.days[i-1].date.Equal(date) {
		return &t.days[i-1]
	}
	t.days = append(t.days, dayStats{})
	copy(t.days[i+1:], t.days[i:])
	t.days[i] = dayStats{date: date}
	return &t.days[i]
}

// forget drops days before first.
func (t *track) forget(first time.Time) {
	n := 0
	for n < len(t.days) && t.days[n].date.Before(first) {
		n++
	}
	t.days = append(t.days[:0], t.days[n:]...)
}

// follow takes the next result of the probe and returns the incident that it
// opens, lengthens or ends; nil when it does neither. A failure counts once so
// many in a row confirm it, and then from the first of them on. A result that
// comes late, or falls in announced maintenance, says nothing of the present.
func (t *track) follow(r probes.Result, confirmations int) *slo.Incident {
	if r.Time.Before(t.latest.Time) {
		return nil
	}
	t.trail = t.trail.next(r)
	r.Evidence = nil // it is large, and the store keeps it
	t.see(r)
	switch {
	case r.Maintenance:
		return nil
	case r.Outcome == probes.Down:
		return t.failed(r, confirmations)
	case !r.Answered():
		return t.rehint()
	}
	t.failures = t.failures[:0]
	ended := t.incident
	if ended != nil {
		ended.End = r.Time
		t.incident, t.state = nil, stateOf(r.Outcome)
	}
	return ended
}

// see takes what a result says by itself, without those before it. While an
// incident lasts only its end changes the state, and a failure does so only
// once it is confirmed.
func (t *track) see(r probes.Result) {
	t.latest = r
	if !r.DataTime.IsZero() {
		t.dated = r
	}
	if t.incident == nil && !r.Maintenance && r.Outcome != probes.Down {
		t.state = stateOf(r.Outcome)
	}
}

func stateOf(o probes.Outcome) State {
	switch o {
	case probes.Up:
		return Up
	case probes.Degraded:
		return Degraded
	case probes.Down:
		return Down
	}
	return Unknown
}

func (t *track) failed(r probes.Result, confirmations int) *slo.Incident {
	if t.incident != nil {
		t.incident.Failures++
		t.rehint()
		return t.incident
	}
	t.failures = append(t.failures, r)
	if len(t.failures) < confirmations {
		return nil
	}
	first := t.failures[0]
	t.state = Down
	t.incident = &slo.Incident{
		Probe: r.Probe, Vantage: r.Vantage, Start: first.Time,
		Class: first.Class.String(), Detail: first.Detail, Failures: int64(len(t.failures)), Hint: t.hint(),
	}
	t.failures = t.failures[:0]
	return t.incident
}

// now returns the state at a moment.
func (t *track) now(at time.Time) State {
	if t.tooOld(t.latest, at) {
		return Unknown
	}
	return t.state
}

// tooOld reports whether a result was measured too long ago, or never, to speak
// of the present.
func (t *track) tooOld(r probes.Result, at time.Time) bool {
	return r.Time.IsZero() || at.Sub(r.Time) > 3*t.Period+time.Minute
}
