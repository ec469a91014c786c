package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

func reopened(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	var all []probes.Result
	for i := range 20 {
		r := up(fmt.Sprintf("p/%d", i%3), noon.Add(time.Duration(i)*3*time.Minute))
		record(t, e, r)
		all = append(all, r)
		if i%4 == 0 {
			mustClose(t, e)
			e = open(t, o)
		}
	}
	defer func() { mustClose(t, e) }()
	if err := e.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	compare(t, e, o.Zone, storage.Query{}, all)
}

func killed(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	var all []probes.Result
	for i := range 20 {
		r := up(fmt.Sprintf("p/%d", i%3), noon.Add(time.Duration(i)*3*time.Minute))
		record(t, e, r)
		all = append(all, r)
		if i%4 == 0 {
			e = abandon(t, e, open, o)
			compare(t, e, o.Zone, storage.Query{}, all)
		}
	}
	mustClose(t, e)
	e = open(t, o)
	defer func() { mustClose(t, e) }()
	compare(t, e, o.Zone, storage.Query{}, all)
}

// twoEngines writes by turns, as a command would beside the running service.
func twoEngines(t *testing.T, open Open) {
	o := options(t)
	a, b := open(t, o), open(t, o)
	var all []probes.Result
	for i := range 12 {
		r := up(fmt.Sprintf("p/%d", i%5), noon.Add(time.Duration(i)*4*time.Minute))
		e, other := a, b
		if i%3 == 0 {
			e, other = b, a
		}
		record(t, e, r)
		all = append(all, r)
		record(t, other, r)
		if i == 6 {
			if err := a.Prune(t.Context(), noon); err != nil { // writes what pends
				t.Fatal(err)
			}
		}
		compare(t, a, o.Zone, storage.Query{}, all)
		compare(t, b, o.Zone, storage.Query{}, all)
	}
	mustClose(t, a)
	compare(t, b, o.Zone, storage.Query{}, all)
	mustClose(t, b)
}

