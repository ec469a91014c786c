package slo

import (
	"errors"
	"fmt"
)

// Objective is the recommended level of one indicator (SLO): a band of values
// for Optimal and one for Partial, over a window, as a named source sets it.
type Objective struct {
	Indicator       Indicator `yaml:"indicator" doc:"availability, server_time or page_time" required:"true"`
	Optimal         Band      `yaml:"optimal" doc:"values for which the level is optimal, such as \">= 99.9%\" or \"< 50ms\"" required:"true"`
	Partial         Band      `yaml:"partial" doc:"values for which it is partial, weak beyond; without it the level is optimal or weak"`
	Window          Window    `yaml:"window" doc:"day, month, quarter or a number of days such as 90d" required:"true"`
	MinMeasurements int64     `yaml:"min_measurements" doc:"with fewer measurements in the window the level stays pending"`
	Source          string    `yaml:"source" doc:"who sets the level, and where" required:"true"`
}

// Level returns the level of a value that rests on so many measurements.
func (o Objective) Level(value float64, measurements int64) Level {
	switch {
	case measurements == 0 || measurements < o.MinMeasurements:
		return Pending
	case o.Optimal.Holds(value):
		return Optimal
	case o.Partial.Holds(value):
		return Partial
	}
	return Weak
}

// Floor returns the limit beyond which the level is weak.
func (o Objective) Floor() float64 {
	if o.Partial.IsZero() {
		return o.Optimal.Limit
	}
	return o.Partial.Limit
}

// Validate reports bands that do not suit the indicator or each other.
func (o Objective) Validate() error {
	var faults []error
	switch o.Indicator {
	case Availability, ServerTime, PageTime:
	default:
		return fmt.Errorf("indicator: %q: want availability, server_time or page_time", o.Indicator)
	}
	for name, band := range map[string]Band{"optimal": o.Optimal, "partial": o.Partial} {
		if !band.IsZero() && band.LowerIsBetter() != o.Indicator.LowerIsBetter() {
			faults = append(faults, fmt.Errorf("%s: %s does not suit %s", name, band, o.Indicator))
		}
	}
	if len(faults) == 0 && !o.Partial.IsZero() && !o.Optimal.IsZero() && (!o.Partial.Holds(o.Optimal.Limit) || o.Optimal.Holds(o.Partial.Limit)) {
		faults = append(faults, fmt.Errorf("partial: %s does not reach beyond optimal: %s", o.Partial, o.Optimal))
	}
	if o.MinMeasurements < 0 {
		faults = append(faults, errors.New("min_measurements: must not be negative"))
	}
	if o.Window == Latest {
		faults = append(faults, errors.New("window: required"))
	}
	return errors.Join(faults...)
}

// Profile is a named set of recommended levels.
type Profile struct {
	Name       string      `yaml:"-"`
	Title      string      `yaml:"title" doc:"for readers"`
	Objectives []Objective `yaml:"objectives" doc:"one for each indicator that is judged" required:"true"`
}

// Objective returns the profile's objective for an indicator, if it has one.
func (p Profile) Objective(i Indicator) (Objective, bool) {
	for _, o := range p.Objectives {
		if o.Indicator == i {
			return o, true
		}
	}
	return Objective{}, false
}
