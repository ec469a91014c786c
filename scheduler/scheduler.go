package scheduler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
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
// When it returns an error the same batch is handed to it again later. It must
// heed its context, and may keep the batch but not change it.
type Sink interface {
	Record(ctx context.Context, batch []probes.Result) error
}

// Meter is told how the scheduler itself fares.
type Meter interface {
	Started(lag time.Duration, running int) // a run began, so long after it was due
	Stored(results int, took time.Duration) // a batch reached the sink
	Lost(results int, reason string)        // runs skipped or results given up: "overrun" (still running when due again), "overflow" (the sink failed for too long)
}

// QueueMeter is told how long the queues are. A [Meter] that is one too is told
// after each change.
type QueueMeter interface {
	Queued(waiting, running int) // runs due that wait for a free slot, and runs in progress
	Buffered(results int)        // results that the sink has not taken yet
}

// Reasons why a run or a result is lost.
const (
	overrun  = "overrun"
	overflow = "overflow"
)

// Options are what [Run] needs.
type Options struct {
	Vantage     probes.Vantage
	Zone        *time.Location // of daily maintenance; nil means UTC
	Concurrency int            // runs at once; 0 means 64
	Sink        Sink
	Meter       Meter // may be nil
	Log         zerolog.Logger
}

const (
	defaultConcurrency = 64
	drainBound         = 10 * time.Second // for runs in progress when told to stop
	finalBound         = 10 * time.Second // for the last results to reach the sink
)

// Run runs each job whenever its schedule says so, until ctx is done. It then
// starts nothing more, gives the runs in progress ten seconds before it cancels
// them, hands what was measured to the sink for at most ten seconds more, and
// returns nil. A run that it cancelled is not recorded: it says nothing about
// the service. Only jobs or options that cannot work make an error, at once.
//
// A run that is due when all slots are taken waits its turn, first come first
// served; the wait is told to the meter and is part of no result. A job that
// still waits or runs when it is due again is skipped that time. After the
// machine slept or its clock was set forward, each job that is overdue runs
// once, however often it was due in between.
func Run(ctx context.Context, jobs []Job, o Options) error {
	if err := validate(jobs, o); err != nil {
		return fmt.Errorf("scheduler: %w", err)
	}
	o.Concurrency = cmp.Or(o.Concurrency, defaultConcurrency)
	o.Zone = cmp.Or(o.Zone, time.UTC)
	if o.Meter == nil {
		o.Meter = noMeter{}
	}
	// Measuring and recording outlive ctx: each has a bound of its own.
	lasting := context.WithoutCancel(ctx)
	b := newBatcher(lasting, o)
	var recorder sync.WaitGroup
	recorder.Go(b.run)
	newLoop(lasting, jobs, o, b).run(ctx)
	b.close(finalBound)
	recorder.Wait()
	return nil
}

func validate(jobs []Job, o Options) error {
	if o.Sink == nil {
		return errors.New("sink: required")
	}
	if o.Concurrency < 0 {
		return fmt.Errorf("concurrency: %d is below zero", o.Concurrency)
	}
	var faults []error
	seen := make(map[string]bool, len(jobs))
	for _, j := range jobs {
		switch {
		case j.Probe.ID == "":
			faults = append(faults, errors.New("probe without an ID"))
		case seen[j.Probe.ID]:
			faults = append(faults, fmt.Errorf("probe %q: declared twice", j.Probe.ID))
		case j.Probe.Prober == nil:
			faults = append(faults, fmt.Errorf("probe %q: prober: required", j.Probe.ID))
		case j.Schedule == nil:
			faults = append(faults, fmt.Errorf("probe %q: schedule: required", j.Probe.ID))
		}
		seen[j.Probe.ID] = true
	}
	return errors.Join(faults...)
}

type noMeter struct{}

func (noMeter) Started(time.Duration, int) {}
func (noMeter) Stored(int, time.Duration)  {}
func (noMeter) Lost(int, string)           {}
func (noMeter) Queued(int, int)            {}
func (noMeter) Buffered(int)               {}

// queueMeter returns the meter as one of queues, or one that listens to nobody.
func queueMeter(m Meter) QueueMeter {
	if q, ok := m.(QueueMeter); ok {
		return q
	}
	return noMeter{}
}