func prune(t *testing.T, open Open) {
	o := options(t)
	const day = 24 * time.Hour
	o.Retention = storage.Retention{Raw: 10 * day, FiveMinutes: 20 * day, Rollups: 30 * day}
	e := open(t, o)
	start := startOf(storage.Day, noon, o.Zone)
	var batch []probes.Result
	for hour := range 40 * 24 {
		batch = append(batch, up("a/x", start.Add(time.Duration(hour)*time.Hour)), down("b/y", start.Add(time.Duration(hour)*time.Hour)))
	}
	record(t, e, batch...)
	now := start.Add(40 * day)
	for range 2 { // the second time there is nothing to do
		if err := e.Prune(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		for name, c := range map[string]struct {
			got, want int
		}{
			"results":      {len(collect(t, e.Results(t.Context(), storage.Query{}))), 2 * 10 * 24},
			"five minutes": {len(collect(t, e.Rollups(t.Context(), storage.Query{Resolution: storage.FiveMinutes}))), 2 * 20 * 24},
			"hours":        {len(collect(t, e.Rollups(t.Context(), storage.Query{Resolution: storage.Hour}))), 2 * 30 * 24},
			"days":         {len(collect(t, e.Rollups(t.Context(), storage.Query{Resolution: storage.Day}))), 2 * 30},
		} {
			if c.got != c.want {
				t.Errorf("%s: %d, want %d", name, c.got, c.want)
			}
		}
		for _, r := range collect(t, e.Rollups(t.Context(), storage.Query{Resolution: storage.Day})) {
			if n := r.Counts.Up.N + r.Counts.Down.N; n != 24 {
				t.Errorf("day %s of %s counts %d, want 24", r.Start, r.Probe, n)
			}
		}
	}
	check()
	e = abandon(t, e, open, o)
	check()
	record(t, e, down("b/y", now)) // its detail was there before
	got := collect(t, e.Results(t.Context(), storage.Query{Newest: true, Limit: 1}))
	if len(got) != 1 || got[0].Detail == "" {
		t.Errorf("got %+v, want a result with its detail", got)
	}
	mustClose(t, e)
}

func pruneNothing(t *testing.T, open Open) {
	e := fresh(t, open)
	record(t, e, up("a/x", noon.AddDate(-20, 0, 0)), up("a/x", noon))
	if err := e.Prune(t.Context(), noon.AddDate(20, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if got := collect(t, e.Results(t.Context(), storage.Query{})); len(got) != 2 {
		t.Errorf("%d results, want 2", len(got))
	}
}

// lateAfterPrune: what was counted once must not be counted again when it comes
// again after its raw result has gone.
func lateAfterPrune(t *testing.T, open Open) {
	o := options(t)
	o.Retention.Raw = time.Hour
	e := open(t, o)
	defer func() { mustClose(t, e) }()
	all := []probes.Result{up("a/x", noon), up("a/x", noon.Add(time.Minute)), up("a/x", noon.Add(3*time.Hour))}
	record(t, e, all...)
	if err := e.Prune(t.Context(), noon.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	record(t, e, all...)
	compare(t, e, o.Zone, storage.Query{}, all)

	// A detail that has gone with its only result comes back with the next.
	record(t, e, down("a/x", noon.Add(4*time.Hour)))
	for range 2 {
		if err := e.Prune(t.Context(), noon.AddDate(0, 0, 9)); err != nil {
			t.Fatal(err)
		}
		record(t, e, up("a/x", noon.AddDate(0, 0, 8)))
	}
	record(t, e, down("a/x", noon.AddDate(0, 0, 10)))
	got := collect(t, e.Results(t.Context(), storage.Query{Newest: true, Limit: 1}))
	if len(got) != 1 || got[0].Detail != down("", noon).Detail {
		t.Errorf("got %+v, want a result with its detail", got)
	}
}

func cancelled(t *testing.T, open Open) {
	e := fresh(t, open)
	record(t, e, up("a/x", noon))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"record":    e.Record(ctx, []probes.Result{up("a/x", noon.Add(time.Minute))}),
		"results":   failure(e.Results(ctx, storage.Query{})),
		"rollups":   failure(e.Rollups(ctx, storage.Query{Resolution: storage.Day})),
		"prune":     e.Prune(ctx, noon),
		"ping":      e.Ping(ctx),
		"latest":    second(e.Latest(ctx, 1)),
		"incidents": second(e.Incidents(ctx, storage.Query{})),
		"evidence":  second(e.Evidence(ctx, storage.Query{})),
		"firing":    second(e.Firing(ctx)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context canceled", name, err)
		}
	}
	if got := collect(t, e.Results(t.Context(), storage.Query{})); len(got) != 1 {
		t.Errorf("%d results, want none of the batch that was cancelled", len(got))
	}
}

func second[T any](_ T, err error) error { return err }

// readers checks that every reading sees rollups that agree with each other
// while results arrive: the counts of a later one are never smaller.
func readers(t *testing.T, open Open) {
	e := fresh(t, open)
	const batches, size = 40, 25
	var wg sync.WaitGroup
	done := make(chan struct{})
	for n := range 3 {
		wg.Go(func() {
			for last := int64(0); ; {
				var sum int64
				for r, err := range e.Rollups(t.Context(), storage.Query{Resolution: resolutions[n]}) {
					if err != nil {
						t.Error(err)
						return
					}
					sum += r.Counts.Up.N
				}
				if sum < last || sum%size != 0 {
					t.Errorf("%s: %d results after %d, want whole batches of %d", resolutions[n], sum, last, size)
					return
				}
				last = sum
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range batches {
		var batch []probes.Result
		for j := range size {
			batch = append(batch, up(fmt.Sprintf("p/%d", j), noon.Add(time.Duration(i)*time.Second)))
		}
		record(t, e, batch...)
		if i%10 == 9 {
			if err := e.Prune(t.Context(), noon); err != nil { // writes what pends
				t.Error(err)
			}
		}
	}
	close(done)
	wg.Wait()
}

// writingWhileReading: a reader that takes its time, and reads more meanwhile,
// holds nobody up.
func writingWhileReading(t *testing.T, open Open) {
	e := fresh(t, open)
	var batch []probes.Result
	for i := range 1500 {
		batch = append(batch, up(fmt.Sprintf("p/%d", i), noon))
	}
	record(t, e, batch...)
	read := func(depth int) {}
	read = func(depth int) {
		for _, err := range e.Results(t.Context(), storage.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range e.Rollups(t.Context(), storage.Query{Resolution: storage.Day}) {
				if err != nil {
					t.Fatal(err)
				}
				record(t, e, up("meanwhile", noon.Add(time.Duration(depth)*time.Second)))
				break
			}
			if depth < 12 {
				read(depth + 1)
			}
			break
		}
	}
	read(0)
	if got := collect(t, e.Results(t.Context(), storage.Query{Probe: "meanwhile"})); len(got) != 13 {
		t.Errorf("%d results were written while others were read, want 13", len(got))
	}
}

func closed(t *testing.T, open Open) {
	e := open(t, options(t))
	record(t, e, up("a/x", noon))
	mustClose(t, e)
	mustClose(t, e) // again changes nothing
	if e.Record(t.Context(), []probes.Result{up("a/x", noon.Add(time.Minute))}) == nil {
		t.Error("a closed engine takes results")
	}
	if e.Ping(t.Context()) == nil {
		t.Error("a closed engine answers")
	}
}
