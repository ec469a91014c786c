package scheduler

import (
	"context"
	"fmt"
	"testing"
	"time"

	"observatoire/probes"
)

// BenchmarkLoop measures what one due time costs the loop with 100,000 jobs of
// one minute: the clock check, the heap and the queue, without the run itself.
func BenchmarkLoop(b *testing.B) {
	const jobs = 100_000
	all := make([]Job, jobs)
	for i := range all {
		id := fmt.Sprintf("api-%d/p", i)
		all[i] = Job{Probe: probes.Probe{ID: id}, Schedule: Every(time.Minute, id)}
	}
	l := newLoop(context.Background(), all, Options{Meter: noMeter{}, Concurrency: 1}, nil)
	defer l.cancel()
	b.ReportAllocs()
	runs := 0
	for b.Loop() {
		now := l.plan[0].due
		if l.clockWentBack(now) {
			b.Fatal("the clock is thought to have gone back")
		}
		l.queueDue(now)
		for e := l.ready.pop(); e != nil; e = l.ready.pop() {
			e.busy = false
			runs++
		}
	}
	// So many jobs are due jobs/60 times a second: the share of one core.
	perRun := b.Elapsed().Seconds() / float64(runs)
	b.ReportMetric(perRun*1e9, "ns/run")
	b.ReportMetric(100*perRun*jobs/60, "%core")
}
