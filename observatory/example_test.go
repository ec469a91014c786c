package observatory_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

func Example() {
	dir, err := os.MkdirTemp("", "observatory")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := sqlite.SQLite{Path: sqlite.DefaultPath}.Open(ctx, storage.Options{Dir: dir, Zone: time.UTC})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	geo := catalogue.API{Service: catalogue.Service{ID: "geo", Name: "API Géo", Profile: slo.ForAPI}}
	obs, err := observatory.New(ctx, observatory.Options{
		Catalogue: catalogue.Catalogue{APIs: []catalogue.API{geo}},
		Profiles:  slo.Profiles(),
		Probes:    []observatory.Watched{{ID: "geo/communes", Service: "geo", Period: time.Minute}},
		Zone:      time.UTC, Confirmations: 2, Store: store,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := []probes.Result{{Probe: "geo/communes", Time: time.Now(), Period: time.Minute, Outcome: probes.Up}}
	if err := store.Record(ctx, batch); err != nil {
		fmt.Println(err)
	}
	if err := obs.Record(ctx, batch); err != nil {
		fmt.Println(err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := obs.Run(stopped); err != nil { // makes a last snapshot
		fmt.Println(err)
	}
	s := obs.Snapshot().ByID["geo"]
	v := s.Verdict(slo.Availability)
	fmt.Println(s.Name, s.State, v.Level, v.Measurements)
	// Output: API Géo up pending 1
}
