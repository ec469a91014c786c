package config_test

import (
	"context"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"observatoire/alerts"
	"observatoire/catalogue"
	"observatoire/config"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// drawer is an engine that keeps nothing.
type drawer struct {
	Path string `yaml:"path" doc:"where it would keep it" required:"true"`
}

func (*drawer) Open(context.Context, storage.Options) (storage.Store, error) { return nil, nil }

func engines() map[string]func() storage.Opener {
	return map[string]func() storage.Opener{
		"sqlite": func() storage.Opener { return &drawer{Path: "observatoire.db"} },
	}
}

func read(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Read("probes.yaml", strings.NewReader(text), engines())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// full uses every section and most keys.
const full = `
site: {title: Mesures, operator: Une administration, contact: https://obs.example/contact, language: en, zone: Indian/Reunion, url: https://obs.example/, vantage: reunion}
network: {allow_private: [10.0.0.0/8, "fd00::/8"]}
profiles:
  strict:
    title: Strict
    objectives:
      - {indicator: availability, optimal: ">= 99.99%", partial: ">= 99%", window: month, min_measurements: 50, source: Us}
  dinum-api:
    objectives:
      - {indicator: server_time, optimal: "< 20ms", window: 30d, source: Us}
producers:
  - {id: dinum, name: DINUM, url: https://numerique.example}
apis:
  - id: api-geo
    name: API Géo
    producer: dinum
    access: open
    profile: strict
    documentation: https://geo.example/doc
    openapi: https://geo.example/openapi.yml
    status_page: https://geo.example/status
    rate_limit: 50/min
    commitment: {availability: 99.5, window: month, source: https://geo.example/terms, seen: 2026-08-21}
    maintenance:
      - {daily: "23:30-00:30", source: Notice}
      - {from: 2026-12-24T22:00:00+01:00, to: 2026-12-25T06:00:00+01:00}
    probes:
      - name: communes
        every: 1m30s
        timeout: 5s
        http: &request {url: "https://geo.example/communes?code=44109", headers: {Accept: application/json}, max_body: 64kB}
        assert:
          - status: [200, 206]
          - json: {path: "$[0].nom", equals: Nantes}
          - json: {path: "$[0].nothing", equals: null}
          - json: {path: "$[0].day", in: [2026-08-21, 7, 1.5, true, [a], {b: c}]}
            critical: false
          - response_time: {under: 2s}
            critical: false
            conclusive: false
        freshness: {header: Last-Modified, max_age: 1d12h}
      - name: working-hours
        cron: "*/5 6-22 * * MON-FRI"
        http: *request
demarches:
  - id: carte
    name: Carte
    producer: dinum
    url: https://carte.example/
    jdma: 42
    depends_on: [api-geo]
  - id: permis
    name: Permis
    producer: dinum
    url: https://permis.example/
    depends_on: [{api: api-geo, source: https://permis.example/doc}]
    probes: [{name: accueil, every: 10m, http: {url: "https://permis.example/accueil"}}]
alerts:
  confirmations: 3
  channels: [{name: ops, webhook: {url: "${env:OPS_WEBHOOK}", headers: {Authorization: "${env:OPS_TOKEN}"}}}]
storage: {sqlite: {path: elsewhere.db}, retention: {raw: 30d, rollups: 0}}
`

func TestRead(t *testing.T) {
	t.Setenv("OPS_WEBHOOK", "https://hooks.example/token")
	t.Setenv("OPS_TOKEN", "Bearer abc")
	c := read(t, full)

	if got := c.Site.Zone.String(); got != "Indian/Reunion" {
		t.Errorf("zone %s", got)
	}
	if got, want := c.Site.URL, "https://obs.example"; got != want {
		t.Errorf("site URL %s, want %s", got, want)
	}
	if got, want := c.UserAgent("0.1"), "Observatoire/0.1 (+https://obs.example/contact)"; got != want {
		t.Errorf("UserAgent: %s, want %s", got, want)
	}
	if want := netip.MustParsePrefix("fd00::/8"); len(c.Network.AllowPrivate) != 2 || c.Network.AllowPrivate[1] != want {
		t.Errorf("allow_private: %v", c.Network.AllowPrivate)
	}
	if c.Alerts.Confirmations != 3 || len(c.Channels) != 1 || c.Channels[0].Name != "ops" {
		t.Errorf("alerts: %+v, %+v", c.Alerts, c.Channels)
	}
	hook := c.Channels[0].Notifier.(*alerts.Webhook)
	if got := hook.URL.Reveal(); got != "https://hooks.example/token" {
		t.Errorf("webhook: %s", got)
	}
	if got := hook.Headers["Authorization"]; got.Reveal() != "Bearer abc" {
		t.Errorf("header: %s", got.Reveal())
	}
	if got := c.Storage.Engine.(*drawer).Path; got != "elsewhere.db" {
		t.Errorf("path %s", got)
	}
	const day = 24 * time.Hour
	if got, want := c.Storage.Retention, (storage.Retention{Raw: 30 * day, FiveMinutes: 14 * day}); got != want {
		t.Errorf("retention %v, want %v", got, want)
	}
}

func TestReadProfiles(t *testing.T) {
	t.Setenv("OPS_WEBHOOK", "https://hooks.example/token")
	t.Setenv("OPS_TOKEN", "t")
	got := read(t, full).Profiles
	builtIn := slo.Profiles()

	if p := got["strict"]; p.Name != "strict" || p.Title != "Strict" || p.Objectives[0].Optimal != slo.AtLeast(0.9999) || p.Objectives[0].Window != slo.Month {
		t.Errorf("added profile: %+v", p)
	}
	if p := got[slo.ForAPI]; p.Title != builtIn[slo.ForAPI].Title || len(p.Objectives) != 1 || p.Objectives[0].Optimal != slo.Below(0.020) {
		t.Errorf("overridden profile: %+v", p)
	}
	if p := got[slo.ForDemarche]; len(p.Objectives) != len(builtIn[slo.ForDemarche].Objectives) {
		t.Errorf("built-in profile: %+v", p)
	}
}

func TestReadCatalogue(t *testing.T) {
	t.Setenv("OPS_WEBHOOK", "https://hooks.example/token")
	t.Setenv("OPS_TOKEN", "t")
	got := read(t, full).Catalogue
	api := got.APIs[0]
	if api.Name != "API Géo" || api.Access != catalogue.Open || api.RateLimit != (catalogue.Rate{Requests: 50, Per: time.Minute}) || api.Profile != "strict" {
		t.Errorf("API: %+v", api)
	}
	if want := (catalogue.Commitment{Availability: 0.995, Window: slo.Month, Source: "https://geo.example/terms", Seen: "2026-08-21"}); *api.Commitment != want {
		t.Errorf("commitment: %+v", *api.Commitment)
	}
	if m := api.Maintenance; m[0].Daily != (slo.Daily{From: 23*60 + 30, To: 30}) || m[1].To.Sub(m[1].From) != 8*time.Hour {
		t.Errorf("maintenance: %+v", m)
	}
	for i, source := range []string{"", "https://permis.example/doc"} {
		d := got.Demarches[i]
		if d.Profile != slo.ForDemarche {
			t.Errorf("%s: profile %s", d.ID, d.Profile)
		}
		if want := (catalogue.Dependency{API: "api-geo", Source: source}); len(d.DependsOn) != 1 || d.DependsOn[0] != want {
			t.Errorf("%s: depends_on %+v", d.ID, d.DependsOn)
		}
	}
}

func TestReadJobs(t *testing.T) {
	t.Setenv("OPS_WEBHOOK", "https://hooks.example/token")
	t.Setenv("OPS_TOKEN", "t")
	jobs := read(t, full).Jobs
	var ids []string
	for _, j := range jobs {
		ids = append(ids, j.Watched.ID)
		if j.Probe.ID != j.Watched.ID || j.Schedule == nil || j.Watched.Kind != "http" || j.Watched.Target == "" {
			t.Errorf("job %+v", j.Watched)
		}
	}
	if got, want := strings.Join(ids, " "), "api-geo/communes api-geo/working-hours carte/page permis/accueil"; got != want {
		t.Fatalf("jobs %s, want %s", got, want)
	}

	communes := jobs[0]
	p := communes.Watched
	if due, judged := p.Limit.Due(time.Unix(0, 0)); p.Period != 90*time.Second || !p.Dated || !judged || due.Sub(time.Unix(0, 0)) != 36*time.Hour || p.Service != "api-geo" {
		t.Errorf("watched: %+v", p)
	}
	if communes.Probe.Timeout != 5*time.Second || len(communes.Maintenance) != 2 {
		t.Errorf("timeout %s, maintenance %v", communes.Probe.Timeout, communes.Maintenance)
	}
	var asserted []string
	for _, e := range communes.Probe.Expectations {
		asserted = append(asserted, e.String())
	}
	want := []string{
		"status is one of 200, 206", `json $[0].nom equals "Nantes"`, "json $[0].nothing equals null",
	}
	if !slices.Equal(asserted[:3], want) {
		t.Errorf("assertions %q, want %q", asserted[:3], want)
	}
	values := []any{"2026-08-21", int64(7), 1.5, true, []any{"a"}, map[string]any{"b": "c"}}
	if got := communes.Probe.Expectations[3].Assertion.(*probes.JSON).In; !reflect.DeepEqual(got, values) {
		t.Errorf("in: %#v, want %#v", got, values)
	}
	for i, want := range [][2]bool{{true, true}, {true, true}, {true, true}, {false, true}, {false, false}} {
		if e := communes.Probe.Expectations[i]; e.Critical != want[0] || e.Conclusive != want[1] {
			t.Errorf("assertion %d: critical %v, conclusive %v", i, e.Critical, e.Conclusive)
		}
	}

	// The alias stands for a request of its own, and the schedule is in the site's zone.
	first, second := communes.Probe.Prober.(*probes.HTTP), jobs[1].Probe.Prober.(*probes.HTTP)
	if first == second || second.URL != first.URL || second.MaxBody != 64000 || second.Headers["Accept"].Reveal() != "application/json" {
		t.Errorf("alias: %v", second)
	}
	next := jobs[1].Schedule.Next(time.Date(2026, 8, 21, 23, 0, 0, 0, time.UTC)) // Saturday in La Réunion
	if want := time.Date(2026, 8, 24, 2, 0, 0, 0, time.UTC); !next.Equal(want) {
		t.Errorf("next run %s, want %s", next.UTC(), want)
	}

	page := jobs[2].Probe.Prober.(*probes.HTTP)
	if p := jobs[2]; page.URL != "https://carte.example/" || page.MaxBody != 4e6 || p.Watched.Period != 5*time.Minute || p.Probe.Timeout != 10*time.Second {
		t.Errorf("page: %v, %+v", page, p.Watched)
	}
}

func TestReadDefaults(t *testing.T) {
	c := read(t, `
site: {contact: ops@observatoire.example}
producers: [{id: dinum, name: DINUM}]
demarches: [{id: carte, name: Carte, producer: dinum, url: https://carte.example, probes: [{name: p, every: 5s, http: {url: https://carte.example}}]}]
`)
	if s := c.Site; s.Title != "Observatoire" || s.Language != "fr" || s.Zone.String() != "Europe/Paris" || s.Vantage != "local" {
		t.Errorf("site %+v", s)
	}
	if got, want := c.UserAgent("1"), "Observatoire/1 (+ops@observatoire.example)"; got != want {
		t.Errorf("UserAgent: %s, want %s", got, want)
	}
	if c.Alerts.Confirmations != 2 || c.Channels != nil {
		t.Errorf("alerts %+v %v", c.Alerts, c.Channels)
	}
	if c.Storage.Engine.(*drawer).Path != "observatoire.db" || c.Storage.Retention.Rollups != 5*365*24*time.Hour {
		t.Errorf("storage %+v", c.Storage)
	}
	if got := c.Jobs[0].Probe.Timeout; got != 5*time.Second {
		t.Errorf("timeout %s, want the period", got)
	}
}

func TestLoadReal(t *testing.T) {
	c, err := config.Load("../probes.yaml", engines())
	if err != nil {
		t.Fatal(err)
	}
	apis, demarches := len(c.Catalogue.APIs), len(c.Catalogue.Demarches)
	if apis < 40 || demarches < 40 || len(c.Jobs) < apis+demarches {
		t.Errorf("%d APIs, %d démarches, %d jobs: want at least 40, 40 and one for each", apis, demarches, len(c.Jobs))
	}
}

func TestLoadMissing(t *testing.T) {
	if _, err := config.Load(t.TempDir()+"/none.yaml", engines()); !os.IsNotExist(err) {
		t.Errorf("error %v, want that the file is missing", err)
	}
}
