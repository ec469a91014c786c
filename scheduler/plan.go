package scheduler

import (
	"container/heap"
	"time"

	"observatoire/probes"
)

// entry is a job in the plan. The loop alone changes it, but for result, which
// the worker of its run fills.
type entry struct {
	job    *Job
	host   *host   // nil when the job names none
	budget *budget // nil when the job has none

	due     time.Time // the earlier of the next two
	index   int       // in the plan; -1 when it is not due again
	regular time.Time // the next time of its schedule; zero: never again
	extra   time.Time // a re-check or a quicker run before that; zero for none

	gap   time.Duration // from the last regular time to the next; zero when there is none
	usual time.Duration // the shortest gap so far

	busy    bool          // it waits or runs
	started bool          // it runs
	isExtra bool          // the run that waits or runs is not one of the schedule
	skipped bool          // at least once since it became busy
	seq     uint64        // its place among those that wait
	began   time.Time     // when the run that waits or runs was due
	period  time.Duration // from then to the next regular time
	result  *probes.Result

	failures int  // in a row, not confirmed yet
	rechecks int  // since the last regular run
	down     bool // so many failures in a row that it is confirmed
}

// settle sets when the entry is due next.
func (e *entry) settle() {
	e.due = e.regular
	if e.extraFirst() {
		e.due = e.extra
	}
}

// extraFirst reports whether what is due next is an extra run.
func (e *entry) extraFirst() bool {
	return !e.extra.IsZero() && (e.regular.IsZero() || e.extra.Before(e.regular))
}

// plan is a min-heap of jobs by their next time.
type plan []*entry

// fix puts an entry whose times changed where it belongs, or out of the plan.
func (p *plan) fix(e *entry) {
	e.settle()
	switch in := e.index >= 0; {
	case in && e.due.IsZero():
		heap.Remove(p, e.index)
	case in:
		heap.Fix(p, e.index)
	case !e.due.IsZero():
		heap.Push(p, e)
	}
}

func (p plan) Len() int           { return len(p) }
func (p plan) Less(i, j int) bool { return p[i].due.Before(p[j].due) }
func (p plan) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].index, p[j].index = i, j
}

func (p *plan) Push(e any) {
	e.(*entry).index = len(*p)
	*p = append(*p, e.(*entry))
}

func (p *plan) Pop() any {
	last := len(*p) - 1
	e := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	e.index = -1
	return e
}
