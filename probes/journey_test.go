package probes_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// portal is a démarche with a login: a form with a token against forgery, a
// session in a cookie, and an account that both lead to.
func portal(t *testing.T) string {
	t.Helper()
	const csrf, session, ticket = "j&t<n \"csrf\"/42", "session-0123456789", "dossier/ 42&x"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/login", http.StatusFound)
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "visit", Value: "first-visit", HttpOnly: true})
		io.WriteString(w, `<html><!-- <input name="_token" value="no"> --><form action="/login?a=1&amp;b=2"><input type=hidden value="j&amp;t&lt;n &quot;csrf&quot;/42" name='_token'></form>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		visit, err := r.Cookie("visit")
		if r.FormValue("_token") != csrf || r.FormValue("login") != "demo" || err != nil || visit.Value != "first-visit" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: session})
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /account", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err != nil || c.Value != session {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("X-Ticket", ticket)
		json.NewEncoder(w).Encode(map[string]any{"id": 42, "nom": "Camille \"Essai\"", "token": csrf})
	})
	mux.HandleFunc("/dossiers/{id}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s|%s|%s|%s|%s", r.Method, r.PathValue("id"), r.URL.RawQuery, r.Header.Get("X-Ref"), body)
	})
	return serve(t, mux.ServeHTTP)
}

func journey(steps ...probes.JourneyStep) *probes.Journey {
	made, _ := probes.NewProber("journey")
	j := made.(*probes.Journey)
	j.Steps = steps
	return j
}

// login are the steps that lead to the account.
func login(url string) []probes.JourneyStep {
	return []probes.JourneyStep{
		{Name: "Formulaire", URL: url + "/", Take: []probes.Take{{Name: "csrf", FormField: "_token"}}},
		{
			Name: "Connexion", URL: url + "/login", Method: "post", Fictitious: true,
			Form:   hidden("login", "demo", "_token", "{{csrf}}"),
			Assert: critical(probes.Status{200}, &probes.JSON{Path: "$.id"}),
			Take: []probes.Take{
				{Name: "id", JSON: "$.id"}, {Name: "nom", JSON: "$.nom"}, {Name: "ticket", Header: "X-Ticket"},
				{Name: "digits", Regex: `"id":(\d+)`},
			},
		},
	}
}

func TestJourney(t *testing.T) {
	url := portal(t)
	j := journey(append(login(url), probes.JourneyStep{
		Name: "Dossier", URL: url + "/dossiers/{{ticket}}?q={{ticket}}&n={{digits}}", Method: "PUT", Fictitious: true,
		Headers: hidden("X-Ref", "ref {{id}}"), Body: `{"nom": "{{nom}}", "id": {{id}}}`,
	})...)
	if err := j.Validate(); err != nil {
		t.Fatal(err)
	}
	o, err := j.Observe(t.Context(), loopback())
	if err != nil {
		t.Fatal(err)
	}
	want := `PUT|dossier/ 42&x|q=dossier%2F+42%26x&n=42|ref 42|{"nom": "Camille \"Essai\"", "id": 42}`
	if string(o.Body) != want || o.Status != 200 || o.Redirects != 2 {
		t.Errorf("the last step saw %s, want %s", o.Body, want)
	}

	before := time.Now()
	r := run(t, j, loopback(), &probes.Body{Contains: "PUT"})
	wall := time.Since(before)
	expect(t, r, probes.Up, probes.ClassNone)
	if len(r.Steps) != 3 || r.Status != 200 || r.Phases.Total() > wall || len(r.Checks) != 1 {
		t.Fatalf("%+v", r)
	}
	var sum time.Duration
	for i, name := range []string{"Formulaire", "Connexion", "Dossier"} {
		s := r.Steps[i]
		sum += s.Phases.Total()
		if s.Name != name || s.Outcome != probes.Up || s.Status != 200 || s.Phases.Wait == 0 || s.Phases.Connect == 0 || s.Remote == "" {
			t.Errorf("step %+v", s)
		}
	}
	if gap := (sum - r.Phases.Total()).Abs(); gap > 50*time.Microsecond {
		t.Errorf("the steps take %s, the whole %s", sum, r.Phases.Total())
	}
	if len(r.Steps[0].Hops) != 2 || len(r.Steps[1].Checks) != 6 || r.Steps[2].URL != url+"/dossiers/{{ticket}}?q={{ticket}}&n={{digits}}" {
		t.Errorf("%+v", r.Steps)
	}
	shown, err := json.Marshal(r)
	for _, value := range []string{"csrf\\\"", "session-0123456789", "first-visit", "dossier/ 42", "Camille", "demo"} {
		if strings.Contains(string(shown), value) || err != nil {
			t.Errorf("shows %q: %s, %v", value, shown, err)
		}
	}
}

// The reason names the step, and what comes after it is not asked for.
func TestJourneyNamesTheStep(t *testing.T) {
	url := portal(t)
	last := probes.JourneyStep{Name: "Jamais", URL: url + "/never"}
	wrong := func(change func(*probes.JourneyStep)) *probes.Journey {
		steps := append(login(url), last)
		change(&steps[1])
		return journey(steps...)
	}
	for name, test := range map[string]struct {
		journey *probes.Journey
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"status":    {wrong(func(s *probes.JourneyStep) { s.Form = hidden("login", "demo"); s.Assert = nil }), probes.Down, probes.ClassStatus, `step "Connexion": status 500, expected 200 to 299`},
		"its list":  {wrong(func(s *probes.JourneyStep) { s.Form = hidden("login", "demo") }), probes.Down, probes.ClassStatus, `step "Connexion": status 500, expected 200`},
		"right":     {wrong(func(s *probes.JourneyStep) { s.URL, s.Method, s.Form, s.Assert = url+"/account", "GET", nil, nil }), probes.Unknown, probes.ClassRight, `step "Connexion": status 403`},
		"assertion": {wrong(func(s *probes.JourneyStep) { s.Assert = critical(&probes.Body{Contains: "Bienvenue"}) }), probes.Down, probes.ClassAssertion, `step "Connexion": body of`},
		"echo": {wrong(func(s *probes.JourneyStep) {
			var x any = "x"
			s.Assert = critical(&probes.JSON{Path: "$.token", Equals: &x})
		}), probes.Down, probes.ClassAssertion, `step "Connexion": json $.token: expected: equals "x"; found: "***"`},
		"no field":  {journey(probes.JourneyStep{Name: "Formulaire", URL: url, Take: []probes.Take{{Name: "a", FormField: "b"}}}), probes.Down, probes.ClassAssertion, `step "Formulaire": takes a from the form field b: there is no such field`},
		"refused":   {journey(probes.JourneyStep{Name: "Accueil", URL: "http://127.0.0.1:1/"}), probes.Down, probes.ClassConnect, `step "Accueil": connection to 127.0.0.1:1 refused`},
		"forbidden": {journey(probes.JourneyStep{Name: "Accueil", URL: "http://10.0.0.1/"}), probes.Unknown, probes.ClassForbidden, `step "Accueil": the network policy`},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, test.journey, loopback())
			expect(t, r, test.outcome, test.class)
			if !strings.HasPrefix(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q", r.Detail, test.detail)
			}
			end := r.Steps[len(r.Steps)-1]
			if end.Name == "Jamais" || end.Outcome != test.outcome || end.Class != test.class || "step \""+end.Name+"\": "+end.Detail != r.Detail {
				t.Errorf("last step %+v", end)
			}
		})
	}
}

// What is not critical in a step makes the whole degraded, and the journey goes on.
func TestJourneyDegrades(t *testing.T) {
	url := portal(t)
	j := journey(
		probes.JourneyStep{Name: "Un", URL: url, Assert: []probes.Expectation{{Assertion: &probes.Body{Contains: "Bienvenue"}, Conclusive: true}}},
		probes.JourneyStep{Name: "Deux", URL: url},
	)
	r := run(t, j, loopback())
	expect(t, r, probes.Degraded, probes.ClassAssertion)
	if len(r.Steps) != 2 || !strings.HasPrefix(r.Detail, `step "Un": body of`) {
		t.Errorf("%+v", r)
	}
}

// An address that is taken leads to the host it came from or to one that is named.
func TestJourneyFollowsAnAddress(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.String()) })
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.RawQuery)
		w.Header()["X"] = nil
	})
	first := func(address string) probes.JourneyStep {
		return probes.JourneyStep{Name: "Un", URL: url + "/a/b?" + address, Take: []probes.Take{{Name: "to", Regex: ".+"}}}
	}
	second := probes.JourneyStep{Name: "Deux", URL: "{{to}}", Form: hidden("q", "x y"), Fictitious: true}
	for name, test := range map[string]struct {
		address string
		more    []probes.JourneyStep
		class   probes.ErrorClass
		body    string
	}{
		"relative":          {"../c", nil, probes.ClassNone, "q=x+y"},
		"with a query":      {"/c?a=1", nil, probes.ClassNone, "a=1&q=x+y"},
		"another host":      {other + "/c", nil, probes.ClassForbidden, ""},
		"one that is named": {other + "/c", []probes.JourneyStep{{Name: "Trois", URL: other + "/d"}}, probes.ClassNone, "/d"},
		"a file":            {"file:///etc/passwd", nil, probes.ClassAssertion, ""},
		"metadata":          {"http://169.254.169.254/", nil, probes.ClassForbidden, ""},
	} {
		t.Run(name, func(t *testing.T) {
			j := journey(append([]probes.JourneyStep{first(test.address), second}, test.more...)...)
			r := run(t, j, loopback(), &probes.Body{Contains: test.body, Matches: "."})
			if r.Class != test.class {
				t.Errorf("%s (%s), want %s", r.Class, r.Detail, test.class)
			}
		})
	}
}

func TestJourneyThatMakesNoSense(t *testing.T) {
	step := func(change func(*probes.JourneyStep)) *probes.Journey {
		s := probes.JourneyStep{Name: "Un", URL: "http://a.example/"}
		change(&s)
		return journey(s)
	}
	for want, j := range map[string]*probes.Journey{
		"steps: required":                           journey(),
		"steps: more than 30":                       journey(make([]probes.JourneyStep, 31)...),
		`steps: "Un": fictitious: required`:         step(func(s *probes.JourneyStep) { s.Method = "DELETE" }),
		`steps: "Un": body: not together`:           step(func(s *probes.JourneyStep) { s.Body, s.Form, s.Fictitious = "a", hidden("a", "hunter2"), true }),
		`steps: "Un": url: after {{`:                step(func(s *probes.JourneyStep) { s.URL += "{{A b" }),
		`steps: "Un": url: {{…}} may stand`:         step(func(s *probes.JourneyStep) { s.URL = "http://{{a}}/" }),
		`steps: "Un": url: must not hold a user`:    step(func(s *probes.JourneyStep) { s.URL = "http://a:hunter2@a.example" }),
		`steps: "Un": {{a}}: no step before`:        step(func(s *probes.JourneyStep) { s.URL += "{{a}}"; s.Take = []probes.Take{{Name: "a", Regex: "a"}} }),
		`steps: "Un": headers: X: after {{`:         step(func(s *probes.JourneyStep) { s.Headers = hidden("X", "{{hunter2") }),
		`steps: "Un": take: [0]: name: required`:    step(func(s *probes.JourneyStep) { s.Take = []probes.Take{{Regex: "a"}} }),
		`steps: "Un": take: [0]: json: required`:    step(func(s *probes.JourneyStep) { s.Take = []probes.Take{{Name: "a"}} }),
		`steps: "Un": take: [0]: regex: not`:        step(func(s *probes.JourneyStep) { s.Take = []probes.Take{{Name: "a", JSON: "$", Regex: "a"}} }),
		`steps: "Un": take: [0]: regex: error pars`: step(func(s *probes.JourneyStep) { s.Take = []probes.Take{{Name: "a", Regex: "("}} }),
		`steps: "Un": take: more than 20`:           step(func(s *probes.JourneyStep) { s.Take = make([]probes.Take, 21) }),
		`steps: "Un": assert: [0]: path: required`:  step(func(s *probes.JourneyStep) { s.Assert = critical(&probes.JSON{}) }),
		`steps: "Un": name: is that of an earlier`:  journey(probes.JourneyStep{Name: "Un", URL: "http://a.example"}, probes.JourneyStep{Name: "Un", URL: "http://a.example"}),
		`max_body: must be`:                         {Steps: login("http://a.example"), MaxBody: -1},
		`ip: "7"`:                                   {Steps: login("http://a.example"), Connection: probes.Connection{IP: "7"}},
	} {
		err := j.Validate()
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
