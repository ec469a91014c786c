package probes

import (
	"errors"
	"fmt"
	"time"
)

// ResponseTime asserts that the whole exchange, from the look-up of the name to
// the last byte, takes less than a time.
type ResponseTime struct {
	Under time.Duration `yaml:"under" doc:"the total time is less than this duration, such as 2s" required:"true"`
}

// Validate checks the settings.
func (r *ResponseTime) Validate() error {
	if r.Under <= 0 {
		return errors.New("under: required: want a duration such as 2s")
	}
	return nil
}

// Check implements [Assertion].
func (r *ResponseTime) Check(o *Observation) error {
	if total := o.Phases.Total(); total >= r.Under {
		return fmt.Errorf("response time %s, expected under %s", brief(total), brief(r.Under))
	}
	return nil
}

// String implements [Assertion].
func (r *ResponseTime) String() string { return "response time is under " + brief(r.Under) }

// brief returns a duration for readers: days beyond two of them, and no more
// digits than a tenth of a millisecond.
func brief(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*day:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	}
	return d.Round(100 * time.Microsecond).String()
}
