package scheduler

import (
	"fmt"
	"runtime/debug"
	"time"

	"observatoire/probes"
)

// start runs the probe of an entry.
func (l *loop) start(e *entry, now time.Time) {
	l.queued--
	l.running++
	e.started = true
	l.options.Meter.Started(max(0, now.Sub(e.began)), l.running)
	l.workers.Go(func() {
		if r, ok := l.measure(e.job); ok {
			e.result = &r
		}
		l.done <- e
	})
}

// finished takes the result of a run, and what follows from it.
func (l *loop) finished(e *entry, now time.Time) {
	l.running--
	e.busy, e.started, e.skipped = false, false, false
	r := e.result
	e.result = nil
	if h := e.host; h != nil {
		h.running--
	}
	if r != nil {
		l.heed(e.host, r, now)
		l.follow(e, r, now)
		r.Period = e.period
		if next := e.extra.Sub(e.began); !e.extra.IsZero() && (r.Period == 0 || next < r.Period) {
			r.Period = next
		}
		l.results.add(*r)
	}
	l.wake(e.host)
}

// measure runs the job's probe once. It reports false for a run that was
// cancelled, which says nothing about the service.
func (l *loop) measure(j *Job) (r probes.Result, ok bool) {
	start := time.Now()
	defer func() {
		if v := recover(); v != nil {
			// What it panicked with may hold a secret of the probe's settings.
			l.log.Error().Str("probe", j.Probe.ID).Str("panic", fmt.Sprintf("%T", v)).
				Bytes("stack", debug.Stack()).Msg("probe panicked")
			r = probes.Result{
				Probe: j.Probe.ID, Vantage: l.options.Vantage.Name, Time: start,
				Outcome: probes.Unknown, Class: probes.ClassLocal, Detail: "the probe failed inside the observatory",
			}
		}
		r.Maintenance = j.inMaintenance(r.Time.In(l.options.Zone))
		ok = l.ctx.Err() == nil
	}()
	return j.Probe.Run(l.ctx, &l.options.Vantage), true
}

func (j *Job) inMaintenance(t time.Time) bool {
	for _, m := range j.Maintenance {
		if m.Contains(t) {
			return true
		}
	}
	return false
}
