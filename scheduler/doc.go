// Package scheduler runs probes at their times and hands each batch of results
// to a sink. It keeps its jobs in a min-heap over cron's Schedule, bounds how
// many run at once, in all and for each host, keeps those of one service within
// their budget of requests, and never counts the wait for any of these as
// latency. Failures are re-checked beside the schedule, which they never move.
//
// A result passes three owners: one goroutine for the run itself; the loop,
// which alone holds the heap and the queues, and learns from the result when the
// job is due next; and the batcher, which alone calls the sink. [Run] waits for
// all of them.
package scheduler
