package scheduler

import (
	"hash/fnv"
	"time"

	"observatoire/probes"
)

// quickPace is the time between two runs of a job that is down.
const quickPace = time.Minute

// follow takes a result of the job, as the observatory does: a failure counts
// once so many in a row confirm it. It plans the run that is needed before the
// next one of the schedule: a re-check of a failure, or a quicker run while the
// job is down. What falls in announced maintenance says nothing of the present.
func (l *loop) follow(e *entry, r *probes.Result, now time.Time) {
	if r.Maintenance {
		return
	}
	if e.isExtra {
		e.rechecks++
	} else {
		e.rechecks = 0
	}
	switch {
	case r.Answered():
		e.failures, e.down = 0, false
		return
	case r.Outcome == probes.Down && !e.down:
		e.failures++
		e.down = e.failures >= l.options.Confirmations
	}
	switch recheck := r.Outcome == probes.Down || e.isExtra; {
	case e.down:
		if e.gap > 0 && e.gap <= 2*e.usual { // a longer one is time at which its schedule is at rest
			l.planExtra(e, after(e.began, quickPace, now))
		}
	case recheck && e.failures > 0 && e.rechecks < l.options.Confirmations-1:
		l.planExtra(e, now.Add(jittered(l.options.Recheck, e.job.Probe.ID)))
	}
}

// planExtra plans an extra run, once its host may be reached again. Where the
// next regular run could be due before it has ended, that one does instead.
func (l *loop) planExtra(e *entry, at time.Time) {
	if h := e.host; h != nil && h.until.After(at) {
		at = h.until
	}
	timeout := e.job.Probe.Timeout
	if timeout <= 0 {
		timeout = probes.DefaultTimeout
	}
	if !e.regular.IsZero() && at.Add(timeout).After(e.regular) {
		return
	}
	e.extra = at.Round(0) // by the wall clock, as schedules are
	l.plan.fix(e)
}

// after returns the first time after now that is a whole number of paces after t.
func after(t time.Time, pace time.Duration, now time.Time) time.Time {
	paces := max(0, now.Sub(t)/pace) + 1
	return t.Add(paces * pace)
}

// jittered returns the duration, give or take a fifth: by the name, so that
// what failed together is not asked again together.
func jittered(d time.Duration, name string) time.Duration {
	h := fnv.New64a()
	h.Write([]byte("recheck " + name))
	const parts = 1 << 20
	return d/5*4 + time.Duration(float64(d)*0.4*float64(mix(h.Sum64())%parts)/parts)
}
