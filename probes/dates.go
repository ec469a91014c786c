package probes

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// paris is the zone of dates that name none; loaded once, when first needed.
var paris = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Europe/Paris") })

// zoned are the forms of a date that say its zone; fractions of a second are
// read with each.
var zoned = [...]string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05 Z0700",
}

// unzoned are the forms that leave the zone out.
var unzoned = [...]string{
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006",
}

// parseDate reads a date in one of the forms that [Freshness.Date] lists.
func parseDate(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return epoch(seconds)
	}
	for _, form := range zoned {
		if t, err := time.Parse(form, text); err == nil {
			return plausible(t)
		}
	}
	if t, err := http.ParseTime(text); err == nil {
		return plausible(t)
	}
	zone, err := paris()
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of dates without one: %w", err)
	}
	for _, form := range unzoned {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return plausible(t)
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date in a known form", shorten(strings.ToValidUTF8(text, "�"), maxShown))
}

// The spans in which a number is read as seconds or milliseconds since 1970:
// from 1973 to 2286, so that a number such as 20260131 is not taken for one.
const (
	minSeconds = 1e8
	maxSeconds = 1e10
	minMillis  = 1e11
	maxMillis  = 1e13
)

func epoch(n float64) (time.Time, error) {
	switch {
	case minSeconds <= n && n < maxSeconds:
		return time.UnixMilli(int64(n * 1000)).UTC(), nil
	case minMillis <= n && n < maxMillis:
		return time.UnixMilli(int64(n)).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%v is neither seconds nor milliseconds since 1970", n)
}

// plausible refuses dates that stand for "none", such as 0001-01-01.
func plausible(t time.Time) (time.Time, error) {
	if t.Year() < 1900 || t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("the year %d is not plausible", t.Year())
	}
	return t, nil
}
