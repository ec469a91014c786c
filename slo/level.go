package slo

import "fmt"

// Level is the grade that a verdict gives.
type Level uint8

// The levels, worst definite one first.
const (
	Pending Level = iota // not measured, or too little to judge ("À venir")
	Weak
	Partial
	Optimal
)

var levelNames = [...]string{Pending: "pending", Weak: "weak", Partial: "partial", Optimal: "optimal"}

// String returns the level's name, such as "optimal".
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return fmt.Sprintf("%d", uint8(l))
}

// MarshalText returns the level's name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a level's name.
func (l *Level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = Level(i)
			return nil
		}
	}
	return fmt.Errorf("unknown level %q", text)
}

// Indicator names what is measured (SLI).
type Indicator string

// The indicators.
const (
	Availability Indicator = "availability" // share of time that the service answered as it should
	ServerTime   Indicator = "server_time"  // mean wait for the first byte less one network round trip
	PageTime     Indicator = "page_time"    // mean time from the request to the last byte of the document
	Freshness    Indicator = "freshness"    // age of the data when it was last measured
)

// Unit is the unit of an indicator's value.
type Unit string

// The units.
const (
	Ratio   Unit = "ratio"   // 0 to 1
	Seconds Unit = "seconds" // of time
)

// Unit returns the unit that the indicator's values are in.
func (i Indicator) Unit() Unit {
	if i == Availability {
		return Ratio
	}
	return Seconds
}

// LowerIsBetter reports whether a smaller value is a better one.
func (i Indicator) LowerIsBetter() bool { return i != Availability }
