package scheduler

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"

	"observatoire/probes"
	"observatoire/slo"
)

// Job is a probe and when to run it.
type Job struct {
	Probe       probes.Probe
	Schedule    cron.Schedule
	Maintenance []slo.Maintenance // results in one of these are marked so
}

// Sink takes each batch of results, in the order in which they were finished.
// When it returns an error the same batch is handed to it again later.
type Sink interface {
	Record(ctx context.Context, batch []probes.Result) error
}

// Meter is told how the scheduler itself fares.
type Meter interface {
	Started(lag time.Duration, running int) // a run began, so long after it was due
	Stored(results int, took time.Duration) // a batch reached the sink
	Lost(results int, reason string)        // runs skipped or results given up: "overrun" (still running when due again), "overflow" (the sink failed for too long)
}

// Options are what [Run] needs.
type Options struct {
	Vantage     probes.Vantage
	Zone        *time.Location // of daily maintenance
	Concurrency int            // runs at once; 0 means 64
	Sink        Sink
	Meter       Meter // may be nil
	Log         zerolog.Logger
}
