package dashboard_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"observatoire/slo"
)

// plain is what a page says, with plain spaces.
func plain(body string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(html.UnescapeString(body))
}

func TestIncidentPage(t *testing.T) {
	s := sample(11)
	s.Incidents[0].Hint = slo.Moved
	h := site(t, options(s))
	page := get(h, "/incidents/1").Body.String()
	text := plain(page)
	for _, want := range []string{
		"Premier échec", "Échec confirmé par une deuxième mesure", "La cause change : délai dépassé", "L’incident dure encore",
		"HTTP/2.0 503 Service Unavailable", "192.0.2.17:443", "Retry-After: 120", "Set-Cookie: ***", "status is one of 200, 206",
		"R11", "Le début seulement, sur 5 120 octets", "301 http://service.example.fr/v1", "Le service semble avoir changé d’adresse",
		"/api/v1/incidents/1", s.Incidents[0].ServiceName,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert") {
		t.Error("the body of an answer is not escaped")
	}
	if over := plain(get(h, "/en/incidents/3").Body.String()); !strings.Contains(over, "The service answers as expected again") || !strings.Contains(over, "Over") {
		t.Error("an incident that is over does not say so")
	}
	if none := plain(get(h, "/incidents/2").Body.String()); !strings.Contains(none, "ne sont pas ou plus conservés") {
		t.Error("an incident without evidence does not say so")
	}
	list := plain(get(h, "/incidents").Body.String())
	if !strings.Contains(list, `href="/incidents/1"`) || !strings.Contains(list, "le service semble avoir changé d’adresse") {
		t.Error("the list does not lead to the incident, or does not give its hint")
	}
}

// An incident that the snapshot has forgotten is still in the store.
func TestIncidentOfThePast(t *testing.T) {
	s := sample(11)
	o := options(s)
	s.Incidents = s.Incidents[:3]
	h := site(t, o)
	if page := plain(get(h, "/incidents/20").Body.String()); !strings.Contains(page, s.ByID[struck(20)].Name) {
		t.Error("its service is not named")
	}
	delete(s.ByID, struck(20))
	if w := get(h, "/incidents/20"); w.Code != http.StatusOK {
		t.Errorf("of a service that is gone: status %d", w.Code)
	}
}

// struck is the service that an incident of sample(11) struck.
func struck(id int) string { return sample(11).Incidents[id-1].Service }

func TestNoSuchIncident(t *testing.T) {
	h := site(t, options(sample(11)))
	for path, want := range map[string]int{
		"/incidents/4711": 404, "/incidents/0": 404, "/incidents/-1": 404, "/incidents/01": 404, "/incidents/x": 404, "/incidents/99999999999999999999": 404,
		"/incidents/1?a=b": 400, "/en/incidents/4711": 404, "/api/v1/incidents/4711": 404, "/api/v1/incidents/x": 404, "/api/v1/incidents/1?a=b": 400,
	} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}

func TestIncidentAsJSON(t *testing.T) {
	s := sample(11)
	s.Incidents[0].Hint = slo.Dead
	got := decoded[object](t, site(t, options(s)), "/api/v1/incidents/1")
	evidence := got["evidence"].([]any)
	if got["id"] != 1.0 || got["hint"] != "dead" || got["end"] != nil || len(evidence) != 5 {
		t.Fatalf("%v", got)
	}
	first := evidence[0].(object)
	for key, want := range (object{"status": 503.0, "status_line": "HTTP/2.0 503 Service Unavailable", "outcome": "down", "cause": "status", "body_cut": true, "remote": "192.0.2.17:443"}) {
		if first[key] != want {
			t.Errorf("%s is %v, want %v", key, first[key], want)
		}
	}
	if first["phases_seconds"].(object)["wait"] != 1.207 || first["certificate"].(object)["sha256"] == "" || len(first["failed"].([]any)) != 1 || len(first["hops"].([]any)) != 2 {
		t.Errorf("%v", first)
	}
	if none := decoded[object](t, site(t, options(s)), "/api/v1/incidents/2"); len(none["evidence"].([]any)) != 0 {
		t.Errorf("%v", none)
	}
}

func TestBlindIsSaidOnEveryPage(t *testing.T) {
	s := sample(3)
	says := func(path string) bool {
		text := plain(get(site(t, options(s)), path).Body.String())
		return strings.Contains(text, "L’observatoire ne voit plus rien depuis le 23 novembre 2026 à 22 h 20 : c’est notre faute.") ||
			strings.Contains(text, "the fault is ours")
	}
	paths := []string{"/", "/incidents", "/incidents/1", "/apis/service-0", "/producteurs", "/methodologie", "/en/", "/en/incidents", "/nowhere"}
	for _, path := range paths {
		if says(path) {
			t.Errorf("%s says that the observatory is blind", path)
		}
	}
	s.Blind = time.Date(2026, time.November, 23, 21, 20, 0, 0, time.UTC)
	for _, path := range paths {
		if !says(path) {
			t.Errorf("%s does not say that the observatory is blind", path)
		}
	}
}

func TestHintOfAProbe(t *testing.T) {
	s := sample(3)
	s.ByID["service-0"].Probes[0].Hint = slo.Dead
	h := site(t, options(s))
	if page := plain(get(h, "/apis/service-0").Body.String()); !strings.Contains(page, "l’adresse semble morte") {
		t.Error("the page of the service does not say it")
	}
	probe := decoded[object](t, h, "/api/v1/services/service-0")["probes"].([]any)[0].(object)
	if probe["hint"] != "dead" {
		t.Errorf("%v", probe)
	}
}
