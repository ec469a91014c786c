package catalogue

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Access says who may use an API.
type Access string

// The kinds of access.
const (
	Open       Access = "open"       // anyone, without a token
	Account    Access = "account"    // anyone with an account or a token
	Restricted Access = "restricted" // with an authorisation (habilitation)
)

// UnmarshalText reads a kind of access.
func (a *Access) UnmarshalText(text []byte) error {
	switch got := Access(text); got {
	case Open, Account, Restricted:
		*a = got
		return nil
	}
	return fmt.Errorf("%q is not a kind of access: want open, account or restricted", text)
}

// Ratio is a share from 0 to 1 that is written in percent.
type Ratio float64

// UnmarshalText reads a number of percent above 0, at most 100. The ratio is
// the nearest to what is written, so that what was measured can equal it.
func (r *Ratio) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(string(text)+"e-2", 64)
	if err != nil || !(f > 0 && f <= 1) {
		return fmt.Errorf("%q is not a percentage: want a number above 0, at most 100", text)
	}
	*r = Ratio(f)
	return nil
}

// Date is a day, written 2026-08-21.
type Date string

// UnmarshalText reads a day.
func (d *Date) UnmarshalText(text []byte) error {
	if _, err := time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("%q is not a date: want the form 2026-08-21", text)
	}
	*d = Date(text)
	return nil
}

// Rate is a number of requests in a unit of time. The zero Rate is none declared.
type Rate struct {
	Requests int
	Per      time.Duration
}

var rateUnits = map[string]time.Duration{
	"s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// UnmarshalText reads a rate such as "10/s", "250/min", "100/h" or "5000/d".
func (r *Rate) UnmarshalText(text []byte) error {
	requests, unit, _ := strings.Cut(string(text), "/")
	n, err := strconv.Atoi(requests)
	per := rateUnits[unit]
	if err != nil || n < 1 || per == 0 {
		return fmt.Errorf("%q is not a rate: want a form such as 10/s, 250/min, 100/h or 5000/d", text)
	}
	*r = Rate{Requests: n, Per: per}
	return nil
}

// String returns the rate in the form that it is written in; empty for none.
func (r Rate) String() string {
	for unit, per := range rateUnits {
		if per == r.Per {
			return fmt.Sprintf("%d/%s", r.Requests, unit)
		}
	}
	return ""
}

// IsZero reports whether no rate is declared.
func (r Rate) IsZero() bool { return r.Requests == 0 }

// Allows reports whether one request each period stays within the rate.
func (r Rate) Allows(requests int, period time.Duration) bool {
	return r.IsZero() || float64(requests)/period.Seconds() <= float64(r.Requests)/r.Per.Seconds()
}
