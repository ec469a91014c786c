package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

// writerDir is the variable that makes the test binary a process that writes
// into a folder until it is killed.
const writerDir = "OBSERVATOIRE_TEST_WRITER_DIR"

const killBatch = 240 // results, of 8 series

// writeForEver goes on where the one before was killed, and prints the number of
// each batch when it is kept.
func writeForEver(dir string) error {
	ctx := context.Background()
	store, err := sqlite.SQLite{}.Open(ctx, storage.Options{Dir: dir})
	if err != nil {
		return err
	}
	n := 0
	for range store.Results(ctx, storage.Query{}) {
		n++
	}
	for batch := n / killBatch; ; batch++ {
		if err := store.Record(ctx, killResults(batch)); err != nil {
			return err
		}
		fmt.Println(batch)
		if batch%5 == 4 {
			if err := store.Prune(ctx, time.Now()); err != nil { // writes rollups
				return err
			}
		}
	}
}

func killResults(batch int) []probes.Result {
	start := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	var results []probes.Result
	for i := range killBatch {
		n := batch*killBatch + i
		at := start.Add(time.Duration(n/8) * time.Minute)
		if i%50 == 49 {
			at = at.Add(-36*time.Hour + time.Second) // late
		}
		results = append(results, probes.Result{
			Probe: fmt.Sprintf("p/%d", n%8), Vantage: "paris", Time: at, Period: time.Minute, Outcome: probes.Up,
			Phases: probes.Phases{Wait: time.Duration(n) * time.Microsecond},
		})
	}
	return results
}

func TestKilled(t *testing.T) {
	dir := t.TempDir()
	for round, lines := range []int{1, 7, 12, 4, 23} {
		acknowledged := killAfter(t, dir, lines)
		store := open(t, sqlite.SQLite{}, storage.Options{Dir: dir})
		var total slo.Counts
		raw := map[storage.Resolution]map[string]*storage.Rollup{}
		n := 0
		for r, err := range store.Results(t.Context(), storage.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			for _, resolution := range []storage.Resolution{storage.FiveMinutes, storage.Hour, storage.Day} {
				if raw[resolution] == nil {
					raw[resolution] = map[string]*storage.Rollup{}
				}
				key := r.Probe + resolution.Start(r.Time, time.UTC).String()
				if raw[resolution][key] == nil {
					raw[resolution][key] = new(storage.Rollup)
				}
				raw[resolution][key].Add(r)
			}
		}
		if n%killBatch != 0 || n < (acknowledged+1)*killBatch {
			t.Errorf("round %d: %d results; want whole batches of %d and at least the %d that were kept", round, n, killBatch, acknowledged+1)
		}
		for resolution, want := range raw {
			for got, err := range store.Rollups(t.Context(), storage.Query{Resolution: resolution}) {
				if err != nil {
					t.Fatal(err)
				}
				key := got.Probe + got.Start.String()
				w := want[key]
				if w == nil || got.Counts != w.Counts || got.Measures[storage.Total].Sum != w.Measures[storage.Total].Sum {
					t.Errorf("round %d: %s of %s at %s: %+v", round, resolution, got.Probe, got.Start, got.Counts)
				}
				delete(want, key)
				if resolution == storage.Day {
					total = total.Add(got.Counts)
				}
			}
			if len(want) > 0 {
				t.Errorf("round %d: %d rollups of %s are missing", round, len(want), resolution)
			}
		}
		if total.Up.N != int64(n) {
			t.Errorf("round %d: days count %d results, raw ones are %d", round, total.Up.N, n)
		}
		closeDB(t, store)
	}
}

// killAfter starts a writer, kills it in the midst of its work after so many
// batches, and returns the number of the last that it said was kept.
func killAfter(t *testing.T, dir string, lines int) (last int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	writer := exec.CommandContext(t.Context(), program)
	writer.Env = append(os.Environ(), writerDir+"="+dir)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(out)
	for n := 0; scanner.Scan(); n++ {
		if last, err = strconv.Atoi(scanner.Text()); err != nil {
			t.Errorf("the writer failed: %s", scanner.Text())
		}
		if n == lines {
			if err := writer.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := writer.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the writer ended with %v, want killed", err)
	}
	return last
}
