package storagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

func resultsRoundTrip(t *testing.T, open Open) {
	e := fresh(t, open)
	full := probes.Result{
		Probe: "api-geo/communes", Vantage: "lyon", Time: noon.Add(7 * time.Millisecond), Period: 5 * time.Minute, Maintenance: true,
		Outcome: probes.Down, Class: probes.ClassTimeout, Detail: "réponse après 5 s « en retard »",
		Phases: probes.Phases{
			Redirect: 1 * time.Microsecond, DNS: 2 * time.Microsecond, Connect: 3 * time.Microsecond,
			TLS: 4 * time.Microsecond, Wait: 5 * time.Second, Transfer: time.Hour,
		},
		Status: 503, Size: 1 << 40, DataTime: noon.Add(-3 * time.Hour), NotAfter: noon.AddDate(0, 3, 0).Truncate(time.Second),
		Remote: "192.0.2.1:443", Checks: []probes.Check{{Assertion: "status is 200"}},
	}
	epoch := up("api-geo/communes", noon)
	epoch.DataTime = time.Unix(0, 0) // a date, however old
	bare := probes.Result{Probe: "p", Time: noon}
	record(t, e, full, epoch, bare)
	for _, want := range []probes.Result{full, epoch, bare} {
		q := storage.Query{Probe: want.Probe, From: want.Time, To: want.Time.Add(time.Millisecond)}
		got := collect(t, e.Results(t.Context(), q))
		if len(got) != 1 {
			t.Fatalf("%d results of %s at %s, want 1", len(got), want.Probe, want.Time)
		}
		if difference := sameResult(got[0], want); difference != "" {
			t.Error(difference)
		}
	}

	// What is finer than it is kept is cut off, and too long a detail is bounded.
	fine := up("fine", noon.Add(time.Hour+999*time.Microsecond))
	fine.Phases.Wait = 1234567 * time.Nanosecond
	fine.Detail = strings.Repeat("é", probes.MaxDetail)
	record(t, e, fine)
	got := collect(t, e.Results(t.Context(), storage.Query{Probe: "fine"}))[0]
	if !got.Time.Equal(noon.Add(time.Hour)) || got.Phases.Wait != 1234*time.Microsecond || len(got.Detail) > probes.MaxDetail {
		t.Errorf("got %+v", got)
	}
}

func identity(t *testing.T, open Open) {
	e := fresh(t, open)
	first := up("a/p", noon)
	second := down("a/p", noon)
	elsewhere := up("a/p", noon)
	elsewhere.Vantage = "lyon"
	record(t, e, first, second, elsewhere)
	record(t, e, second)
	// A batch large enough that some of it is inserted together, half of it known.
	var many []probes.Result
	for i := range 150 {
		many = append(many, up("a/p", noon.Add(time.Duration(i)*time.Second)))
	}
	record(t, e, many[:75]...)
	record(t, e, many...)
	record(t, e, many[149])

	got := collect(t, e.Results(t.Context(), storage.Query{}))
	if len(got) != 151 {
		t.Fatalf("%d results, want 151", len(got))
	}
	for _, r := range got {
		if r.Outcome != probes.Up {
			t.Errorf("the second result of one identity replaced the first: %+v", r)
		}
	}
	var n int64
	for _, r := range collect(t, e.Rollups(t.Context(), storage.Query{Resolution: storage.Day})) {
		n += r.Counts.Up.N + r.Counts.Down.N
	}
	if n != 151 {
		t.Errorf("rollups count %d, want 151", n)
	}
}

func order(t *testing.T, open Open) {
	e := fresh(t, open)
	const n = 2500 // more than any page
	var batch []probes.Result
	for i := range n {
		batch = append(batch, up(fmt.Sprintf("p/%d", i%3), noon.Add(time.Duration(i*7919%n)*time.Second)))
	}
	record(t, e, batch...)
	for _, newest := range []bool{false, true} {
		got := collect(t, e.Results(t.Context(), storage.Query{Newest: newest}))
		if len(got) != n {
			t.Fatalf("%d results, want %d", len(got), n)
		}
		for i := 1; i < n; i++ {
			if step := got[i].Time.Sub(got[i-1].Time); newest && step >= 0 || !newest && step <= 0 {
				t.Fatalf("newest %t: %s after %s", newest, got[i].Time, got[i-1].Time)
			}
		}
	}
	// Leaving early is allowed.
	for range e.Results(t.Context(), storage.Query{}) {
		break
	}
}

