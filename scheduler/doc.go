// Package scheduler runs probes at their times and hands each batch of results
// to a sink. It keeps its jobs in a min-heap over cron's Schedule, bounds how
// many run at once, and never counts the wait for a free slot as latency.
package scheduler
