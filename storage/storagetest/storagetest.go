// Package storagetest holds what every storage engine must do, as tests. An
// engine's own tests call [Run].
package storagetest

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"observatoire/alerts"
	"observatoire/probes"
	"observatoire/storage"
)

// Engine is all that is asked of a storage engine.
type Engine interface {
	storage.Store
	alerts.Ledger
	alerts.Outbox
}

// Open opens an engine in the folder of the options; opening the same folder
// again finds what was kept, even when the engine before was not closed. The
// test closes what it opens.
type Open func(t *testing.T, o storage.Options) Engine

// Run tests an engine.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"results come back as they were": resultsRoundTrip,
		"identity":                       identity,
		"order and pages":                order,
		"queries":                        queries,
		"invalid results":                invalid,
		"latest":                         latest,
		"latest of a probe that stopped long ago": latestOfStopped,
		"rollups":                              rollupsOfKnown,
		"rollups equal what results sum up to": rollupsEqualNaive,
		"maintenance":                          maintenance,
		"late results":                         lateResults,
		"reopened":                             reopened,
		"killed":                               killed,
		"two engines on one folder":            twoEngines,
		"incidents":                            incidents,
		"incidents are all kept or none":       incidentsTogether,
		"evidence":                             evidence,
		"evidence is bounded":                  evidenceIsBounded,
		"alerts":                               ledger,
		"outbox":                               outbox,
		"prune":                                prune,
		"prune keeps what is not limited":      pruneNothing,
		"late results after pruning":           lateAfterPrune,
		"prune deliveries":                     pruneDeliveries,
		"cancelled":                            cancelled,
		"readers while writing":                readers,
		"writing while reading":                writingWhileReading,
		"closed":                               closed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

func paris(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func options(t testing.TB) storage.Options {
	return storage.Options{Dir: t.TempDir(), Zone: paris(t)}
}

// fresh opens a new engine that is closed when the test ends.
func fresh(t *testing.T, open Open) Engine {
	e := open(t, options(t))
	t.Cleanup(func() { mustClose(t, e) })
	return e
}

func mustClose(t testing.TB, e Engine) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func record(t testing.TB, e Engine, batch ...probes.Result) {
	t.Helper()
	if err := e.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// noon is an instant in the middle of a five-minute rollup, an hour and a day.
var noon = time.Date(2026, 5, 20, 12, 32, 30, 0, time.UTC)

func up(probe string, at time.Time) probes.Result {
	return probes.Result{
		Probe: probe, Vantage: "paris", Time: at, Period: time.Minute, Outcome: probes.Up, Status: 200, Size: 1234,
		Phases: probes.Phases{
			DNS: time.Millisecond, Connect: 10 * time.Millisecond, TLS: 20 * time.Millisecond,
			Wait: 50 * time.Millisecond, Transfer: 5 * time.Millisecond,
		},
	}
}

func down(probe string, at time.Time) probes.Result {
	r := up(probe, at)
	r.Outcome, r.Class, r.Status = probes.Down, probes.ClassStatus, 503
	r.Detail = "status is 503, expected one of 200, 206"
	return r
}

// collect reads to the end and stops the test at an error.
func collect[T any](t testing.TB, all iter.Seq2[T, error]) []T {
	t.Helper()
	var got []T
	for v, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	return got
}

// failure returns the first error that reading gives.
func failure[T any](all iter.Seq2[T, error]) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// sameResult says where two results differ in what is kept; empty when nowhere.
func sameResult(got, want probes.Result) string {
	for _, times := range [][2]*time.Time{{&got.Time, &want.Time}, {&got.DataTime, &want.DataTime}, {&got.NotAfter, &want.NotAfter}} {
		if !times[0].Equal(*times[1]) {
			return fmt.Sprintf("time %s, want %s", *times[0], *times[1])
		}
		*times[0] = *times[1]
	}
	want.Remote, want.Checks = "", nil
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		return fmt.Sprintf("got  %s\nwant %s", g, w)
	}
	return ""
}
