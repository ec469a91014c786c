package storage

import (
	"time"

	"github.com/DataDog/sketches-go/ddsketch"

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

// Of returns the measure of one result, and whether the result has it.
// Times are those of answers only: a failure has none.
func (m Measure) Of(r probes.Result) (time.Duration, bool) {
	if m == Age {
		return r.Age()
	}
	p := r.Phases
	return [...]time.Duration{
		Redirect: p.Redirect, DNS: p.DNS, Connect: p.Connect, TLS: p.TLS, Wait: p.Wait, Transfer: p.Transfer,
		ServerTime: p.ServerTime(), PageTime: p.PageTime(), Total: p.Total(),
	}[m], r.Answered()
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

// Summary sums up many durations: exactly, but for the distribution.
type Summary struct {
	N             int64
	Sum, Min, Max time.Duration
	Sketch        *ddsketch.DDSketch // of seconds, relative error 1 %; nil when not kept
}
