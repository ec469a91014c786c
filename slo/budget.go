package slo

import "time"

// Budget is the error budget of an availability objective over a window: the
// time that the service may be down and still reach its target.
type Budget struct {
	Allowed time.Duration // in the part of the window that was measured
	Spent   time.Duration
}

// Left returns what is left of the budget; it is below zero when overspent.
func (b Budget) Left() time.Duration { return b.Allowed - b.Spent }

// Budget returns the error budget that the counts leave for a target ratio.
func (c Counts) Budget(target float64) Budget {
	return Budget{
		Allowed: time.Duration((1 - target) * float64(c.Definite().Time)),
		Spent:   c.Down.Time,
	}
}

// BurnRate returns how many times quicker than sustainable the budget of a
// target ratio is spent: 1 spends it exactly; false when nothing was measured
// or the target leaves no budget.
func (c Counts) BurnRate(target float64) (float64, bool) {
	down, ok := ratio(c.Down.Time, c.Definite().Time)
	if !ok || target >= 1 {
		return 0, false
	}
	return down / (1 - target), true
}
