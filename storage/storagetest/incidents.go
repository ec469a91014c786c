package storagetest

import (
	"slices"
	"testing"
	"time"

	"observatoire/slo"
	"observatoire/storage"
)

func incidents(t *testing.T, open Open) {
	o := options(t)
	o.Retention.Rollups = 1000 * time.Hour
	e := open(t, o)
	h := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	old := &slo.Incident{Probe: "a/x", Vantage: "paris", Start: h(0), End: h(2), Class: "timeout", Detail: "pas de réponse", Failures: 3}
	open1 := &slo.Incident{Probe: "a/x", Vantage: "lyon", Start: h(5), Class: "status", Failures: 1}
	other := &slo.Incident{Probe: "b/y", Vantage: "paris", Start: h(3), End: h(4), Class: "dns", Failures: 9}
	if err := e.SaveIncidents(t.Context(), []*slo.Incident{old, open1, other}); err != nil {
		t.Fatal(err)
	}
	if old.ID == 0 || open1.ID == 0 || old.ID == open1.ID {
		t.Fatalf("ids %d, %d: want two", old.ID, open1.ID)
	}
	// The same new incident once more, after an answer that was lost.
	again := *other
	again.ID, again.Failures = 0, 10
	if err := e.SaveIncidents(t.Context(), []*slo.Incident{&again}); err != nil || again.ID != other.ID {
		t.Errorf("saved again: id %d, want %d; %v", again.ID, other.ID, err)
	}
	mustClose(t, e)
	e = open(t, o)
	defer func() { mustClose(t, e) }()

	for name, c := range map[string]struct {
		q    storage.Query
		want []int64
	}{
		"all, newest first":              {storage.Query{}, []int64{open1.ID, other.ID, old.ID}},
		"limit":                          {storage.Query{Limit: 1}, []int64{open1.ID}},
		"probe":                          {storage.Query{Probe: "a/x"}, []int64{open1.ID, old.ID}},
		"probe and vantage":              {storage.Query{Probe: "a/x", Vantage: "paris"}, []int64{old.ID}},
		"vantage":                        {storage.Query{Vantage: "paris"}, []int64{other.ID, old.ID}},
		"touches from the left":          {storage.Query{From: h(1), To: h(2)}, []int64{old.ID}},
		"ended when the span does begin": {storage.Query{From: h(2), To: h(3)}, nil},
		"began in the span":              {storage.Query{From: h(2), To: h(3).Add(1)}, []int64{other.ID}},
		"lasts":                          {storage.Query{From: h(500)}, []int64{open1.ID}},
		"before":                         {storage.Query{To: h(0)}, nil},
		"by id":                          {storage.Query{ID: other.ID}, []int64{other.ID}},
		"by an id that there is not":     {storage.Query{ID: 4711}, nil},
	} {
		got, err := e.Incidents(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, i := range got {
			ids = append(ids, i.ID)
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: incidents %v, want %v", name, ids, c.want)
		}
	}

	open1.End, open1.Failures, open1.Hint = h(6), 7, slo.Dead
	if err := e.SaveIncidents(t.Context(), []*slo.Incident{open1}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Incidents(t.Context(), storage.Query{Limit: 1})
	if err != nil || len(got) != 1 || !got[0].End.Equal(h(6)) || got[0].Failures != 7 || got[0].Class != "status" || got[0].Hint != slo.Dead || got[0].Open() {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := e.Prune(t.Context(), h(2000)); err != nil {
		t.Fatal(err)
	}
	if got, err := e.Incidents(t.Context(), storage.Query{}); err != nil || len(got) != 0 {
		t.Errorf("after pruning: %v, %v", got, err)
	}
}

func incidentsTogether(t *testing.T, open Open) {
	e := fresh(t, open)
	good := &slo.Incident{Probe: "a/x", Start: noon}
	unknown := &slo.Incident{ID: 4711, Probe: "a/x", Start: noon.Add(time.Hour)}
	if e.SaveIncidents(t.Context(), []*slo.Incident{good, unknown}) == nil {
		t.Error("an incident whose id is not known: no error")
	}
	if got, err := e.Incidents(t.Context(), storage.Query{}); err != nil || len(got) != 0 || good.ID != 0 {
		t.Errorf("%d incidents, id %d, want none; %v", len(got), good.ID, err)
	}
	if err := e.SaveIncidents(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
