package slo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Band is a range of values that is open on its good side: ">= 99.9%", "< 50ms",
// "<= 5s". The zero Band holds no value.
type Band struct {
	Limit float64 // a ratio, or seconds
	op    string
}

// AtLeast returns the band of values from limit up.
func AtLeast(limit float64) Band { return Band{limit, ">="} }

// Below returns the band of values under limit.
func Below(limit float64) Band { return Band{limit, "<"} }

// AtMost returns the band of values up to limit.
func AtMost(limit float64) Band { return Band{limit, "<="} }

// IsZero reports whether the band is none.
func (b Band) IsZero() bool { return b.op == "" }

// Holds reports whether the value is in the band.
func (b Band) Holds(value float64) bool {
	switch b.op {
	case ">=":
		return value >= b.Limit
	case "<":
		return value < b.Limit
	case "<=":
		return value <= b.Limit
	}
	return false
}

// LowerIsBetter reports whether the band's good side is the lower one.
func (b Band) LowerIsBetter() bool { return b.op != ">=" }

// String returns the band as it is written in the configuration.
func (b Band) String() string {
	switch b.op {
	case "":
		return ""
	case ">=":
		return b.op + " " + strconv.FormatFloat(b.Limit*100, 'g', 12, 64) + "%"
	}
	return b.op + " " + time.Duration(math.Round(b.Limit*float64(time.Second))).String()
}

// MarshalText returns the band as it is written in the configuration.
func (b Band) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads a band such as ">= 99.9%", "< 50ms" or "<= 5s".
func (b *Band) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, op := range []string{">=", "<=", "<"} {
		rest, ok := strings.CutPrefix(s, op)
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		if percent, ok := strings.CutSuffix(rest, "%"); ok == (op == ">=") {
			if limit, err := limit(percent, ok); err == nil {
				*b = Band{limit, op}
				return nil
			}
		}
	}
	return fmt.Errorf(`%q is not a band: want a form such as ">= 99.9%%", "< 50ms" or "<= 5s"`, text)
}

func limit(s string, percent bool) (float64, error) {
	if percent {
		// Moving the decimal point keeps the ratio the nearest to what is written;
		// a division would make 99.9 a little more than 0.999.
		f, err := strconv.ParseFloat(strings.TrimSpace(s)+"e-2", 64)
		if err == nil && !(f > 0 && f <= 1) {
			err = strconv.ErrRange
		}
		return f, err
	}
	d, err := time.ParseDuration(s)
	if err == nil && d <= 0 {
		err = strconv.ErrRange
	}
	return d.Seconds(), err
}
