package slo

import "time"

// Tally is a number of measurements and the time that they stand for. Each
// measurement stands for the time until the next one was due, so that a change
// of pace (quicker while down, say) weighs no outcome more than it lasted.
type Tally struct {
	N    int64
	Time time.Duration
}

// Counts are the measurements of a span of time by outcome. Up, Degraded, Down
// and Unknown leave out announced maintenance, which is counted apart.
type Counts struct {
	Up, Degraded, Down, Unknown Tally
	Maintenance                 Tally // all definite ones in announced maintenance
	MaintenanceDown             Tally // those of them that were down
}

// Verdict compares one indicator of one service with a level. It names all
// that it rests on.
type Verdict struct {
	Indicator    Indicator
	Value        float64 // unrounded, in Indicator.Unit(); meaningless when Measurements is 0
	Level        Level
	Target       float64 // the value from which the level is optimal; 0 when not judged
	Floor        float64 // the value from which the level is partial; 0 when not judged
	Window       Window
	Measurements int64
	Coverage     float64 // share of the window that the measurements stand for, 0 to 1
	Profile      string  // name of the profile
	Source       string  // who set the level, and where
	Judged       bool    // false when no level is known for it: shown, not judged
	Commitment   *Pledge // the producer's own word on it, when there is one

	// Including is the availability with announced maintenance counted as time
	// that the service should have been there; equal to Value without maintenance.
	Including float64

	Budget Budget // of the target; zero unless the indicator is availability
}

// Pledge is a producer's commitment, held against what was measured.
type Pledge struct {
	Target       float64 // promised value, in the indicator's unit
	Value        float64 // measured value over the commitment's own window, unrounded
	Window       Window
	Measurements int64
	Coverage     float64
	Judged       bool // enough was measured to say
	Kept         bool // the value reaches the target
	Source       string
	Seen         string // date on which the source was read, such as "2026-08-21"
}

// Incident is a span of time in which a probe of a service failed.
type Incident struct {
	ID       int64
	Probe    string
	Vantage  string
	Start    time.Time // the first failure
	End      time.Time // the first success after it; zero while it lasts
	Class    string    // error class of the first failure
	Detail   string    // of the first failure
	Failures int64
	Hint     Hint
}

// Hint says what an incident looks like beside an outage.
type Hint string

// The hints.
const (
	NoHint Hint = ""
	Dead   Hint = "dead"  // the address is gone for good: nothing is there any more
	Moved  Hint = "moved" // the address leads to another host for good
)

// Open reports whether the incident lasts.
func (i Incident) Open() bool { return i.End.IsZero() }

// Judge says whether the pledge is kept; with fewer measurements than so many
// it says nothing.
func (p *Pledge) Judge(minMeasurements int64) {
	p.Judged = p.Measurements > 0 && p.Measurements >= minMeasurements
	p.Kept = p.Judged && p.Value >= p.Target
}
