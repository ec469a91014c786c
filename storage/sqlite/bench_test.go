package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

// BenchmarkRecord compares, in the same run, how many results a second Record
// keeps, rollups included, with plain inserts of the same columns into the same
// table: 1,000 a transaction, of 1,000 probes that run once a minute.
//
//	go test ./storage/sqlite -run '^$' -bench Record -benchtime 264x (four times 64 Ki results: rollups are written four times)
func BenchmarkRecord(b *testing.B) {
	const batch = 1000
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	round := func(n int) []probes.Result {
		return results(batch, 1, start.Add(time.Duration(n)*time.Minute), time.Minute)
	}
	run := func(record func(*DB, []probes.Result) error) func(*testing.B) {
		return func(b *testing.B) {
			db := openBench(b, b.TempDir())
			n := 0
			for b.Loop() {
				b.StopTimer()
				results := round(n)
				n++
				b.StartTimer()
				if err := record(db, results); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "results/s")
		}
	}
	b.Run("raw", run(rawInsert))
	b.Run("store", run(func(db *DB, batch []probes.Result) error { return db.Record(b.Context(), batch) }))
}

// BenchmarkHistory writes the past of 60 probes that ran every five minutes, in
// the order of time, in batches of 10,000.
func BenchmarkHistory(b *testing.B) {
	const batch = 10_000
	start := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	db := openBench(b, b.TempDir())
	n := 0
	for b.Loop() {
		rounds := batch / 60
		b.StopTimer()
		past := results(60, rounds, start.Add(time.Duration(n*rounds)*5*time.Minute), 5*time.Minute)
		b.StartTimer()
		if err := db.Record(b.Context(), past); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(batch/60*60*b.N)/b.Elapsed().Seconds(), "results/s")
}

// BenchmarkRollups reads the days of a year of 1,000 series.
func BenchmarkRollups(b *testing.B) {
	db := openBench(b, b.TempDir())
	start := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	for n := range 36 {
		if err := db.Record(b.Context(), results(1000, 10, start.AddDate(0, 0, 10*n), 24*time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	days := 0
	for b.Loop() {
		for _, err := range db.Rollups(b.Context(), storage.Query{Resolution: storage.Day}) {
			if err != nil {
				b.Fatal(err)
			}
			days++
		}
	}
	b.ReportMetric(float64(days)/b.Elapsed().Seconds(), "rollups/s")
}

func openBench(b *testing.B, dir string) *DB {
	b.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	db, err := SQLite{}.open(b.Context(), storage.Options{Dir: dir, Zone: zone})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

// results returns those of so many series in so many rounds, in the order of time.
func results(series, rounds int, start time.Time, period time.Duration) []probes.Result {
	random := rand.New(rand.NewPCG(uint64(start.Unix()), 1))
	all := make([]probes.Result, 0, series*rounds)
	for round := range rounds {
		for n := range series {
			wait := time.Duration(30e6*(1+random.ExpFloat64())) * time.Nanosecond
			r := probes.Result{
				Probe: fmt.Sprintf("api-%d/probe", n), Vantage: "paris", Period: period,
				Time:    start.Add(time.Duration(round)*period + time.Duration(n)*period/time.Duration(series)),
				Outcome: probes.Up, Status: 200, Size: 4321, NotAfter: start.AddDate(0, 3, 0),
				Phases: probes.Phases{
					DNS: 2 * time.Millisecond, Connect: 9 * time.Millisecond, TLS: 22 * time.Millisecond,
					Wait: wait, Transfer: wait / 10,
				},
			}
			if random.IntN(100) == 0 {
				r.Outcome, r.Class, r.Status = probes.Down, probes.ClassStatus, 503
				r.Detail = "status is 503, expected one of 200, 206"
			}
			all = append(all, r)
		}
	}
	return all
}

// rawInsert is what anyone would write first.
func rawInsert(db *DB, batch []probes.Result) error {
	tx, err := db.writer.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(insertResult)
	if err != nil {
		return err
	}
	defer insert.Close()
	var args []any
	for i, result := range batch {
		r := row{series: int64(i + 1), time: millis(result.Time), result: result}
		args = r.columns(args[:0], sql.NullInt64{})
		if _, err := insert.Exec(args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
