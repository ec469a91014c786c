package observatory

import (
	"net/http"
	"time"

	"observatoire/probes"
	"observatoire/slo"
)

// goneAfter is how long an address must lead to nothing before it is called dead.
const goneAfter = 24 * time.Hour

// sign is what one result says of the address that was asked.
type sign uint8

const (
	noSign    sign = iota
	nothing        // there is nothing: 404, 410, or no such name
	refused        // 403
	elsewhere      // it leads to another host for good, and what is there is not what was asked for
)

func signOf(r probes.Result) sign {
	switch {
	case r.Answered():
		return noSign
	case r.MovedTo() != "":
		return elsewhere
	case r.Class == probes.ClassDNS, r.Status == http.StatusNotFound, r.Status == http.StatusGone:
		return nothing
	case r.Status == http.StatusForbidden:
		return refused
	}
	return noSign
}

// trail is a row of results of one probe that all say the same of its address.
type trail struct {
	sign        sign
	since, last time.Time // of the first and the latest
}

// next returns the trail with one more result. One that says nothing about the
// service changes nothing.
func (t trail) next(r probes.Result) trail {
	s := signOf(r)
	if r.Maintenance || s == noSign && r.Outcome == probes.Unknown {
		return t
	}
	if s != t.sign {
		t = trail{sign: s, since: r.Time}
	}
	t.last = r.Time
	return t
}

// hint returns what the trail amounts to. A refusal tells only of an address
// that answered before.
func (t trail) hint(answered bool) slo.Hint {
	long := t.last.Sub(t.since) >= goneAfter
	switch {
	case t.sign == elsewhere:
		return slo.Moved
	case t.sign == nothing && long, t.sign == refused && long && answered:
		return slo.Dead
	}
	return slo.NoHint
}

// hint returns what the results so far say of the probe's address.
func (t *track) hint() slo.Hint {
	if t.trail.sign == noSign {
		return slo.NoHint
	}
	answered := false
	for _, d := range t.days {
		answered = answered || d.counts.Up.N+d.counts.Degraded.N > 0
	}
	return t.trail.hint(answered)
}

// shownHint returns the hint for readers: that of the open incident, and
// without one only what took a day to tell.
func (t *track) shownHint() slo.Hint {
	if t.incident != nil {
		return t.incident.Hint
	}
	if h := t.hint(); h == slo.Dead {
		return h
	}
	return slo.NoHint
}

// rehint gives the open incident its present hint, and returns it where that
// changed it.
func (t *track) rehint() *slo.Incident {
	if t.incident == nil {
		return nil
	}
	if h := t.hint(); h != t.incident.Hint {
		t.incident.Hint = h
		return t.incident
	}
	return nil
}
