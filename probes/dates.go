package probes

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// paris is the zone of dates that name none; loaded once, when first needed.
var paris = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Europe/Paris") })

// maxDate is the most bytes that a date has.
const maxDate = 64

// The forms of a date without its zone, by what they look like. Fractions of a
// second are read with each.
var (
	isoForms = [...]string{
		"2006-01-02T15:04:05", "2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01",
		"2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04",
	}
	compactForms = [...]string{"20060102", "20060102T150405", "20060102150405", "20060102T1504"}
	dayForms     = [...]string{
		"2/1/2006", "2/1/2006 15:04:05", "2/1/2006 15:04",
		"2-1-2006", "2-1-2006 15:04:05", "2-1-2006 15:04",
		"2.1.2006", "2.1.2006 15:04:05", "2.1.2006 15:04",
	}
	wordForms = [...]string{
		"2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006", "2-Jan-2006 15:04:05", "2-Jan-2006",
		"2 Jan 06 15:04:05", "2 Jan 06 15:04", "2-Jan-06 15:04:05",
	}
)

// ansiC is the form of HTTP that names no zone and all the same has one: UTC.
const ansiC = "Jan 2 15:04:05 2006"

// parseDate reads a date in one of the forms that [Freshness.Date] lists. The
// date is in UTC.
func parseDate(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if len(text) == 0 || len(text) > maxDate {
		return time.Time{}, unknownForm(text)
	}
	if t, err := parseNumber(text); err == nil {
		return t, nil
	} else if _, implausible := errors.AsType[epochError](err); implausible {
		return time.Time{}, err
	}
	rest, zone := cutZone(dateWords(text))
	if zone == nil {
		if t, err := time.Parse(ansiC, rest); err == nil {
			return plausible(t)
		}
		var err error
		if zone, err = paris(); err != nil {
			return time.Time{}, fmt.Errorf("time zone of dates without one: %w", err)
		}
	}
	for _, form := range formsOf(rest) {
		if t, err := time.ParseInLocation(form, rest, zone); err == nil {
			return plausible(earlier(t))
		}
	}
	return time.Time{}, unknownForm(text)
}

func unknownForm(text string) error {
	return fmt.Errorf("%q is not a date in a known form", shorten(strings.ToValidUTF8(text, "�"), maxShown))
}

// formsOf returns the forms that a text may have by its first characters.
func formsOf(text string) []string {
	digits := 0
	for digits < len(text) && '0' <= text[digits] && text[digits] <= '9' {
		digits++
	}
	switch {
	case digits == 0 || digits == len(text) && digits < 8:
		return nil
	case digits >= 8:
		return compactForms[:]
	case digits == 4:
		return isoForms[:]
	case digits > 2:
		return nil
	case strings.ContainsFunc(text, func(r rune) bool { return 'A' <= r && r <= 'z' }):
		return wordForms[:]
	}
	return dayForms[:]
}

// earlier returns the first of the two instants that have the same date and
// time in their zone, when the clock is put back between them.
func earlier(t time.Time) time.Time {
	const form = "2006-01-02 15:04:05"
	if before := t.Add(-time.Hour); before.Format(form) == t.Format(form) {
		return before
	}
	return t
}

// The spans in which a number is read as seconds or milliseconds since 1970:
// from 1973 to 2286, so that a number such as 20260131 is not taken for one.
const (
	minSeconds = 1e8
	maxSeconds = 1e10
	minMillis  = 1e11
	maxMillis  = 1e13
)

// epochError is a number that stands for no date.
type epochError float64

func (e epochError) Error() string {
	return fmt.Sprintf("%v is neither seconds nor milliseconds since 1970", float64(e))
}

// parseNumber reads seconds and milliseconds since 1970. A number of 8 or 14
// digits is none of them, but may be a day or a second without separators.
func parseNumber(text string) (time.Time, error) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return time.Time{}, err
	case minSeconds <= n && n < maxSeconds:
		return time.UnixMilli(int64(n * 1000)).UTC(), nil
	case minMillis <= n && n < maxMillis:
		return time.UnixMilli(int64(n)).UTC(), nil
	case len(text) == 8 || len(text) == 14:
		if _, err := strconv.ParseUint(text, 10, 64); err == nil {
			return time.Time{}, errors.New("a number that may be a date without separators")
		}
	}
	return time.Time{}, epochError(n)
}

// plausible refuses dates that stand for "none", such as 0001-01-01.
func plausible(t time.Time) (time.Time, error) {
	t = t.UTC()
	if t.Year() < 1900 || t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("the year %d is not plausible", t.Year())
	}
	return t, nil
}
