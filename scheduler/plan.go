package scheduler

import "time"

// entry is a job in the plan. The loop alone changes it; a worker reads began
// and period, which do not change while the job is busy.
type entry struct {
	job     *Job
	due     time.Time     // the next time
	busy    bool          // it waits or runs
	skipped bool          // at least once since it became busy
	began   time.Time     // when the run that waits or runs was due
	period  time.Duration // from then to the next due time
}

// plan is a min-heap of jobs by their next time.
type plan []*entry

func (p plan) Len() int           { return len(p) }
func (p plan) Less(i, j int) bool { return p[i].due.Before(p[j].due) }
func (p plan) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *plan) Push(e any)        { *p = append(*p, e.(*entry)) }
func (p *plan) Pop() any {
	last := len(*p) - 1
	e := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	return e
}
