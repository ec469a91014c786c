package scheduler

import (
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// queue holds entries in the order in which they came to be due, whenever they
// were put in it.
type queue struct {
	entries []*entry
	taken   int // of those, from the front
}

const maxIdle = 1024 // places that an empty queue keeps

func (q *queue) len() int { return len(q.entries) - q.taken }

func (q *queue) push(e *entry) {
	if len(q.entries) == cap(q.entries) && q.taken > len(q.entries)/2 {
		n := copy(q.entries, q.entries[q.taken:])
		clear(q.entries[n:])
		q.entries, q.taken = q.entries[:n], 0
	}
	if n := len(q.entries); q.len() == 0 || q.entries[n-1].seq < e.seq {
		q.entries = append(q.entries, e)
		return
	}
	waiting := q.entries[q.taken:]
	at := q.taken + sort.Search(len(waiting), func(i int) bool { return waiting[i].seq > e.seq })
	q.entries = slices.Insert(q.entries, at, e)
}

// first returns the first entry; nil when there is none.
func (q *queue) first() *entry {
	if q.len() == 0 {
		return nil
	}
	return q.entries[q.taken]
}

// pop takes the first entry out; nil when there is none.
func (q *queue) pop() *entry {
	e := q.first()
	if e == nil {
		return nil
	}
	q.entries[q.taken] = nil
	q.taken++
	if q.len() == 0 {
		if q.entries, q.taken = q.entries[:0], 0; cap(q.entries) > maxIdle {
			q.entries = nil // give back what a long wait took
		}
	}
	return e
}

// host is what is known of one host that jobs reach.
type host struct {
	name    string
	running int
	parked  queue     // entries that wait until fewer runs reach it
	until   time.Time // it is left alone until then
	strikes int       // refusals in a row without a time
}

// budget is the requests that the jobs of one service may make.
type budget struct {
	limiter *rate.Limiter
	parked  queue // regular runs that wait for their requests
	thirsty bool  // it is in the loop's list
}

// wait returns how long until so many requests may be made.
func (b *budget) wait(now time.Time, requests int) time.Duration {
	short := float64(requests) - b.limiter.TokensAt(now)
	if short <= 0 {
		return 0
	}
	seconds := short / float64(b.limiter.Limit())
	return time.Duration(math.Ceil(min(seconds, maxWait.Seconds()) * float64(time.Second)))
}

func (e *entry) requests() int { return max(1, e.job.Requests) }

// share gives entries of one host, and those of one service, what they share.
func share(entries []entry) {
	hosts, budgets := map[string]*host{}, map[string]*budget{}
	for i := range entries {
		e := &entries[i]
		if name := e.job.Host; name != "" {
			if hosts[name] == nil {
				hosts[name] = &host{name: name}
			}
			e.host = hosts[name]
		}
		if e.job.Budget <= 0 {
			continue
		}
		service, _, _ := strings.Cut(e.job.Probe.ID, "/")
		b, limit := budgets[service], rate.Limit(e.job.Budget)
		if b == nil {
			b = &budget{limiter: rate.NewLimiter(limit, 1)}
			budgets[service] = b
		}
		b.limiter.SetLimit(min(b.limiter.Limit(), limit))
		if b.limiter.Burst() < e.requests() {
			// All at once, since one run does not stop in the middle.
			b.limiter = rate.NewLimiter(b.limiter.Limit(), e.requests())
		}
		e.budget = b
	}
}
