package scheduler

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// minPeriod is the shortest time between two runs of one job.
const minPeriod = time.Second

// Every returns the schedule of the times at one fixed phase of the period. The
// phase comes from the name alone: many names spread evenly over the period,
// and one name keeps its times over a restart. A period below one second counts
// as one second.
func Every(period time.Duration, name string) cron.Schedule {
	period = max(period, minPeriod)
	h := fnv.New64a()
	h.Write([]byte(name))
	milliseconds := mix(h.Sum64()) % uint64(period/time.Millisecond)
	return every{period, time.Duration(milliseconds) * time.Millisecond}
}

// mix spreads each bit of a hash over all of them, so that names that differ in
// their last letter alone are far apart (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

type every struct{ period, phase time.Duration }

// Next returns the first time after t at the phase, counted from 1970 UTC.
func (e every) Next(t time.Time) time.Time {
	since := t.UnixNano() - int64(e.phase)
	into := since % int64(e.period)
	if into < 0 {
		into += int64(e.period)
	}
	return time.Unix(0, t.UnixNano()-into+int64(e.period)).In(t.Location())
}

// maxSpec bounds what is parsed, in bytes.
const maxSpec = 256

// Cron returns the schedule of a cron specification in a time zone (nil means
// UTC): five fields (minute, hour, day of month, month, day of week), or
// @hourly, @daily, @weekly, @monthly, @yearly. One that is never due is an error.
//
// Where summer time begins, times in the hour that is left out are skipped;
// where it ends, times in the hour that comes twice are due twice.
func Cron(spec string, zone *time.Location) (cron.Schedule, error) {
	if zone == nil {
		zone = time.UTC
	}
	trimmed := strings.TrimSpace(spec)
	switch {
	case len(spec) > maxSpec:
		return nil, fmt.Errorf("cron specification is longer than %d bytes", maxSpec)
	case strings.HasPrefix(trimmed, "TZ="), strings.HasPrefix(trimmed, "CRON_TZ="):
		return nil, fmt.Errorf("cron specification %q: a time zone is not allowed here: the site's holds", spec)
	case strings.HasPrefix(trimmed, "@every"):
		return nil, fmt.Errorf("cron specification %q: write every: %s instead of cron", spec, everyAdvice(trimmed))
	}
	parsed, err := cron.ParseStandard(trimmed)
	if err != nil {
		return nil, fmt.Errorf("cron specification %q: %w", spec, err)
	}
	fields, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron specification %q: not one of five fields", spec)
	}
	fields.Location = zone
	c := inZone{fields, zone}
	// A field of commas alone parses to no value at all.
	empty := fields.Minute == 0 || fields.Hour == 0 || fields.Dom == 0 || fields.Month == 0 || fields.Dow == 0
	if empty || c.Next(time.Now()).IsZero() {
		return nil, fmt.Errorf("cron specification %q: %w", spec, errNever)
	}
	return c, nil
}

var errNever = errors.New("it is never due")

func everyAdvice(spec string) string {
	if period := strings.TrimSpace(strings.TrimPrefix(spec, "@every")); period != "" {
		return period
	}
	return "5m"
}

// inZone is a schedule of cron's in its zone. Cron itself takes the machine's
// zone to mean the one of the time that it is asked about.
type inZone struct {
	cron.Schedule
	zone *time.Location
}

func (c inZone) Next(t time.Time) time.Time { return c.Schedule.Next(t.In(c.zone)) }

const (
	periodSpan  = 7 * 24 * time.Hour // a week holds every day of the week
	periodTimes = 7 * 24 * 60        // cron's finest pace over it
)

// Period returns the mean time between two due times over the week that begins
// with the first one after from, or over the first two when they are further
// apart. It is zero when the schedule is due once or never.
func Period(s cron.Schedule, from time.Time) time.Duration {
	if e, ok := s.(every); ok {
		return e.period
	}
	first := s.Next(from)
	if first.IsZero() {
		return 0
	}
	last, n := first, 0
	for n < periodTimes && last.Sub(first) < periodSpan {
		next := s.Next(last)
		if !next.After(last) {
			break
		}
		last, n = next, n+1
	}
	if n == 0 {
		return 0
	}
	return last.Sub(first) / time.Duration(n)
}
