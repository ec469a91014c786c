// Package calendar tells the days on which public services in France work. The
// public holidays are computed, for any year, from the rules of the law.
package calendar

import "time"

// France is the calendar of working days in France: Monday to Friday without
// the public holidays of the Code du travail, article L3133-1, as they have been
// since 1982. The overseas days that commemorate the abolition of slavery are
// not among them.
type France struct {
	// AlsaceMoselle adds what holds in Bas-Rhin, Haut-Rhin and Moselle (article
	// L3134-13): Good Friday and 26 December.
	AlsaceMoselle bool
}

// fixed are the holidays of the same date each year.
var fixed = [...]struct {
	month time.Month
	day   int
}{
	{time.January, 1}, {time.May, 1}, {time.May, 8}, {time.July, 14},
	{time.August, 15}, {time.November, 1}, {time.November, 11}, {time.December, 25},
}

// Holidays that move with Easter Sunday, in days after it.
const (
	goodFriday   = -2
	easterMonday = 1
	ascension    = 39
	whitMonday   = 50
)

// Holiday reports whether the day of t, in t's own zone, is a public holiday.
func (c France) Holiday(t time.Time) bool {
	year, month, day := t.Date()
	for _, f := range fixed {
		if month == f.month && day == f.day {
			return true
		}
	}
	if c.AlsaceMoselle && month == time.December && day == 26 {
		return true
	}
	if month < time.March || month > time.June {
		return false
	}
	switch date(year, month, day).YearDay() - Easter(year).YearDay() {
	case easterMonday, ascension, whitMonday:
		return true
	case goodFriday:
		return c.AlsaceMoselle
	}
	return false
}

// Working reports whether the day of t, in t's own zone, is a working day.
func (c France) Working(t time.Time) bool {
	day := t.Weekday()
	return day != time.Saturday && day != time.Sunday && !c.Holiday(t)
}

// End returns the midnight that ends the n-th working day after the day of t,
// in t's own zone; with n zero or less, the one that ends the day of t. It takes
// time in proportion to n.
func (c France) End(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	for n > 0 {
		day++
		if c.Working(date(year, month, day)) {
			n--
		}
	}
	return time.Date(year, month, day+1, 0, 0, 0, 0, t.Location())
}

// Easter returns Easter Sunday of a year of the Gregorian calendar, 1583 or
// later, at midnight UTC. The algorithm is the anonymous one of 1876 in Meeus's
// form: the names of the variables are its own.
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(year, time.Month(n/31), n%31+1)
}

// date returns a day where no clock is ever changed.
func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
