// Package scheduler runs probes at their times and hands each batch of results
// to a sink. It keeps its jobs in a min-heap over cron's Schedule, bounds how
// many run at once, and never counts the wait for a free slot as latency.
//
// A result passes three owners: the loop, which alone holds the heap and the
// queue; one goroutine for the run itself; and the batcher, which alone calls
// the sink. [Run] waits for all of them.
package scheduler
