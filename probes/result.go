package probes

import "time"

// Phases are the parts of one exchange in the order in which they happen. They
// add up to the total time; time spent waiting for a free slot of ours is in
// none of them.
type Phases struct {
	Redirect time.Duration `json:"redirect"` // all hops before the last one
	DNS      time.Duration `json:"dns"`      // name look-up, and attempts at other addresses before the one that was reached
	Connect  time.Duration `json:"connect"`  // TCP connection that was made: one network round trip
	TLS      time.Duration `json:"tls"`      // handshake
	Wait     time.Duration `json:"wait"`     // connection ready and request sent, to first byte of the final answer
	Transfer time.Duration `json:"transfer"` // first byte to last byte
}

// Total returns the time from the first look-up to the last byte.
func (p Phases) Total() time.Duration {
	return p.Redirect + p.DNS + p.Connect + p.TLS + p.Wait + p.Transfer
}

// ServerTime returns the wait less one network round trip, which the TCP
// connection of the same exchange estimates. It is never below zero.
func (p Phases) ServerTime() time.Duration { return max(0, p.Wait-p.Connect) }

// PageTime returns the time from the request sent to the last byte of the
// document: wait and transfer; look-up, connection and handshake not counted.
func (p Phases) PageTime() time.Duration { return p.Wait + p.Transfer }

// Check is the outcome of one assertion in one run.
type Check struct {
	Assertion string `json:"assertion"` // what was asserted, such as "status is one of 200, 206"
	Passed    bool   `json:"passed"`
	Detail    string `json:"detail,omitempty"` // expected and actual, when it failed
	Critical  bool   `json:"critical"`
}

// Result is one measurement. (Probe, Vantage, Time) identifies it: recording
// the same one twice changes nothing.
type Result struct {
	Probe       string        `json:"probe"`       // service and probe, such as "api-geo/communes"
	Vantage     string        `json:"vantage"`     // the point that it was measured from
	Time        time.Time     `json:"time"`        // when the exchange began; kept to the millisecond
	Period      time.Duration `json:"period"`      // the time that this result stands for: until the next is due
	Maintenance bool          `json:"maintenance"` // it fell in an announced maintenance
	Outcome     Outcome       `json:"outcome"`
	Class       ErrorClass    `json:"class,omitempty"`
	Detail      string        `json:"detail,omitempty"` // expected and actual, at most MaxDetail bytes, no secret
	Phases      Phases        `json:"phases"`           // kept to the microsecond
	Status      int           `json:"status,omitempty"`
	Size        int64         `json:"size"`                         // bytes of body read
	DataTime    time.Time     `json:"data_time,omitzero"`           // the date that the data carries
	NotAfter    time.Time     `json:"certificate_expires,omitzero"` // the earliest end of the certificate chain
	Remote      string        `json:"remote,omitempty"`             // address and port that answered; not stored
	RetryAfter  time.Duration `json:"retry_after,omitempty"`        // the service asks to be left alone for so long, at most an hour; not stored
	Checks      []Check       `json:"checks,omitempty"`             // not stored
	Hops        []Hop         `json:"hops,omitempty"`               // each request in turn, where there was a redirect; not stored
	Steps       []Step        `json:"steps,omitempty"`              // of a journey, as far as it went; not stored
	Evidence    *Evidence     `json:"evidence,omitempty"`           // of what was not up and not our own fault
}

// MaxDetail is the most bytes that a result's Detail holds.
const MaxDetail = 300

// Age returns how old the data was when it was measured, and whether the
// answer was dated at all. A date in the future counts as age zero.
func (r Result) Age() (time.Duration, bool) {
	if r.DataTime.IsZero() {
		return 0, false
	}
	return max(0, r.Time.Sub(r.DataTime)), true
}

// Answered reports whether the service answered as it should, so that its
// times may be judged.
func (r Result) Answered() bool { return r.Outcome == Up || r.Outcome == Degraded }
