package slo

import "time"

// Add returns the sum of two tallies.
func (t Tally) Add(o Tally) Tally { return Tally{t.N + o.N, t.Time + o.Time} }

// Add returns the sum of two counts.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		Up: c.Up.Add(o.Up), Degraded: c.Degraded.Add(o.Degraded),
		Down: c.Down.Add(o.Down), Unknown: c.Unknown.Add(o.Unknown),
		Maintenance:     c.Maintenance.Add(o.Maintenance),
		MaintenanceDown: c.MaintenanceDown.Add(o.MaintenanceDown),
	}
}

// Definite returns the measurements that say something about the service
// outside announced maintenance: the denominator of availability.
func (c Counts) Definite() Tally { return c.Up.Add(c.Degraded).Add(c.Down) }

// Availability returns the share of time that the service answered as it
// should, from 0 to 1, announced maintenance left out; false when nothing
// definite was measured.
func (c Counts) Availability() (float64, bool) {
	return ratio(c.Up.Time+c.Degraded.Time, c.Definite().Time)
}

// Including returns the availability with announced maintenance counted as
// time that the service should have been there.
func (c Counts) Including() (float64, bool) {
	answered := c.Up.Time + c.Degraded.Time + c.Maintenance.Time - c.MaintenanceDown.Time
	return ratio(answered, c.Definite().Time+c.Maintenance.Time)
}

// Covered returns the time that the measurements stand for, maintenance
// included; what is unknown covers nothing.
func (c Counts) Covered() time.Duration { return c.Definite().Time + c.Maintenance.Time }

func ratio(part, whole time.Duration) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return float64(part) / float64(whole), true
}