func queries(t *testing.T, open Open) {
	e := fresh(t, open)
	for _, vantage := range []string{"paris", "lyon"} {
		for _, probe := range []string{"a/x", "b/y"} {
			for i := range 10 {
				r := up(probe, noon.Add(time.Duration(i)*time.Hour))
				r.Vantage = vantage
				record(t, e, r)
			}
		}
	}
	for name, c := range map[string]struct {
		q    storage.Query
		want int
	}{
		"all":                {storage.Query{}, 40},
		"probe":              {storage.Query{Probe: "a/x"}, 20},
		"vantage":            {storage.Query{Vantage: "lyon"}, 20},
		"series":             {storage.Query{Probe: "a/x", Vantage: "lyon"}, 10},
		"unknown probe":      {storage.Query{Probe: "c"}, 0},
		"unknown vantage":    {storage.Query{Vantage: "c"}, 0},
		"limit":              {storage.Query{Limit: 7}, 7},
		"probe, limit":       {storage.Query{Probe: "b/y", Limit: 3, Newest: true}, 3},
		"from is in":         {storage.Query{From: noon.Add(9 * time.Hour)}, 4},
		"from, below a ms":   {storage.Query{From: noon.Add(9*time.Hour + 1)}, 0},
		"to is out":          {storage.Query{To: noon.Add(time.Hour)}, 4},
		"span":               {storage.Query{From: noon.Add(time.Hour), To: noon.Add(3 * time.Hour), Probe: "a/x", Newest: true}, 4},
		"vantage, newest":    {storage.Query{Vantage: "lyon", Newest: true, Limit: 5}, 5},
		"series, newest":     {storage.Query{Probe: "a/x", Vantage: "lyon", Newest: true}, 10},
		"empty span":         {storage.Query{From: noon, To: noon}, 0},
		"span back to front": {storage.Query{From: noon.Add(time.Hour), To: noon}, 0},
	} {
		if got := collect(t, e.Results(t.Context(), c.q)); len(got) != c.want {
			t.Errorf("%s: %d results, want %d", name, len(got), c.want)
		}
		if c.q.From.IsZero() && c.q.To.IsZero() {
			c.q.Resolution = storage.Hour
			if got := collect(t, e.Rollups(t.Context(), c.q)); len(got) != c.want {
				t.Errorf("%s: %d rollups, want %d", name, len(got), c.want)
			}
		}
	}
	if failure(e.Rollups(t.Context(), storage.Query{})) == nil {
		t.Error("rollups of no resolution: no error")
	}
}

func invalid(t *testing.T, open Open) {
	e := fresh(t, open)
	for name, r := range map[string]probes.Result{
		"no probe": up("", noon), "no time": up("p", time.Time{}), "year 12000": up("p", noon.AddDate(10000, 0, 0)),
	} {
		if e.Record(t.Context(), []probes.Result{up("good", noon), r}) == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := collect(t, e.Results(t.Context(), storage.Query{})); len(got) != 0 {
		t.Errorf("%d results of batches that failed", len(got))
	}
	record(t, e) // nothing
}

func latest(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	for i := range 30 {
		a, b := up("a/x", noon.Add(time.Duration(i)*20*time.Minute)), up("a/x", noon.Add(time.Duration(i)*20*time.Minute))
		b.Vantage = "lyon"
		record(t, e, a, b)
	}
	record(t, e, up("b/y", noon), up("a/x", noon.Add(-time.Hour)))
	check := func(when string) {
		t.Helper()
		got, err := e.Latest(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || len(got["a/x"]) != 10 || len(got["b/y"]) != 1 {
			t.Fatalf("%s: %d probes, %d of a/x, %d of b/y; want 2, 10, 1", when, len(got), len(got["a/x"]), len(got["b/y"]))
		}
		for i, r := range got["a/x"] {
			if want := noon.Add(time.Duration(29-i/2) * 20 * time.Minute); !r.Time.Equal(want) || r.Probe != "a/x" {
				t.Errorf("%s: %d: %s at %s, want %s", when, i, r.Probe, r.Time, want)
			}
		}
		if none, err := e.Latest(t.Context(), 0); err != nil || len(none) != 0 {
			t.Errorf("latest 0: %v, %v", none, err)
		}
	}
	check("at once")
	mustClose(t, e)
	e = open(t, o)
	defer func() { mustClose(t, e) }()
	check("reopened")
	record(t, e, up("b/y", noon.Add(time.Minute)))
	got, err := e.Latest(t.Context(), 5)
	if err != nil || len(got["b/y"]) != 2 {
		t.Errorf("%d of b/y, want one from before and one from after the opening; %v", len(got["b/y"]), err)
	}
}

func latestOfStopped(t *testing.T, open Open) {
	o := options(t)
	e := open(t, o)
	record(t, e, up("stopped", noon.AddDate(-1, 0, 0)), up("stopped", noon.AddDate(-1, 0, 1)))
	mustClose(t, e)
	e = open(t, o)
	defer func() { mustClose(t, e) }()
	record(t, e, up("running", noon))
	got, err := e.Latest(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(got["stopped"]) != 2 || len(got["running"]) != 1 || !got["stopped"][0].Time.Equal(noon.AddDate(-1, 0, 1)) {
		t.Errorf("got %v", got)
	}
}
