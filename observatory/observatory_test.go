package observatory_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

const period = 5 * time.Minute

// bench is an observatory on a real file, at the time of a synctest bubble.
type bench struct {
	t       *testing.T
	dir     string
	zone    *time.Location
	options observatory.Options
	store   storage.Store
	*observatory.Observatory
	stop context.CancelFunc
	done chan error
}

// watched are the services of the tests: an API with two probes and a promise,
// another with dated data, and a démarche that depends on the first.
func watched() observatory.Options {
	service := func(id, profile string) catalogue.Service {
		return catalogue.Service{ID: id, Name: "Service " + id, Producer: "dinum", Profile: profile}
	}
	geo := catalogue.API{Service: service("geo", slo.ForAPI), Access: catalogue.Open}
	geo.Commitment = &catalogue.Commitment{Availability: 0.95, Window: slo.Month, Source: "https://example.fr/cgu", Seen: "2026-08-21"}
	water := catalogue.API{Service: service("water", slo.ForAPI), Access: catalogue.Open}
	vote := catalogue.Demarche{Service: service("vote", slo.ForDemarche), URL: "https://vote.example.fr",
		DependsOn: []catalogue.Dependency{{API: "geo", Source: "https://example.fr/source"}}}
	return observatory.Options{
		Catalogue: catalogue.Catalogue{
			Producers: []catalogue.Producer{{ID: "dinum", Name: "DINUM"}},
			APIs:      []catalogue.API{geo, water}, Demarches: []catalogue.Demarche{vote},
		},
		Profiles: slo.Profiles(), Confirmations: 2, Log: zerolog.Nop(),
		Probes: []observatory.Watched{
			{ID: "geo/a", Service: "geo", Kind: "http", Period: period},
			{ID: "geo/b", Service: "geo", Kind: "http", Period: period},
			{ID: "water/flow", Service: "water", Kind: "http", Period: period, Dated: true, Limit: &probes.Freshness{MaxAge: time.Hour}},
			{ID: "vote/page", Service: "vote", Kind: "http", Period: period},
		},
	}
}

func run(t *testing.T, o observatory.Options, test func(*bench)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		zone, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{t: t, dir: dir, zone: zone, options: o}
		b.open()
		defer b.close()
		test(b)
	})
}

func (b *bench) open() {
	b.t.Helper()
	engine := sqlite.SQLite{Path: sqlite.DefaultPath}
	store, err := engine.Open(b.t.Context(), storage.Options{Dir: b.dir, Zone: b.zone, Log: zerolog.Nop()})
	if err != nil {
		b.t.Fatal(err)
	}
	b.options.Store, b.options.Zone, b.store = store, b.zone, store
	if b.Observatory, err = observatory.New(b.t.Context(), b.options); err != nil {
		b.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.t.Context())
	b.stop, b.done = stop, make(chan error, 1)
	go func() { b.done <- b.Run(ctx) }()
}

func (b *bench) close() {
	b.t.Helper()
	b.stop()
	if err := <-b.done; err != nil {
		b.t.Error(err)
	}
	if err := b.store.Close(); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) reopen() {
	b.t.Helper()
	b.close()
	b.open()
}

// wait lets time pass in the bubble.
func (b *bench) wait(d time.Duration) { <-time.After(d) }

// record takes results along the path that real ones take.
func (b *bench) record(results ...probes.Result) {
	b.t.Helper()
	if err := b.store.Record(b.t.Context(), results); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Record(b.t.Context(), results); err != nil {
		b.t.Fatal(err)
	}
}

// see returns a service of a snapshot that knows all results.
func (b *bench) see(id string) *observatory.Service {
	b.t.Helper()
	b.wait(2 * time.Second)
	synctest.Wait()
	s := b.Snapshot().ByID[id]
	if s == nil {
		b.t.Fatalf("no service %q", id)
	}
	return s
}

func result(probe string, at time.Time, outcome probes.Outcome) probes.Result {
	r := probes.Result{Probe: probe, Vantage: "test", Time: at.Truncate(time.Millisecond), Period: period, Outcome: outcome}
	switch outcome {
	case probes.Down:
		r.Class, r.Detail = probes.ClassStatus, "status 503, want 200 to 299"
	case probes.Unknown:
		r.Class = probes.ClassQuota
	default:
		r.Phases = probes.Phases{Connect: 10 * time.Millisecond, Wait: 50 * time.Millisecond, Transfer: 5 * time.Millisecond}
	}
	return r
}

