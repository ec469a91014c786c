package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"observatoire/alerts"
)

func alert(key string, state alerts.State) alerts.Alert {
	a := alerts.Alert{
		Key: key, Kind: alerts.Level, State: state, Start: noon, Service: "api-geo", ServiceName: "API Découpage administratif",
		Indicator: "availability", Value: 0.99859999999999993, Target: 0.999, Affected: []string{"d"},
	}
	if state == alerts.Resolved {
		a.End = noon.Add(time.Hour)
	}
	return a
}

func apply(t *testing.T, e Engine, channels []string, changed ...alerts.Alert) {
	t.Helper()
	if err := e.Apply(t.Context(), changed, channels); err != nil {
		t.Fatal(err)
	}
}

func due(t *testing.T, e Engine, channel string, now time.Time) []alerts.Delivery {
	t.Helper()
	got, err := e.Due(t.Context(), channel, now, 100)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func firing(t *testing.T, e Engine) int {
	t.Helper()
	got, err := e.Firing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(got)
}

func ledger(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	channels := []string{"ops", "mail"}
	a, b := alert("level/a", alerts.Firing), alert("level/b", alerts.Firing)
	apply(t, e, channels, a, b)
	e = abandon(t, e, open, o)

	got, err := e.Firing(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatalf("%d alerts fire, want 2; %v", len(got), err)
	}
	gotText, _ := json.Marshal(got[0])
	wantText, _ := json.Marshal(a)
	if string(gotText) != string(wantText) {
		t.Errorf("got  %s\nwant %s", gotText, wantText)
	}

	a.Value = 0.5
	apply(t, e, channels, a) // the same breach, now deeper
	if n := len(due(t, e, "ops", noon)); n != 2 || firing(t, e) != 2 {
		t.Errorf("applied again: %d deliveries, %d fire; want 2, 2", n, firing(t, e))
	}
	apply(t, e, channels, alert("level/a", alerts.Resolved))
	apply(t, e, channels, alert("level/a", alerts.Resolved))
	if n := len(due(t, e, "ops", noon)); n != 3 || firing(t, e) != 1 {
		t.Errorf("resolved: %d deliveries, %d fire; want 3, 1", n, firing(t, e))
	}
	anew := alert("level/a", alerts.Firing)
	anew.Start = noon.Add(24 * time.Hour)
	apply(t, e, channels, anew)
	if n := len(due(t, e, "mail", noon)); n != 4 || firing(t, e) != 2 {
		t.Errorf("fires anew: %d deliveries, %d fire; want 4, 2", n, firing(t, e))
	}
	apply(t, e, nil, alert("level/c", alerts.Firing)) // kept, told nobody
	if firing(t, e) != 3 {
		t.Errorf("%d fire, want 3", firing(t, e))
	}
	apply(t, e, channels)
	mustClose(t, e)
}

func outbox(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	apply(t, e, []string{"ops", "mail"}, alert("a", alerts.Firing), alert("b", alerts.Firing), alert("c", alerts.Firing))
	all := due(t, e, "ops", noon)
	if len(all) != 3 || all[0].Alert.Key != "a" || all[2].Alert.Key != "c" || all[0].Channel != "ops" || all[0].ID == all[1].ID {
		t.Fatalf("due: %+v, want a, b and c", all)
	}
	if some, err := e.Due(t.Context(), "ops", noon, 2); err != nil || len(some) != 2 {
		t.Errorf("%d due, want 2; %v", len(some), err)
	}
	settle := func(d alerts.Delivery) {
		t.Helper()
		if err := e.Settle(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	later, delivered, givenUp := all[0], all[1], all[2]
	later.Attempts, later.Next, later.Error = 1, noon.Add(time.Minute), "refused"
	delivered.Attempts, delivered.Status = 1, alerts.Delivered
	givenUp.Attempts, givenUp.Status, givenUp.Error = 5, alerts.GivenUp, "410"
	settle(later)
	settle(delivered)
	settle(givenUp)
	e = abandon(t, e, open, o)
	defer func() { mustClose(t, e) }()
	if got := due(t, e, "ops", noon.Add(59*time.Second)); len(got) != 0 {
		t.Errorf("due too early: %+v", got)
	}
	got := due(t, e, "ops", noon.Add(time.Minute))
	if len(got) != 1 || got[0].ID != later.ID || got[0].Attempts != 1 || got[0].Error != "refused" || !got[0].Next.Equal(later.Next) {
		t.Errorf("due %+v, want %+v", got, later)
	}
	delivered.Status = alerts.Waiting
	settle(delivered) // what was delivered is never due again
	if got := due(t, e, "ops", noon.Add(time.Hour)); len(got) != 1 {
		t.Errorf("%d due, want 1", len(got))
	}
	if got := due(t, e, "mail", noon); len(got) != 3 {
		t.Errorf("the other channel: %d due, want 3", len(got))
	}
	if e.Settle(t.Context(), alerts.Delivery{ID: 4711}) == nil {
		t.Error("an unknown delivery was settled")
	}
}

func pruneDeliveries(t *testing.T, open Open) {
	e := fresh(t, open)
	apply(t, e, []string{"ops"}, alert("a", alerts.Firing), alert("b", alerts.Firing))
	d := due(t, e, "ops", noon)[0]
	d.Status = alerts.Delivered
	if err := e.Settle(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := e.Prune(t.Context(), time.Now().AddDate(0, 0, 31)); err != nil {
		t.Fatal(err)
	}
	if e.Settle(t.Context(), d) == nil {
		t.Error("a delivery that was settled long ago is still there")
	}
	if n := len(due(t, e, "ops", noon)); n != 1 || firing(t, e) != 2 {
		t.Errorf("%d waiting, %d fire; want 1, 2", n, firing(t, e))
	}
	// It still fires: to apply it again tells nobody, though its delivery is gone.
	apply(t, e, []string{"ops"}, alert("a", alerts.Firing))
	if n := len(due(t, e, "ops", noon)); n != 1 {
		t.Errorf("%d waiting, want 1", n)
	}
}
