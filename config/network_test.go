package config_test

import (
	"strings"
	"testing"
	"time"

	"observatoire/config"
)

// polite has what a test puts into network, and into the one API and its probes.
func polite(network, api, probes string) string {
	return `site: {contact: test@example.fr}
network: {` + network + `}
producers: [{id: dinum, name: DINUM}]
apis:
  - {id: geo, name: Géo, producer: dinum, access: open, ` + api + `probes: [` + probes + `]}
`
}

const geoProbe = `{name: communes, every: 1m, http: {url: "https://Geo.Example.fr./communes"}}`

func TestPoliteness(t *testing.T) {
	c := read(t, polite("", "rate_limit: 60/h, ", `{name: communes, every: 5m, http: {url: "https://Geo.Example.fr./communes"}}, {name: alive, every: 5m, tcp: {address: "[2001:DB8::1]:443"}}, `+
		`{name: walk, every: 1h, journey: {steps: [{name: a, url: "https://geo.example.fr/a"}, {name: b, url: "https://geo.example.fr/b"}]}}, `+
		`{name: name, every: 1h, dns: {name: geo.example.fr}}`))
	if c.Network.PerHost != 2 || c.Network.RateShare != 50 || c.Alerts.Recheck != 20*time.Second {
		t.Errorf("defaults: %+v, %+v", c.Network, c.Alerts)
	}
	for i, want := range []struct {
		host     string
		requests int
	}{{"geo.example.fr", 1}, {"2001:db8::1", 1}, {"geo.example.fr", 2}, {"", 1}} {
		if j := c.Jobs[i]; j.Host != want.host || j.Requests != want.requests || j.Budget != 30.0/3600 {
			t.Errorf("%s: host %q, %d requests, %v a second; want %q, %d and half of 60 an hour", j.Probe.ID, j.Host, j.Requests, j.Budget, want.host, want.requests)
		}
	}
	c = read(t, polite("rate_share: 100, per_host: 8, exclude: [\"*.other.fr\"]", "", geoProbe)+"alerts: {recheck: 1m}\n")
	if !c.Network.Exclude[0].Matches("a.other.fr") || c.Network.PerHost != 8 || c.Alerts.Recheck != time.Minute || c.Jobs[0].Budget != 0 {
		t.Errorf("%+v, %+v", c.Network, c.Alerts)
	}
}

func TestPolitenessFaults(t *testing.T) {
	const at = `5: apis "geo": `
	for name, c := range map[string]struct{ text, says string }{
		"beyond the share":      {polite("", "rate_limit: 119/h, ", geoProbe), at + "rate_limit: its probes make 1440 requests a day, more than 50 % of 119/h (network: rate_share)"},
		"beyond another share":  {polite("rate_share: 10", "rate_limit: 599/h, ", geoProbe), at + "rate_limit: its probes make 1440 requests a day, more than 10 % of 599/h"},
		"beyond it by journey":  {polite("", "rate_limit: 200/h, ", `{name: w, every: 1m, journey: {steps: [{name: a, url: "https://g.fr/a"}, {name: b, url: "https://g.fr/b"}]}}`), "make 2880 requests a day"},
		"excluded":              {polite("exclude: [geo.example.fr]", "", geoProbe), at + `probe "communes": http: geo.example.fr is excluded by network: exclude`},
		"excluded by domain":    {polite("exclude: [\"*.Example.fr\"]", "", geoProbe), "geo.example.fr is excluded"},
		"excluded step":         {polite("exclude: [b.fr]", "", `{name: w, every: 1m, journey: {steps: [{name: a, url: "https://g.fr/a"}, {name: b, url: "https://b.fr/b"}]}}`), `probe "w": journey: b.fr is excluded`},
		"excluded reference":    {polite("exclude: [www.data.gouv.fr], references: [\"www.data.gouv.fr:443\"]", "", geoProbe), "2: network: references: www.data.gouv.fr is excluded"},
		"no host":               {polite("exclude: [\"https://geo.example.fr/\"]", "", geoProbe), "is not a host: want a form such as www.example.fr or *.example.fr"},
		"a star in the middle":  {polite("exclude: [\"geo.*.fr\"]", "", geoProbe), "is not a host"},
		"share of nothing":      {polite("rate_share: 0", "", geoProbe), "2: network: rate_share: 0: want a number of percent above 0, at most 100"},
		"share of more":         {polite("rate_share: 101", "", geoProbe), "2: network: rate_share: 101"},
		"none per host":         {polite("per_host: 0", "", geoProbe), "2: network: per_host: 0: want a number from 1 to 1000"},
		"re-check at once":      {polite("", "", geoProbe) + "alerts: {recheck: 1s}\n", "6: alerts: recheck: 1s: want a time from 5s to 5m"},
		"the page of démarches": {polite("exclude: [d.fr]", "", geoProbe) + "demarches: [{id: d, name: D, producer: dinum, url: \"https://d.fr/\"}]\n", `demarches "d"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Read("probes.yaml", strings.NewReader(c.text), engines())
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q in it", err, c.says)
			}
		})
	}
	// At the share exactly is within it.
	read(t, polite("", "rate_limit: 120/h, ", geoProbe))
}
