package dashboard_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// now is when the samples are made: an evening in Paris.
func now() time.Time {
	return time.Date(2026, time.November, 23, 21, 32, 5, 0, time.UTC).In(paris())
}

func paris() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}

var sampleNames = []string{
	"API Découpage administratif", "API Adresse", "Déclarer ses revenus en ligne", "Recherche d'entreprises", "Hub'Eau Hydrométrie",
	"Demander une carte nationale d'identité", "API Entreprise", "Simuler ses aides au logement", "API Particulier", "Immatriculer un véhicule",
	"Indices de la qualité de l'air", "Inscription sur les listes électorales", "Jours fériés", "Calendrier scolaire", "API Carto cadastre",
}

var sampleProducers = []catalogue.Producer{
	{ID: "dinum", Name: "Direction interministérielle du numérique", URL: "https://www.numerique.gouv.fr"},
	{ID: "ign", Name: "Institut national de l'information géographique et forestière", URL: "https://www.ign.fr"},
	{ID: "dgfip", Name: "Direction générale des finances publiques"},
	{ID: "ofb", Name: "Office français de la biodiversité", URL: "https://www.ofb.gouv.fr"},
	{ID: "interieur", Name: "Ministère de l'intérieur"},
	{ID: "aucun", Name: "Producteur sans service"},
}

// sample returns a snapshot of n services of all shapes: every state, every
// level, with and without commitments, measurements, probes and dependencies.
func sample(n int) *observatory.Snapshot {
	random := rand.New(rand.NewPCG(1, 2))
	s := &observatory.Snapshot{Time: now(), Since: now().AddDate(-1, 0, 0), Zone: paris(), Producers: sampleProducers, ByID: map[string]*observatory.Service{}}
	for i := range n {
		one := sampleService(i, random)
		s.Services = append(s.Services, one)
		s.ByID[one.ID] = one
	}
	slices.SortStableFunc(s.Services, func(a, b *observatory.Service) int { return len(a.Kind) - len(b.Kind) })
	link(s)
	for i := range 3 * n {
		struck := s.Services[(i*7)%n]
		start := s.Time.Add(-time.Duration(i) * 5 * time.Hour)
		one := observatory.Incident{Service: struck.ID, ServiceName: struck.Name, Incident: slo.Incident{
			ID: int64(i + 1), Probe: struck.ID + "/principal", Vantage: "paris", Start: start, End: start.Add(37 * time.Minute),
			Class: probes.ErrorClass(i%15 + 1).String(), Detail: "status is one of 200: got 503", Failures: int64(i%9 + 1)}}
		if i%5 == 0 && i < n {
			one.End = time.Time{}
		}
		if one.Class == "15" {
			one.Class = probes.ClassTimeout.String()
		}
		s.Incidents = append(s.Incidents, one)
	}
	return s
}

// link makes each démarche depend on two APIs.
func link(s *observatory.Snapshot) {
	var apis []*observatory.Service
	for _, one := range s.Services {
		if one.Kind == observatory.API {
			apis = append(apis, one)
		}
	}
	for i, one := range s.Services {
		if one.Kind != observatory.Demarche {
			continue
		}
		for k := range min(2, len(apis)) {
			api := apis[(i+k)%len(apis)]
			d := observatory.Dependency{ID: api.ID, Name: api.Name, Source: "https://example.fr/dependances", State: api.State}
			if v := api.Verdict(slo.Availability); v != nil {
				d.Availability = *v
			}
			one.DependsOn = append(one.DependsOn, d)
			api.UsedBy = append(api.UsedBy, one.ID)
		}
	}
}

