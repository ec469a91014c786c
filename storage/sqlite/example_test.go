package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"observatoire/probes"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

func ExampleSQLite_Open() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := sqlite.SQLite{}.Open(ctx, storage.Options{Dir: dir, Zone: time.UTC})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	noon := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	err = store.Record(ctx, []probes.Result{
		{Probe: "api-geo/communes", Vantage: "paris", Time: noon, Period: time.Minute, Outcome: probes.Up},
		{Probe: "api-geo/communes", Vantage: "paris", Time: noon.Add(time.Minute), Period: time.Minute, Outcome: probes.Down},
	})
	if err != nil {
		panic(err)
	}
	for day, err := range store.Rollups(ctx, storage.Query{Resolution: storage.Day}) {
		availability, _ := day.Counts.Availability()
		fmt.Println(day.Probe, day.Start.Format(time.DateOnly), availability, err)
	}
	// Output: api-geo/communes 2026-05-20 0.5 <nil>
}
