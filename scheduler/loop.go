package scheduler

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
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
	ready   queue     // due, and to be tried when there is a slot
	thirsty []*budget // those that runs wait for
	queued  int       // entries that wait, wherever
	running int
	seq     uint64    // of the last entry that came to be due
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
	share(entries)
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
			l.finished(e, time.Now())
		case <-timer.C:
		}
		now := time.Now()
		if l.clockWentBack(now) {
			l.replan(now)
			l.log.Warn().Msg("clock was set back: all jobs planned anew")
		}
		l.queueDue(now)
		l.startWaiting(now)
		l.queues.Queued(l.queued, l.running)
		timer.Reset(l.wait(now))
	}
	l.drain()
}

// drain waits for the runs in progress, and cancels them at the bound.
func (l *loop) drain() {
	l.ready, l.queued = queue{}, 0
	timer := time.NewTimer(drainBound)
	defer timer.Stop()
	for l.running > 0 {
		select {
		case e := <-l.done:
			l.finished(e, time.Now())
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
		e.regular, e.extra, e.index = l.next(e, now), time.Time{}, -1
		e.settle()
		return e.due.IsZero()
	})
	for i, e := range l.plan {
		e.index = i
	}
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

// wait returns how long nothing needs to be done, but for runs that end.
func (l *loop) wait(now time.Time) time.Duration {
	wait := maxWait
	if len(l.plan) > 0 {
		wait = min(wait, time.Until(l.plan[0].due))
	}
	if l.running < l.options.Concurrency {
		for _, b := range l.thirsty {
			wait = min(wait, b.wait(now, b.parked.first().requests()))
		}
	}
	return wait
}

// queueDue moves each job that is due to the end of the queue, and plans its
// next time.
func (l *loop) queueDue(now time.Time) {
	overdue := 0
	for len(l.plan) > 0 && !l.plan[0].due.After(now) {
		e := l.plan[0]
		if e.extraFirst() {
			l.queueExtra(e)
			continue
		}
		due, next := e.due, l.next(e, e.due)
		if !next.IsZero() && !next.After(now) {
			// Times were missed. One run now stands for the time from now on: what
			// went by was not measured, and no result claims that it was.
			overdue++
			due, next = now, l.next(e, now)
		}
		l.pass(e, due, next)
		if e.busy && (e.started || !e.isExtra) {
			l.skip(e)
			continue
		}
		e.began, e.period, e.isExtra = due, e.gap, false // in the place of an extra run that waits
		l.admit(e)
	}
	if overdue > 0 && now.Sub(l.warned) >= warnEvery {
		l.warned = now
		l.log.Warn().Int("jobs", overdue).Msg("due times were missed: the machine slept, its clock was set, or it is overloaded")
	}
}

// pass plans the regular run after the one that is due.
func (l *loop) pass(e *entry, due, next time.Time) {
	e.gap = 0
	if !next.IsZero() {
		e.gap = next.Sub(due)
		if e.usual == 0 { // the first gap may be a night or a weekend
			e.usual = e.gap
			if second := e.job.Schedule.Next(next); second.After(next) {
				e.usual = second.Sub(next)
			}
		}
		if due.Equal(e.regular) { // not from the middle of a gap on
			e.usual = min(e.usual, e.gap)
		}
	}
	e.regular, e.extra = next, time.Time{}
	l.plan.fix(e)
}

// queueExtra moves a job whose extra run is due to the end of the queue. A
// regular one that comes to be due before it starts takes its place.
func (l *loop) queueExtra(e *entry) {
	due := e.extra
	e.extra = time.Time{}
	l.plan.fix(e)
	e.began, e.period, e.isExtra = due, 0, true
	if !e.regular.IsZero() {
		e.period = e.regular.Sub(due)
	}
	l.admit(e)
}

// admit puts a run that is due in the queue.
func (l *loop) admit(e *entry) {
	if e.busy {
		return // it waits already
	}
	l.seq++
	l.queued++
	e.busy, e.seq = true, l.seq
	l.ready.push(e)
}

func (l *loop) skip(e *entry) {
	l.options.Meter.Lost(1, overrun)
	if !e.skipped {
		l.log.Warn().Str("probe", e.job.Probe.ID).Msg("run skipped: the one before has not ended")
	}
	e.skipped = true
}