// many returns n results, one a period, the last of them a moment ago.
func many(probe string, n int, outcome func(i int) probes.Outcome) []probes.Result {
	results := make([]probes.Result, n)
	first := time.Now().Add(-time.Duration(n) * period)
	for i := range results {
		results[i] = result(probe, first.Add(time.Duration(i)*period), outcome(i))
	}
	return results
}

func always(o probes.Outcome) func(int) probes.Outcome { return func(int) probes.Outcome { return o } }

func TestVerdicts(t *testing.T) {
	run(t, watched(), func(b *bench) {
		// 2,000 measurements of which 4 failed: 99.8 %, which is partial and keeps the promise of 95 %.
		b.record(many("geo/a", 1000, func(i int) probes.Outcome {
			if i%250 == 100 {
				return probes.Down
			}
			return probes.Up
		})...)
		b.record(many("geo/b", 1000, always(probes.Up))...)
		geo := b.see("geo")

		v := geo.Verdict(slo.Availability)
		if v == nil || v.Value != 0.998 || v.Level != slo.Partial || v.Measurements != 2000 {
			t.Errorf("availability %+v", v)
		}
		if v.Window.String() != "P90D" || v.Profile != slo.ForAPI || v.Source == "" || v.Target != 0.999 || v.Floor != 0.985 {
			t.Errorf("the verdict does not name what it rests on: %+v", v)
		}
		// 1,000 periods of 5 minutes are 83 h of the 89 days and some hours since the window began.
		length := time.Since(v.Window.Start(time.Now().In(b.zone)))
		if want := float64(1000*period) / float64(length); math.Abs(v.Coverage-want) > 1e-4 {
			t.Errorf("coverage %v, want about %v", v.Coverage, want)
		}
		if want := 4 * period; v.Budget.Spent != want {
			t.Errorf("spent %v of the error budget, want %v", v.Budget.Spent, want)
		}
		if c := v.Commitment; c == nil || c.Target != 0.95 || c.Window != slo.Month || c.Source == "" {
			t.Errorf("commitment %+v", v.Commitment)
		}
		server := geo.Verdict(slo.ServerTime)
		if server == nil || math.Abs(server.Value-0.040) > 1e-9 || server.Level != slo.Optimal || server.Measurements != 1996 {
			t.Errorf("server time %+v", server)
		}
		if geo.Verdict(slo.PageTime) != nil || geo.Verdict(slo.Freshness) != nil {
			t.Error("an API without dated data is judged by page time or freshness")
		}
		if n := len(geo.Strip.Days()); n != 90 {
			t.Errorf("the strip has %d days", n)
		}
		var answered float64
		var measurements int64
		for _, d := range geo.Strip.Days() {
			answered += d.Availability * float64(d.Measurements)
			measurements += d.Measurements
		}
		if got := answered / float64(measurements); math.Abs(got-v.Value) > 1e-12 || measurements != v.Measurements {
			t.Errorf("the strip says %v of %d, the verdict %v of %d", got, measurements, v.Value, v.Measurements)
		}
	})
}

func TestTooFewMeasurementsStayPending(t *testing.T) {
	run(t, watched(), func(b *bench) {
		b.record(many("vote/page", 999, always(probes.Down))...)
		v := b.see("vote").Verdict(slo.Availability)
		if v.Level != slo.Pending || v.Measurements != 999 || v.Value != 0 {
			t.Errorf("%+v", v)
		}
		if p := b.see("vote").Verdict(slo.PageTime); p == nil || p.Measurements != 0 || p.Level != slo.Pending {
			t.Errorf("failures have a page time: %+v", p)
		}
	})
}

func TestUnknownAndMaintenanceAreNotCounted(t *testing.T) {
	run(t, watched(), func(b *bench) {
		results := many("vote/page", 1500, func(i int) probes.Outcome {
			switch {
			case i < 200:
				return probes.Unknown
			case i < 300:
				return probes.Down
			}
			return probes.Up
		})
		for i := 200; i < 300; i++ {
			results[i].Maintenance = true
		}
		b.record(results...)
		vote := b.see("vote")
		v := vote.Verdict(slo.Availability)
		if v.Value != 1 || v.Measurements != 1200 || v.Level != slo.Optimal {
			t.Errorf("availability %+v", v)
		}
		if want := 1200.0 / 1300; v.Including != want {
			t.Errorf("with maintenance counted %v, want %v", v.Including, want)
		}
		if len(b.Snapshot().Incidents) != 0 {
			t.Errorf("maintenance opened an incident: %+v", b.Snapshot().Incidents)
		}
	})
}

