package scheduler

import (
	"container/heap"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"observatoire/probes"
)

const (
	// maxWait bounds one sleep, so that a clock that was set is noticed: timers
	// follow the monotonic clock, schedules the wall clock.
	maxWait = time.Minute

	// clockSlack is how far the clock may step back unnoticed. A smaller step
	// must not make a job run twice for the same time.
	clockSlack = time.Second

	// warnEvery is how often the log may say that due times were missed.
	warnEvery = time.Minute
)

// loop owns the plan of all jobs. Its fields belong to the goroutine of run,
// but for those that workers use: done, ctx, and what does not change.
type loop struct {
	plan    plan
	waiting []*entry // due, in the order in which they came to be so
	running int
	warned  time.Time // of missed times, the last time

	ctx     context.Context // of runs; outlives the caller's
	cancel  context.CancelFunc
	done    chan *entry // one place for each slot: a worker never waits
	workers sync.WaitGroup

	options Options
	queues  QueueMeter
	results *batcher
	log     zerolog.Logger
}

func newLoop(ctx context.Context, jobs []Job, o Options, results *batcher) *loop {
	l := &loop{
		done: make(chan *entry, o.Concurrency), options: o, queues: queueMeter(o.Meter),
		results: results, log: o.Log,
	}
	l.ctx, l.cancel = context.WithCancel(ctx)
	entries := make([]entry, len(jobs))
	l.plan = make(plan, len(jobs))
	for i := range jobs {
		entries[i].job = &jobs[i]
		l.plan[i] = &entries[i]
	}
	l.replan(time.Now())
	return l
}

// run runs jobs until ctx is done and every run has ended.
func (l *loop) run(ctx context.Context) {
	defer l.cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			continue
		case e := <-l.done:
			l.finished(e)
		case <-timer.C:
		}
		now := time.Now()
		if l.clockWentBack(now) {
			l.replan(now)
			l.log.Warn().Msg("clock was set back: all jobs planned anew")
		}
		l.queueDue(now)
		l.startWaiting()
		l.queues.Queued(len(l.waiting), l.running)
		timer.Reset(l.wait())
	}
	l.drain()
}

// drain waits for the runs in progress, and cancels them at the bound.
func (l *loop) drain() {
	l.waiting = nil
	timer := time.NewTimer(drainBound)
	defer timer.Stop()
	for l.running > 0 {
		select {
		case e := <-l.done:
			l.finished(e)
		case <-timer.C:
			l.log.Warn().Int("running", l.running).Msg("runs cancelled: they did not end in time")
			l.cancel()
		}
	}
	l.workers.Wait()
	l.queues.Queued(0, 0)
}

// replan sets all jobs to their first time after now.
func (l *loop) replan(now time.Time) {
	l.plan = slices.DeleteFunc(l.plan, func(e *entry) bool {
		e.due = l.next(e, now)
		return e.due.IsZero()
	})
	heap.Init(&l.plan)
}

// next returns the first time after t at which the job is due, or zero: never again.
func (l *loop) next(e *entry, t time.Time) time.Time {
	next := e.job.Schedule.Next(t)
	if !next.IsZero() && !next.After(t) { // it would keep the loop busy for ever
		l.log.Error().Str("probe", e.job.Probe.ID).Msg("job removed: its schedule does not go forward")
		return time.Time{}
	}
	return next
}

// clockWentBack reports whether the first job would be due earlier if it were
// planned now: then so would others, and all would wait for a time long past.
func (l *loop) clockWentBack(now time.Time) bool {
	if len(l.plan) == 0 {
		return false
	}
	next := l.plan[0].job.Schedule.Next(now.Add(clockSlack))
	return !next.IsZero() && next.Before(l.plan[0].due)
}

func (l *loop) wait() time.Duration {
	if len(l.plan) == 0 {
		return maxWait
	}
	return min(maxWait, time.Until(l.plan[0].due))
}

// queueDue moves each job that is due to the end of the queue, and plans its
// next time.
func (l *loop) queueDue(now time.Time) {
	overdue := 0
	for len(l.plan) > 0 && !l.plan[0].due.After(now) {
		e := l.plan[0]
		due, next := e.due, l.next(e, e.due)
		if !next.IsZero() && !next.After(now) {
			// Times were missed. One run now stands for the time from now on: what
			// went by was not measured, and no result claims that it was.
			overdue++
			due, next = now, l.next(e, now)
		}
		if e.due = next; next.IsZero() {
			heap.Pop(&l.plan)
		} else {
			heap.Fix(&l.plan, 0)
		}
		if e.busy {
			l.skip(e)
			continue
		}
		e.busy, e.began, e.period = true, due, max(0, next.Sub(due))
		l.waiting = append(l.waiting, e)
	}
	if overdue > 0 && now.Sub(l.warned) >= warnEvery {
		l.warned = now
		l.log.Warn().Int("jobs", overdue).Msg("due times were missed: the machine slept, its clock was set, or it is overloaded")
	}
}

func (l *loop) skip(e *entry) {
	l.options.Meter.Lost(1, overrun)
	if !e.skipped {
		l.log.Warn().Str("probe", e.job.Probe.ID).Msg("run skipped: the one before has not ended")
	}
	e.skipped = true
}

func (l *loop) startWaiting() {
	for len(l.waiting) > 0 && l.running < l.options.Concurrency {
		e := l.waiting[0]
		l.waiting[0] = nil
		l.waiting = l.waiting[1:]
		l.running++
		l.options.Meter.Started(max(0, time.Since(e.began)), l.running)
		l.workers.Go(func() {
			if r, ok := l.measure(e.job); ok {
				r.Period = e.period
				l.results.add(r)
			}
			l.done <- e
		})
	}
}

func (l *loop) finished(e *entry) {
	e.busy, e.skipped = false, false
	l.running--
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