func sampleService(i int, random *rand.Rand) *observatory.Service {
	producer := sampleProducers[i%5]
	shared := catalogue.Service{ID: fmt.Sprintf("service-%d", i), Name: sampleNames[i%len(sampleNames)], Producer: producer.ID}
	if i >= len(sampleNames) {
		shared.Name = fmt.Sprintf("%s (%d)", shared.Name, i)
	}
	one := &observatory.Service{Kind: observatory.API, ProducerName: producer.Name, State: observatory.Up}
	switch {
	case i%7 == 1:
		one.State = observatory.Down
	case i%11 == 3:
		one.State = observatory.Degraded
	case i%13 == 4:
		one.State = observatory.Maintenance
	case i%17 == 5:
		one.State = observatory.Unknown
	}
	target := fmt.Sprintf("https://service-%d.example.fr/v1?q=nantes&limit=1", i)
	if i%15%2 == 0 && i%15 != 2 || i%15 == 1 || i%15 == 3 {
		shared.Profile = slo.ForAPI
		access := []catalogue.Access{catalogue.Open, catalogue.Account, catalogue.Restricted}[i%3]
		one.API = &catalogue.API{Service: shared, Access: access, Documentation: "https://example.fr/doc", OpenAPI: "https://example.fr/openapi.json", StatusPage: "https://example.fr/etat"}
		if i%2 == 0 {
			one.API.RateLimit = catalogue.Rate{Requests: 50, Per: time.Second}
		}
	} else {
		shared.Profile = slo.ForDemarche
		one.Kind = observatory.Demarche
		one.Demarche = &catalogue.Demarche{Service: shared, URL: target, JDMA: 1000 + i}
	}
	if i%4 == 0 {
		shared.Maintenance = []slo.Maintenance{{Daily: slo.Daily{From: 60, To: 120}, Source: "https://example.fr/maintenance"},
			{From: now().Add(24 * time.Hour), To: now().Add(26 * time.Hour), Source: "annonce par courriel"}}
	}
	one.Service = shared
	one.Probes = sampleProbes(one, target, random)
	sampleVerdicts(one, i, random)
	sampleDays(one, i, random)
	return one
}

func sampleProbes(s *observatory.Service, target string, random *rand.Rand) []observatory.Probe {
	latest := probes.Result{Probe: s.ID + "/principal", Vantage: "paris", Time: now().Add(-2 * time.Minute), Period: 5 * time.Minute, Outcome: probes.Up, Status: 200, Size: 5120,
		Phases: probes.Phases{DNS: 12 * time.Millisecond, Connect: 18 * time.Millisecond, TLS: 31 * time.Millisecond,
			Wait: time.Duration(40+random.IntN(300)) * time.Millisecond, Transfer: 7 * time.Millisecond}, NotAfter: now().AddDate(0, 2, 0)}
	switch s.State {
	case observatory.Down:
		latest.Outcome, latest.Class, latest.Detail = probes.Down, probes.ClassTimeout, "no answer within 5s"
	case observatory.Degraded:
		latest.Outcome, latest.Class, latest.Detail = probes.Degraded, probes.ClassAssertion, `$[0].nom: want "Nantes", got "Rezé"`
	case observatory.Unknown:
		latest.Outcome, latest.Class, latest.Status = probes.Unknown, probes.ClassQuota, 429
	case observatory.Maintenance:
		latest.Maintenance = true
	}
	all := []observatory.Probe{{ID: s.ID + "/principal", Period: 5 * time.Minute, Kind: "http", Target: target, Latest: latest}}
	if s.API != nil {
		all = append(all, observatory.Probe{ID: s.ID + "/openapi", Period: 6 * time.Hour, Kind: "http", Target: "https://example.fr/openapi.json"})
	}
	return all
}

