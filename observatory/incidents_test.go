package observatory_test

import (
	"testing"
	"time"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/storage"
)

func TestIncidentBeginsAtTheFirstFailureOnceConfirmed(t *testing.T) {
	run(t, watched(), func(b *bench) {
		start := time.Now()
		step := func(outcome probes.Outcome) {
			b.wait(period)
			b.record(result("vote/page", time.Now(), outcome))
		}
		step(probes.Up)
		step(probes.Down)
		first := time.Now().Truncate(time.Millisecond)
		if s := b.see("vote"); s.State != observatory.Up || len(b.Snapshot().Incidents) != 0 {
			t.Fatalf("one failure makes %v and %d incidents", s.State, len(b.Snapshot().Incidents))
		}
		step(probes.Down)
		step(probes.Down)
		if s := b.see("vote"); s.State != observatory.Down {
			t.Fatalf("state %v", s.State)
		}
		i := b.Snapshot().Incidents
		if len(i) != 1 || !i[0].Start.Equal(first) || !i[0].Open() || i[0].Failures != 3 || i[0].Class != "status" || i[0].Service != "vote" {
			t.Fatalf("incidents %+v, want one from %v", i, first)
		}
		step(probes.Unknown) // says nothing: the outage goes on
		if !b.Snapshot().Incidents[0].Open() {
			t.Fatal("an unknown result ended the outage")
		}
		step(probes.Up)
		end := time.Now().Truncate(time.Millisecond)
		if s := b.see("vote"); s.State != observatory.Up {
			t.Errorf("state %v", s.State)
		}
		if got := b.Snapshot().Incidents[0]; !got.End.Equal(end) {
			t.Errorf("ended %v, want %v", got.End, end)
		}
		kept, err := b.store.Incidents(b.t.Context(), storage.Query{From: start})
		if err != nil || len(kept) != 1 || !kept[0].End.Equal(end) || kept[0].Failures != 3 {
			t.Errorf("kept %+v, %v", kept, err)
		}
	})
}

func TestRestartKeepsWhatWasSaid(t *testing.T) {
	run(t, watched(), func(b *bench) {
		b.record(many("geo/a", 1200, func(i int) probes.Outcome {
			if i >= 1198 || i == 500 {
				return probes.Down
			}
			return probes.Up
		})...)
		b.record(many("geo/b", 1200, always(probes.Up))...)
		b.record(many("vote/page", 1200, func(i int) probes.Outcome {
			if i == 1199 { // a confirmation in progress
				return probes.Down
			}
			return probes.Up
		})...)
		before, since := b.see("geo"), b.Snapshot().Since
		incident := b.Snapshot().Incidents[0]
		b.reopen()
		after := b.see("geo")
		for i, v := range before.Verdicts {
			got := after.Verdicts[i]
			if got.Value != v.Value || got.Measurements != v.Measurements || got.Level != v.Level || got.Budget.Spent != v.Budget.Spent {
				t.Errorf("%s was %+v, is %+v", v.Indicator, v, got)
			}
		}
		if after.State != observatory.Degraded || before.State != observatory.Degraded {
			t.Errorf("one of two probes is down: state was %v, is %v", before.State, after.State)
		}
		again := b.Snapshot().Incidents
		if len(again) != 1 || again[0].ID != incident.ID || !again[0].Open() {
			t.Fatalf("incidents %+v, want %+v", again, incident)
		}
		if b.Snapshot().Since.After(since) {
			t.Errorf("since %v, was %v", b.Snapshot().Since, since)
		}
		b.record(result("vote/page", time.Now(), probes.Down))
		if s := b.see("vote"); s.State != observatory.Down {
			t.Errorf("a restart lost the confirmation in progress: %v", s.State)
		}
	})
}

func TestKillBetweenResultsAndIncident(t *testing.T) {
	run(t, watched(), func(b *bench) {
		results := many("vote/page", 4, func(i int) probes.Outcome {
			if i >= 2 {
				return probes.Down
			}
			return probes.Up
		})
		// The batch was stored, and the process died before the observatory followed it.
		if err := b.store.Record(b.t.Context(), results); err != nil {
			t.Fatal(err)
		}
		b.reopen()
		i := b.Snapshot().Incidents
		if len(i) != 1 || !i[0].Start.Equal(results[2].Time) || !i[0].Open() {
			t.Fatalf("incidents %+v, want one from %v", i, results[2].Time)
		}
		// And again before it followed the end.
		up := result("vote/page", time.Now(), probes.Up)
		if err := b.store.Record(b.t.Context(), []probes.Result{up}); err != nil {
			t.Fatal(err)
		}
		b.reopen()
		if i := b.Snapshot().Incidents; len(i) != 1 || !i[0].End.Equal(up.Time) {
			t.Fatalf("incidents %+v, want one that ended %v", i, up.Time)
		}
	})
}
