package storage

import (
	"fmt"
	"time"

	"observatoire/probes"
	"observatoire/slo"
)

// Resolution is the length of a rollup.
type Resolution uint8

// The resolutions.
const (
	FiveMinutes Resolution = iota + 1
	Hour
	Day // from midnight to midnight in the site's time zone
)

// Start returns the beginning of the rollup of this resolution that t falls in.
func (r Resolution) Start(t time.Time, zone *time.Location) time.Time {
	switch r {
	case FiveMinutes:
		return t.Truncate(5 * time.Minute).In(zone)
	case Hour:
		return t.Truncate(time.Hour).In(zone)
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// End returns the first instant after the rollup of this resolution that begins
// at start. A day has 23 to 25 hours.
func (r Resolution) End(start time.Time, zone *time.Location) time.Time {
	switch r {
	case FiveMinutes:
		return start.Add(5 * time.Minute)
	case Hour:
		return start.Add(time.Hour)
	}
	// A day that begins at one o'clock because its midnight was skipped may be
	// named by an instant of the day before; twelve hours on is always inside.
	y, m, d := start.In(zone).Add(12 * time.Hour).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

var resolutionNames = [...]string{FiveMinutes: "5m", Hour: "1h", Day: "1d"}

// String returns "5m", "1h" or "1d".
func (r Resolution) String() string {
	if r >= FiveMinutes && r <= Day {
		return resolutionNames[r]
	}
	return fmt.Sprintf("%d", uint8(r))
}

// MarshalText returns the resolution as [Resolution.String] does.
func (r Resolution) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads "5m", "1h" or "1d".
func (r *Resolution) UnmarshalText(text []byte) error {
	for known := FiveMinutes; known <= Day; known++ {
		if resolutionNames[known] == string(text) {
			*r = known
			return nil
		}
	}
	return fmt.Errorf("%q is not a resolution: want 5m, 1h or 1d", text)
}

// Measure names one of the durations of a result that rollups keep.
type Measure uint8

// The measures. Their numbers are stored: they are never reused.
const (
	Redirect Measure = iota
	DNS
	Connect
	TLS
	Wait
	Transfer
	ServerTime
	PageTime
	Total
	Age // of the data
	Measures
)

var measureNames = [Measures]string{
	Redirect: "redirect", DNS: "dns", Connect: "connect", TLS: "tls", Wait: "wait", Transfer: "transfer",
	ServerTime: "server_time", PageTime: "page_time", Total: "total", Age: "age",
}

// String returns the measure's name, such as "server_time".
func (m Measure) String() string {
	if m < Measures {
		return measureNames[m]
	}
	return fmt.Sprintf("%d", uint8(m))
}

// Of returns the measure of one result, and whether the result has it.
// Times are those of answers only: a failure has none.
func (m Measure) Of(r probes.Result) (time.Duration, bool) {
	if m == Age {
		return r.Age()
	}
	return times(r.Phases)[m], r.Answered()
}

func times(p probes.Phases) [Age]time.Duration {
	return [...]time.Duration{
		Redirect: p.Redirect, DNS: p.DNS, Connect: p.Connect, TLS: p.TLS, Wait: p.Wait, Transfer: p.Transfer,
		ServerTime: p.ServerTime(), PageTime: p.PageTime(), Total: p.Total(),
	}
}

// Sketched reports whether rollups keep the measure's distribution, for
// percentiles, beside its sum, minimum and maximum.
func (m Measure) Sketched() bool { return m == ServerTime || m == PageTime || m == Total }

// Rollup sums up the results of one probe from one vantage point in one span of time.
type Rollup struct {
	Probe      string
	Vantage    string
	Resolution Resolution
	Start      time.Time
	Counts     slo.Counts
	Measures   [Measures]Summary
}

// Add counts one result. A definite one in announced maintenance counts as
// maintenance alone, and its times are left out: nobody was promised anything.
func (r *Rollup) Add(result probes.Result) {
	r.count(result)
	if age, ok := result.Age(); ok {
		r.Measures[Age].Add(age)
	}
	if result.Maintenance || !result.Answered() {
		return
	}
	for m, d := range times(result.Phases) {
		s := &r.Measures[m]
		if s.N == 0 && s.Sketch == nil && Measure(m).Sketched() {
			s.Sketch = NewSketch()
		}
		s.Add(d)
	}
}

func (r *Rollup) count(result probes.Result) {
	c := &r.Counts
	one := slo.Tally{N: 1, Time: result.Period}
	if result.Maintenance && result.Outcome != probes.Unknown {
		c.Maintenance = c.Maintenance.Add(one)
		if result.Outcome == probes.Down {
			c.MaintenanceDown = c.MaintenanceDown.Add(one)
		}
		return
	}
	switch result.Outcome {
	case probes.Up:
		c.Up = c.Up.Add(one)
	case probes.Degraded:
		c.Degraded = c.Degraded.Add(one)
	case probes.Down:
		c.Down = c.Down.Add(one)
	default:
		c.Unknown = c.Unknown.Add(one)
	}
}

// Merge adds what o sums up. Whose rollup it is and of when stays as it is.
func (r *Rollup) Merge(o Rollup) {
	r.Counts = r.Counts.Add(o.Counts)
	for m := range o.Measures {
		r.Measures[m].Merge(o.Measures[m])
	}
}

// Reset empties the rollup and keeps its memory, to sum up another span.
func (r *Rollup) Reset() {
	r.Counts = slo.Counts{}
	for m := range r.Measures {
		sketch := r.Measures[m].Sketch
		if sketch != nil {
			sketch.Clear()
		}
		r.Measures[m] = Summary{Sketch: sketch}
	}
}
