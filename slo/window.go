package slo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Window is the span of time that a verdict rests on: a number of days ending
// now, or the calendar day, month or quarter in progress. Both begin at a
// midnight of the site's time zone. The zero Window is the latest measurement.
type Window struct {
	days     int
	calendar calendar
}

type calendar uint8

const (
	rolling calendar = iota
	day
	month
	quarter
)

// The calendar windows.
var (
	Latest  = Window{}
	Day     = Window{calendar: day}
	Month   = Window{calendar: month}
	Quarter = Window{calendar: quarter}
)

// Days returns the window of n days that ends now: today and the n-1 days before it.
func Days(n int) Window { return Window{days: n} }

// Start returns the first instant of the window at now, in now's location.
func (w Window) Start(now time.Time) time.Time {
	y, m, d := now.Date()
	switch w.calendar {
	case day:
	case month:
		d = 1
	case quarter:
		m, d = m-(m-1)%3, 1
	default:
		if w.days == 0 {
			return now
		}
		d -= w.days - 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, now.Location())
}

// String returns the window as an ISO 8601 duration: "P90D" for rolling days,
// "P1D", "P1M" and "P3M" for the calendar ones, and "latest" for the latest
// measurement.
func (w Window) String() string {
	switch w.calendar {
	case day:
		return "P1D"
	case month:
		return "P1M"
	case quarter:
		return "P3M"
	}
	if w.days == 0 {
		return "latest"
	}
	return fmt.Sprintf("P%dD", w.days)
}

// MarshalText returns the window as [Window.String] does.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads "day", "month", "quarter", "latest" or a number of days such as
// "90d" (2 to 400), and what [Window.String] returns.
func (w *Window) UnmarshalText(text []byte) error {
	s := string(text)
	switch s {
	case "day", "P1D":
		*w = Day
	case "month", "P1M":
		*w = Month
	case "quarter", "P3M":
		*w = Quarter
	case "latest":
		*w = Latest
	default:
		digits, days := strings.CutSuffix(s, "d")
		if !days {
			digits, days = strings.CutSuffix(strings.TrimPrefix(s, "P"), "D")
		}
		n, err := strconv.Atoi(digits)
		if err != nil || !days || n < 2 || n > 400 {
			return fmt.Errorf(`%q is not a window: want day, month, quarter or days from 2d to 400d`, s)
		}
		*w = Days(n)
	}
	return nil
}
