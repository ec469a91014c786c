package scheduler_test

import (
	"context"
	"fmt"
	"time"

	"observatoire/probes"
	"observatoire/scheduler"
)

// printer is a sink that prints one result, then stops the scheduler.
type printer struct{ stop context.CancelFunc }

func (p printer) Record(_ context.Context, batch []probes.Result) error {
	fmt.Println(batch[0].Probe, batch[0].Outcome, "for", batch[0].Period)
	p.stop()
	return nil
}

func ExampleRun() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	jobs := []scheduler.Job{{
		Probe: probes.Probe{
			ID:      "api-geo/communes",
			Prober:  prober(func(context.Context) {}), // a real one asks a service
			Timeout: 5 * time.Second,
		},
		Schedule: scheduler.Every(time.Second, "api-geo/communes"),
	}}
	err := scheduler.Run(ctx, jobs, scheduler.Options{Sink: printer{stop}})
	fmt.Println(err)
	// Output:
	// api-geo/communes up for 1s
	// <nil>
}
