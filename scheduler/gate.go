package scheduler

import (
	"slices"
	"time"

	"observatoire/probes"
)

// Bounds of how long a host that refuses is left alone.
const (
	firstBackoff = time.Minute // doubled with each refusal that gives no time
	maxBackoff   = time.Hour
)

// startWaiting starts what waits, as far as slots, hosts and budgets allow.
func (l *loop) startWaiting(now time.Time) {
	for _, b := range l.thirsty {
		for l.running < l.options.Concurrency && b.parked.len() > 0 && b.wait(now, b.parked.first().requests()) == 0 {
			l.try(b.parked.pop(), now)
		}
	}
	for l.running < l.options.Concurrency {
		e := l.ready.pop()
		if e == nil {
			break
		}
		l.try(e, now)
	}
	l.thirsty = slices.DeleteFunc(l.thirsty, func(b *budget) bool {
		b.thirsty = b.parked.len() > 0
		return !b.thirsty
	})
}

// try starts a run, or puts it where it waits for what it lacks: its host first,
// then its budget, so that no request is paid for that is not made.
func (l *loop) try(e *entry, now time.Time) {
	h := e.host
	if reason := l.barred(h, now); reason != "" {
		l.drop(e)
		if !e.isExtra {
			l.options.Meter.Lost(1, reason)
		}
		l.wake(h)
		return
	}
	if h != nil && h.running >= l.options.PerHost {
		h.parked.push(e)
		return
	}
	if !l.pay(e, now) {
		l.wake(h)
		return
	}
	if h != nil {
		h.running++
	}
	l.start(e, now)
}

// barred returns why nothing may reach the host now; empty when it may be reached.
func (l *loop) barred(h *host, now time.Time) string {
	switch {
	case h == nil:
		return ""
	case l.options.Off != nil && l.options.Off(h.name):
		return off
	case now.Before(h.until):
		return backoff
	}
	return ""
}

// wake lets the next run that waits for the host try again.
func (l *loop) wake(h *host) {
	if h != nil && h.running < l.options.PerHost {
		if e := h.parked.pop(); e != nil {
			l.ready.push(e)
		}
	}
}

// pay takes the requests of a run from its budget. Where they are not there a
// regular run waits for them; an extra one, which must not take the place of a
// regular one, is planned for later.
func (l *loop) pay(e *entry, now time.Time) bool {
	b := e.budget
	if b == nil {
		return true
	}
	before := b.parked.first()
	if (before == nil || before.seq > e.seq) && b.limiter.AllowN(now, e.requests()) {
		return true
	}
	if e.isExtra {
		l.drop(e)
		l.planExtra(e, now.Add(max(minRetry, b.wait(now, e.requests()))))
		return false
	}
	b.parked.push(e)
	if !b.thirsty {
		b.thirsty = true
		l.thirsty = append(l.thirsty, b)
	}
	return false
}

// minRetry is the least time after which a run that its budget did not allow is
// tried again.
const minRetry = time.Second

// drop takes a run that waited out of the queue.
func (l *loop) drop(e *entry) {
	l.queued--
	e.busy, e.skipped = false, false
}

// heed notes what a result says of when the host may be reached again.
func (l *loop) heed(h *host, r *probes.Result, now time.Time) {
	if h == nil {
		return
	}
	wait := min(r.RetryAfter, maxBackoff)
	switch {
	case wait > 0:
	case r.Class == probes.ClassQuota && !now.Before(h.until): // else the run began before the one that was refused ended
		wait = min(firstBackoff<<min(h.strikes, 6), maxBackoff)
		h.strikes++
	case r.Class != probes.ClassQuota && (r.Answered() || r.Status != 0):
		h.strikes = 0
	}
	if until := now.Add(wait); wait > 0 && until.After(h.until) {
		h.until = until
		l.log.Warn().Str("host", h.name).Dur("for", wait).Msg("host left alone: it refuses so many requests")
	}
}