func sampleVerdicts(s *observatory.Service, i int, random *rand.Rand) {
	profile := slo.Profiles()[s.Profile]
	for _, o := range profile.Objectives {
		v := slo.Verdict{Indicator: o.Indicator, Window: o.Window, Measurements: 25_900 - int64(i), Coverage: 0.9987, Profile: profile.Name, Source: o.Source,
			Target: o.Optimal.Limit, Floor: o.Floor(), Judged: true}
		switch {
		case i%9 == 8: // nothing measured yet
			v.Measurements, v.Coverage = 0, 0
		case o.Indicator == slo.Availability:
			v.Value = []float64{0.99958, 1, 0.99861, 0.97214, 0.9999999, 0.9896}[i%6]
			v.Including = v.Value - 0.0004
			spent := time.Duration((1 - v.Value) * 90 * 24 * float64(time.Hour))
			v.Budget = slo.Budget{Allowed: 90 * 24 * time.Hour / 1000, Spent: spent}
		default:
			v.Value = 0.02 + random.ExpFloat64()*0.2
		}
		if i%10 == 6 {
			v.Measurements = 12
		}
		v.Level = o.Level(v.Value, v.Measurements)
		if o.Indicator == slo.Availability && i%3 == 0 {
			v.Commitment = &slo.Pledge{Target: 0.995, Value: v.Value, Window: slo.Month, Measurements: v.Measurements, Coverage: 0.7, Judged: v.Measurements > 100,
				Kept: v.Value >= 0.995, Source: "https://example.fr/cgu", Seen: "2026-08-21"}
		}
		s.Verdicts = append(s.Verdicts, v)
	}
	if i%5 == 4 {
		v := slo.Verdict{Indicator: slo.Freshness, Window: slo.Latest, Measurements: 1, Coverage: 1, Value: 5400, Profile: "declared"}
		if i%2 == 0 {
			v.Judged, v.Target, v.Floor, v.Level, v.Source = true, 21600, 21600, slo.Optimal, s.ID+"/principal"
		}
		s.Verdicts = append(s.Verdicts, v)
	}
}

func sampleDays(s *observatory.Service, i int, random *rand.Rand) {
	objective, _ := slo.Profiles()[s.Profile].Objective(slo.Availability)
	objective.MinMeasurements = 1
	start := slo.Days(90).Start(now())
	var days []observatory.Day
	for d := range 90 {
		day := observatory.Day{Date: time.Date(start.Year(), start.Month(), start.Day()+d, 0, 0, 0, 0, start.Location())}
		if i%9 != 8 && d >= i%6*8 {
			counts := sampleCounts(random, i)
			day.Availability, _ = counts.Availability()
			day.Measurements = counts.Definite().N
			day.Level = objective.Level(day.Availability, day.Measurements)
		}
		days = append(days, day)
	}
	s.Strip = observatory.NewStrip(days)
}

func sampleCounts(random *rand.Rand, i int) slo.Counts {
	tally := func(n int64) slo.Tally { return slo.Tally{N: n, Time: time.Duration(n) * 5 * time.Minute} }
	down := int64(0)
	if random.IntN(12) < i%4 {
		down = int64(random.IntN(1 + random.IntN(20)))
	}
	return slo.Counts{Up: tally(286 - down), Down: tally(down), Unknown: tally(int64(random.IntN(2))), Maintenance: tally(2)}
}

// memory is a series that needs no engine: a year of days, and finer rollups
// of the last days, the same for every probe but those of silent services.
type memory struct {
	fault     error // that every read gives
	incidents []slo.Incident
}

func (m memory) Rollups(ctx context.Context, q storage.Query) iter.Seq2[storage.Rollup, error] {
	return func(yield func(storage.Rollup, error) bool) {
		if m.fault != nil {
			yield(storage.Rollup{}, m.fault)
			return
		}
		random := rand.New(rand.NewPCG(uint64(len(q.Probe)), 7))
		n := 0
		for start := q.Resolution.Start(q.From, paris()); start.Before(q.To); start = q.Resolution.End(start, paris()) {
			r := sampleRollup(q, start, random)
			if n++; n%29 == 0 {
				continue // a gap
			}
			if ctx.Err() != nil || !yield(r, ctx.Err()) {
				return
			}
		}
	}
}

