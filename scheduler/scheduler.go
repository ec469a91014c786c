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
	Host        string            // that the probe reaches, in lower case; empty: none that is to be spared
	Requests    int               // that one run makes; 0 means 1
	Budget      float64           // requests per second that the jobs of its service (the ID up to the slash) may make together; 0 means no bound
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
	Lost(results int, reason string)        // runs skipped or results given up; reason is one of [Reasons]
}

// QueueMeter is told how long the queues are. A [Meter] that is one too is told
// after each change.
type QueueMeter interface {
	Queued(waiting, running int) // runs due that wait for a free slot, and runs in progress
	Buffered(results int)        // results that the sink has not taken yet
}

// Reasons why a run or a result is lost.
const (
	overrun  = "overrun"  // a run was skipped: the one before had not ended
	overflow = "overflow" // a result was given up: the sink failed for too long
	backoff  = "backoff"  // a run was skipped: the host asked to be left alone, or refused (429)
	off      = "off"      // a run was skipped: its host is switched off
)

// Reasons returns all reasons that a [Meter] may be told.
func Reasons() []string { return []string{overrun, overflow, backoff, off} }

// Options are what [Run] needs.
type Options struct {
	Vantage     probes.Vantage
	Zone        *time.Location // of daily maintenance; nil means UTC
	Concurrency int            // runs at once; 0 means 64
	PerHost     int            // runs at once that reach one host; 0 means 2

	// Confirmations is how many failures in a row make an outage; 0 means 1. The
	// first one is confirmed by re-checks, Recheck apart (0 means 20 s) give or
	// take a fifth.
	Confirmations int
	Recheck       time.Duration

	Off   func(host string) bool // asked before each run: its host is switched off; nil means none is. It must be quick.
	Sink  Sink
	Meter Meter // may be nil
	Log   zerolog.Logger
}

const (
	defaultConcurrency = 64
	defaultPerHost     = 2
	defaultRecheck     = 20 * time.Second
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
//
// A failure is re-checked at short intervals, beside the schedule, until it is
// confirmed or gone. While a job is down it runs every minute, if its schedule
// is not quicker and not at rest (a gap of more than twice the usual one); then
// it goes back to its schedule, which never moves. Re-checks never take the
// place of a run of the schedule.
//
// At most so many runs reach one host at once, and those of one service keep
// within their budget; what waits for either holds up no other host. A host that
// asks to be left alone (Retry-After and the like, for at most an hour) or
// answers 429 without saying for how long (a minute, doubled each time up to an
// hour) is left alone: runs that are due meanwhile are skipped.
func Run(ctx context.Context, jobs []Job, o Options) error {
	if err := validate(jobs, o); err != nil {
		return fmt.Errorf("scheduler: %w", err)
	}
	o.Concurrency = cmp.Or(o.Concurrency, defaultConcurrency)
	o.PerHost = cmp.Or(o.PerHost, defaultPerHost)
	o.Confirmations = cmp.Or(o.Confirmations, 1)
	o.Recheck = cmp.Or(o.Recheck, defaultRecheck)
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
	switch {
	case o.Concurrency < 0:
		return fmt.Errorf("concurrency: %d is below zero", o.Concurrency)
	case o.PerHost < 0:
		return fmt.Errorf("runs per host: %d is below zero", o.PerHost)
	case o.Confirmations < 0:
		return fmt.Errorf("confirmations: %d is below zero", o.Confirmations)
	case o.Recheck < 0:
		return fmt.Errorf("recheck: %s is below zero", o.Recheck)
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
		case j.Requests < 0 || !(j.Budget >= 0):
			faults = append(faults, fmt.Errorf("probe %q: its requests and their budget must not be below zero", j.Probe.ID))
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
