package slo_test

import (
	"fmt"
	"time"

	"observatoire/slo"
)

func ExampleObjective_Level() {
	objective, _ := slo.Profiles()[slo.ForAPI].Objective(slo.Availability)
	fiveMinutes := func(n int64) slo.Tally { return slo.Tally{N: n, Time: time.Duration(n) * 5 * time.Minute} }
	month := slo.Counts{Up: fiveMinutes(8628), Down: fiveMinutes(12)}
	ratio, _ := month.Availability()
	fmt.Printf("%.6f is %s; the error budget is overspent by %v\n",
		ratio, objective.Level(ratio, month.Definite().N), -month.Budget(objective.Optimal.Limit).Left().Round(time.Minute))
	// Output: 0.998611 is partial; the error budget is overspent by 17m0s
}
