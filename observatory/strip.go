package observatory

import (
	"time"

	"observatoire/slo"
)

// Day is the availability of a service on one day.
type Day struct {
	Date         time.Time // its midnight in the snapshot's zone
	Availability float64   // meaningless without measurements
	Measurements int64     // definite ones, outside announced maintenance
	Level        slo.Level // of that day's availability alone; Pending without measurements
}

// Strip is the last days of a service, oldest first. It is packed: a thousand
// services have ninety thousand days.
type Strip struct {
	first time.Time
	days  []packedDay
}

type packedDay struct {
	availability float64
	measurements uint32
	level        slo.Level
}

// NewStrip returns the strip of days that follow one another.
func NewStrip(days []Day) Strip {
	if len(days) == 0 {
		return Strip{}
	}
	s := Strip{first: days[0].Date, days: make([]packedDay, len(days))}
	for i, d := range days {
		s.days[i] = packedDay{d.Availability, uint32(d.Measurements), d.Level}
	}
	return s
}

// Days returns the days of the strip.
func (s Strip) Days() []Day {
	days := make([]Day, len(s.days))
	y, m, d := s.first.Date()
	for i, p := range s.days {
		days[i] = Day{time.Date(y, m, d+i, 0, 0, 0, 0, s.first.Location()), p.availability, int64(p.measurements), p.level}
	}
	return days
}

// endsOn reports whether the strip's last day begins at a midnight.
func (s Strip) endsOn(midnight time.Time) bool {
	y, m, d := s.first.Date()
	return len(s.days) > 0 && time.Date(y, m, d+len(s.days)-1, 0, 0, 0, 0, s.first.Location()).Equal(midnight)
}