func TestState(t *testing.T) {
	up, degraded, down, unknown := probes.Up, probes.Degraded, probes.Down, probes.Unknown
	tests := map[string]struct {
		a, b probes.Outcome
		want observatory.State
	}{
		"both up":               {up, up, observatory.Up},
		"one degraded":          {up, degraded, observatory.Degraded},
		"one down":              {up, down, observatory.Degraded},
		"both down":             {down, down, observatory.Down},
		"one down, one unknown": {down, unknown, observatory.Down},
		"one up, one unknown":   {up, unknown, observatory.Up},
		"both unknown":          {unknown, unknown, observatory.Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run(t, watched(), func(b *bench) {
				b.record(many("geo/a", 2, always(test.a))...)
				b.record(many("geo/b", 2, always(test.b))...)
				if got := b.see("geo").State; got != test.want {
					t.Errorf("state %v, want %v", got, test.want)
				}
				on := b.see("vote").DependsOn
				if len(on) != 1 || on[0].ID != "geo" || on[0].State != test.want || on[0].Source == "" {
					t.Errorf("the démarche depends on %+v", on)
				}
				if got := b.see("vote").Affected(); got != (test.want == observatory.Down) {
					t.Errorf("affected: %v", got)
				}
			})
		})
	}
}

func TestSilenceSaysNothing(t *testing.T) {
	run(t, watched(), func(b *bench) {
		b.record(many("water/flow", 3, always(probes.Up))...)
		if s := b.see("water"); s.State != observatory.Up {
			t.Fatalf("state %v", s.State)
		}
		b.wait(3*period + 2*time.Minute)
		if s := b.see("water"); s.State != observatory.Unknown {
			t.Errorf("state %v after a silence", s.State)
		}
	})
}

func TestMaintenanceState(t *testing.T) {
	o := watched()
	// The bubble begins at midnight UTC, which is one o'clock in Paris.
	o.Catalogue.APIs[1].Maintenance = []slo.Maintenance{{Daily: slo.Daily{From: 60, To: 90}}}
	run(t, o, func(b *bench) {
		if s := b.see("water"); s.State != observatory.Maintenance {
			t.Errorf("state %v in a maintenance", s.State)
		}
		b.wait(30 * time.Minute)
		if s := b.see("water"); s.State != observatory.Unknown {
			t.Errorf("state %v after it", s.State)
		}
	})
}

func TestFreshness(t *testing.T) {
	dated := func(age time.Duration) probes.Result {
		r := result("water/flow", time.Now(), probes.Up)
		r.DataTime = r.Time.Add(-age)
		return r
	}
	run(t, watched(), func(b *bench) {
		if v := b.see("water").Verdict(slo.Freshness); v == nil || v.Level != slo.Pending || v.Measurements != 0 {
			t.Fatalf("before any result: %+v", v)
		}
		b.record(dated(time.Hour))
		v := b.see("water").Verdict(slo.Freshness)
		if v.Value != 3600 || v.Level != slo.Optimal || !v.Judged || v.Target != 3600 || v.Window != slo.Latest {
			t.Errorf("one hour old: %+v", v)
		}
		b.wait(period)
		b.record(dated(time.Hour + time.Second))
		if v := b.see("water").Verdict(slo.Freshness); v.Value != 3601 || v.Level != slo.Weak {
			t.Errorf("a second older than declared: %+v", v)
		}
		b.wait(4 * period)
		if v := b.see("water").Verdict(slo.Freshness); v.Level != slo.Pending || v.Measurements != 0 {
			t.Errorf("too long ago: %+v", v)
		}
	})
}

func TestCommitmentOfTheMonthInProgress(t *testing.T) {
	o := watched()
	run(t, o, func(b *bench) {
		// The bubble begins on the first of January 2000: what was measured in December is not in this month's promise.
		b.record(many("geo/a", 1500, always(probes.Down))...)
		b.wait(5 * 24 * time.Hour)
		b.record(many("geo/a", 1100, always(probes.Up))...)
		v := b.see("geo").Verdict(slo.Availability)
		if v.Measurements != 2600 || v.Level != slo.Weak {
			t.Errorf("availability %+v", v)
		}
		c := v.Commitment
		if !c.Judged || !c.Kept || c.Value < 0.95 || c.Measurements >= 1200 {
			t.Errorf("commitment %+v", c)
		}
	})
}
