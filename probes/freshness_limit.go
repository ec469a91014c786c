package probes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Frequency is how often data is renewed: a word of the vocabulary of udata, the
// software of data.gouv.fr (udata/core/dataset/constants.py), its older words
// included.
type Frequency string

// grace is how late data may be by the quality criterion of udata.
const grace = 24 * time.Hour

// delays are the greatest times between two updates by udata; 0 for the words
// that promise none.
var delays = map[Frequency]time.Duration{
	"oneMinute": time.Minute, "fiveMinutes": 5 * time.Minute, "tenMinutes": 10 * time.Minute,
	"fifteenMinutes": 15 * time.Minute, "thirtyMinutes": 30 * time.Minute,
	"hourly": time.Hour, "bihourly": 2 * time.Hour, "trihourly": 3 * time.Hour, "twelveHours": 12 * time.Hour,
	"severalTimesADay": days(1), "fourTimesADay": days(1), "threeTimesADay": days(1), "semidaily": days(1), "daily": days(1),
	"fiveTimesAWeek": days(7), "threeTimesAWeek": days(7), "semiweekly": days(7), "weekly": days(7),
	"biweekly": days(14), "fortnighly": days(14),
	"threeTimesAMonth": days(31), "semimonthly": days(31), "monthly": days(31), "bimonthly": days(62), "quarterly": days(93),
	"threeTimesAYear": days(365), "semiannual": days(365), "biannual": days(365), "annual": days(365),
	"biennial": days(2 * 365), "triennial": days(3 * 365), "quadrennial": days(4 * 365), "quinquennial": days(5 * 365),
	"decennial": days(10 * 365), "bidecennial": days(20 * 365), "tridecennial": days(30 * 365),
	"continuous": 0, "realtime": 0, "punctual": 0, "irregular": 0, "never": 0, "notPlanned": 0, "fourTimesAWeek": 0, "other": 0, "unknown": 0,
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// Known reports whether it is a word of the vocabulary.
func (w Frequency) Known() bool {
	_, ok := delays[w]
	return ok
}

// Delay returns the greatest time between two updates; false for a word that
// promises none, such as punctual, and for one that is not known.
func (w Frequency) Delay() (time.Duration, bool) {
	delay := delays[w]
	return delay, delay > 0
}

// Due returns the instant until which data of the date counts as fresh; false
// where nothing says so, and its age is shown and not judged.
func (f *Freshness) Due(data time.Time) (time.Time, bool) {
	switch {
	case f.MaxAge > 0:
		return data.Add(f.MaxAge), true
	case f.Frequency != "":
		delay, ok := f.Frequency.Delay()
		return data.Add(delay + grace), ok
	case f.WorkingDays > 0:
		zone, err := paris()
		if err != nil {
			return time.Time{}, false
		}
		return f.calendar().End(data.In(zone), f.WorkingDays), true
	}
	return time.Time{}, false
}

// Limit says in words how old the data may be, such as "at most 36h0m0s".
func (f *Freshness) Limit() string {
	switch {
	case f.MaxAge > 0:
		return "at most " + f.MaxAge.String() + " declared"
	case f.Frequency != "":
		if _, ok := f.Frequency.Delay(); !ok {
			return string(f.Frequency) + " declared: not judged"
		}
		return string(f.Frequency) + " declared, a day late let pass"
	case f.WorkingDays > 0:
		return fmt.Sprintf("at most %d working days declared", f.WorkingDays)
	}
	return "no period declared"
}

func (f *Freshness) validateLimit() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if f.MaxAge < 0 {
		fault("max_age: must not be negative")
	}
	if f.Frequency != "" && !f.Frequency.Known() {
		words := slices.Sorted(maps.Keys(delays))
		texts := make([]string, len(words))
		for i, w := range words {
			texts[i] = string(w)
		}
		fault("frequency: unknown word %q; known words are %s", string(f.Frequency), strings.Join(texts, ", "))
	}
	if f.WorkingDays < 0 || f.WorkingDays > maxWorkingDays {
		fault("working_days: want a number from 1 to %d", maxWorkingDays)
	}
	if f.WorkingDays != 0 {
		if _, err := paris(); err != nil {
			fault("working_days: %w", err)
		}
	}
	if f.AlsaceMoselle && f.WorkingDays == 0 {
		fault("alsace_moselle: only with working_days")
	}
	if f.Frequency != "" && f.MaxAge != 0 {
		fault("frequency: not together with max_age")
	}
	if f.WorkingDays != 0 && (f.MaxAge != 0 || f.Frequency != "") {
		fault("working_days: not together with max_age or frequency")
	}
	return faults
}