func sampleRollup(q storage.Query, start time.Time, random *rand.Rand) storage.Rollup {
	r := storage.Rollup{Probe: q.Probe, Vantage: "paris", Resolution: q.Resolution, Start: start, Counts: sampleCounts(random, 3)}
	for m := range r.Measures {
		if storage.Measure(m).Sketched() {
			r.Measures[m].Sketch = storage.NewSketch()
		}
	}
	for range 12 {
		p := probes.Phases{DNS: 12 * time.Millisecond, Connect: 18 * time.Millisecond, TLS: 31 * time.Millisecond, Transfer: 6 * time.Millisecond,
			Wait: time.Duration((0.03 + random.ExpFloat64()*0.06) * float64(time.Second))}
		result := probes.Result{Time: start, Outcome: probes.Up, Phases: p, DataTime: start.Add(-time.Duration(30+random.IntN(90)) * time.Minute)}
		for m := range r.Measures {
			if d, ok := storage.Measure(m).Of(result); ok {
				r.Measures[m].Add(d)
			}
		}
	}
	return r
}

func (m memory) Incidents(_ context.Context, q storage.Query) ([]slo.Incident, error) {
	if m.fault != nil {
		return nil, m.fault
	}
	var found []slo.Incident
	for _, i := range m.incidents {
		if (q.Probe == "" || i.Probe == q.Probe) && (q.ID == 0 || i.ID == q.ID) {
			found = append(found, i)
		}
	}
	return found, nil
}

// Evidence returns what was seen of incidents: of every other one, failures of
// several causes.
func (m memory) Evidence(_ context.Context, q storage.Query) ([]probes.Result, error) {
	if m.fault != nil {
		return nil, m.fault
	}
	for _, i := range m.incidents {
		if i.Probe == q.Probe && i.Start.Equal(q.From) && i.ID%2 == 1 {
			return sampleEvidence(i), nil
		}
	}
	return nil, nil
}

func sampleEvidence(i slo.Incident) []probes.Result {
	var kept []probes.Result
	for n, status := range []int{503, 503, 0, 503, 503} {
		r := probes.Result{
			Probe: i.Probe, Vantage: i.Vantage, Time: i.Start.Add(time.Duration(n) * 5 * time.Minute), Outcome: probes.Down,
			Class: probes.ClassStatus, Status: status, Detail: "status 503, want 200 to 299", Size: 5120,
			Phases: probes.Phases{DNS: 12 * time.Millisecond, Connect: 18 * time.Millisecond, TLS: 31 * time.Millisecond, Wait: 1207 * time.Millisecond, Transfer: 7 * time.Millisecond},
		}
		r.Evidence = &probes.Evidence{
			URL: "https://service.example.fr/v1?q=nantes&api_key=***", StatusLine: "HTTP/2.0 503 Service Unavailable", Remote: "192.0.2.17:443", Phases: r.Phases,
			Header: []probes.HeaderField{{Name: "Content-Type", Value: "text/html"}, {Name: "Retry-After", Value: "120"}, {Name: "Server", Value: "nginx"}, {Name: "Set-Cookie", Value: "***"}},
			Body:   "<html>\n<script>alert(1)</script>\n<h1>503 Service Temporarily Unavailable</h1>\n</html>", BodyCut: true,
			Checks: []probes.Check{{Assertion: "status is one of 200, 206", Detail: "status 503, want one of 200, 206", Critical: true}},
			Certificate: &probes.Presented{Subject: "CN=service.example.fr", Issuer: "CN=R11,O=Let's Encrypt,C=US", NotBefore: now().AddDate(0, -1, 0), NotAfter: now().AddDate(0, 2, 0),
				Names: []string{"service.example.fr", "www.service.example.fr"}, Fingerprint: "5f2b7a0c9d1e4f638a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f"},
			Hops: []probes.Hop{{URL: "http://service.example.fr/v1", Status: 301}, {URL: "https://service.example.fr/v1", Status: 503}},
		}
		if status == 0 {
			r.Class, r.Detail, r.Size, r.Evidence = probes.ClassTimeout, "no answer within 5s", 0, &probes.Evidence{URL: r.Evidence.URL}
		}
		kept = append(kept, r)
	}
	return kept
}

// remember returns a series that knows the snapshot's incidents.
func remember(s *observatory.Snapshot) memory {
	var m memory
	if s == nil {
		return m
	}
	for _, i := range s.Incidents {
		m.incidents = append(m.incidents, i.Incident)
	}
	return m
}
