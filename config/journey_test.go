package config_test

import (
	"strings"
	"testing"

	"observatoire/config"
	"observatoire/probes"
)

const journey = `
          steps:
            - name: Formulaire
              url: "https://carte.example/login"
              take: [{name: csrf, form_field: _token}]
            - name: Connexion
              url: "https://carte.example/login?from={{csrf}}"
              method: POST
              fictitious: true
              form: {login: demo, _token: "{{csrf}}"}
              assert:
                - {status: [200]}
                - body: {contains: Bienvenue}
                  critical: false`

// walks returns good with its probe made a journey.
func walks(journey string) string {
	return strings.Replace(good, `http: {url: "https://geo.example/communes"}`, "journey:"+journey, 1)
}

// The steps of a journey have assertions of the same kinds as the probe.
func TestReadJourney(t *testing.T) {
	c, err := config.Read("p", strings.NewReader(walks(journey)), engines())
	if err != nil {
		t.Fatal(err)
	}
	j := c.Jobs[0].Probe.Prober.(*probes.Journey)
	if len(j.Steps) != 2 || len(j.Steps[1].Assert) != 2 || c.Jobs[0].Watched.Target != "https://carte.example/login" {
		t.Fatalf("%+v", j.Steps)
	}
	status, body := j.Steps[1].Assert[0], j.Steps[1].Assert[1]
	if status.String() != "status is 200" || !status.Critical || !status.Conclusive {
		t.Errorf("%+v", status)
	}
	if body.String() != `body contains "Bienvenue"` || body.Critical || !body.Conclusive {
		t.Errorf("%+v", body)
	}
}

func TestReadJourneyFaults(t *testing.T) {
	at := `apis "api-geo": probe "communes": journey: `
	for name, test := range map[string]struct{ old, new, want string }{
		"assertion":    {"{status: [200]}", "{status: [42]}", `p:22: ` + at + `step "Connexion": assert #1: status: [0]: 42 is not a status`},
		"its kind":     {"{status: [200]}", "{statsu: [200]}", `p:22: ` + at + `step "Connexion": assert #1: unknown key "statsu" (did you mean "status"?)`},
		"real data":    {"fictitious: true", "fictitious: false", `p:19: ` + at + `step "Connexion": fictitious: required to be true`},
		"two places":   {"form_field: _token", "form_field: _token, header: X", `p:15: ` + at + `step "Formulaire": take "csrf": form_field: not together`},
		"not taken":    {"name: csrf, form", "name: jeton, form", `p:12: ` + at + `steps: "Connexion": {{csrf}}: no step before takes it`},
		"unknown host": {"https://carte.example/login?from={{csrf}}", "https://{{csrf}}.example/", `p:17: ` + at + `step "Connexion": url: {{…}} may stand in the path`},
		"no steps":     {journey, " {steps: []}", `p:11: ` + at + `steps: required`},
	} {
		t.Run(name, func(t *testing.T) {
			text := walks(strings.Replace(journey, test.old, test.new, 1))
			if _, err := config.Read("p", strings.NewReader(text), engines()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestReadAuth(t *testing.T) {
	with := func(auth string) string {
		return strings.Replace(good, `communes"}`, `communes", ip: 4, auth: {`+auth+`}}`, 1)
	}
	t.Setenv("OBSERVATOIRE_TEST_KEY", "hunter2hunter2")
	c, err := config.Read("p", strings.NewReader(with("api_key: {header: X-Key, value: '${env:OBSERVATOIRE_TEST_KEY}'}")), engines())
	if err != nil {
		t.Fatal(err)
	}
	h := c.Jobs[0].Probe.Prober.(*probes.HTTP)
	if h.IP != "4" || h.Auth.APIKey.Value.Reveal() != "hunter2hunter2" {
		t.Errorf("%+v", h.Auth.APIKey)
	}
	if c, err := config.Read("p", strings.NewReader(with("bearer: hunter2")), engines()); err != nil || c.Jobs[0].Probe.Prober.(*probes.HTTP).Auth.Bearer.Reveal() != "hunter2" {
		t.Errorf("bearer: %v", err)
	}
	for auth, want := range map[string]string{
		"":                                      "http: auth: want one of api_key, basic, bearer, oauth2",
		"bearer: hunter2, basic: {username: a}": "http: auth: bearer: not together with basic",
		"bearer: ''":                            "http: auth: bearer: required",
		"basic: {password: hunter2}":            "http: auth: basic: username: required",
		"api_key: {value: hunter2}":             "http: auth: api_key: header: required, or query instead",
		"oauth2: {client_id: a, client_secret: hunter2, token_url: 'ftp://x'}": "http: auth: oauth2: token_url: must begin with http://",
	} {
		_, err := config.Read("p", strings.NewReader(with(auth)), engines())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", auth, err, want)
		}
	}
}
