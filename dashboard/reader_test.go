package dashboard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/slo"
)

// names returns the services of a page of the overview, in its order.
func names(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	walk(t, page, func(n *html.Node) {
		if n.Data == "th" && attribute(n, "scope") == "row" {
			for link := range n.Descendants() {
				if link.Data == "a" {
					all = append(all, strings.TrimPrefix(attribute(link, "href")[strings.LastIndex(attribute(link, "href"), "/"):], "/"))
				}
			}
		}
	})
	return all
}

func TestOverviewSorts(t *testing.T) {
	s := sample(30)
	h := site(t, options(s))
	value := func(id string) float64 {
		v := s.ByID[id].Verdict(slo.Availability)
		if v == nil || v.Measurements == 0 {
			return 2 // last
		}
		return v.Value
	}
	ids := names(t, get(h, "/?sort=availability").Body.String())
	if len(ids) != len(s.Services) {
		t.Fatalf("%d rows, want %d", len(ids), len(s.Services))
	}
	for n := 1; n < len(ids); n++ {
		if value(ids[n-1]) > value(ids[n]) {
			t.Errorf("row %d: %v before %v", n, value(ids[n-1]), value(ids[n]))
		}
	}
	down := 0
	for n, id := range names(t, get(h, "/?sort=state").Body.String()) {
		if s.ByID[id].State == observatory.Down {
			if down++; down != n+1 {
				t.Errorf("a service that is down is in row %d", n+1)
			}
		}
	}
	if down == 0 {
		t.Error("no service is down")
	}
}

func TestOverviewPages(t *testing.T) {
	s := sample(120)
	h := site(t, options(s))
	seen := map[string]bool{}
	for n := 1; n <= 3; n++ {
		page := get(h, fmt.Sprintf("/?page=%d", n)).Body.String()
		for _, id := range names(t, page) {
			seen[id] = true
		}
		if !strings.Contains(page, fmt.Sprintf("Page %d sur 3", n)) || !strings.Contains(page, `role="status">120`) {
			t.Errorf("page %d does not say where it is", n)
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d services on three pages, want 120", len(seen))
	}
}

func TestSortIsAnnounced(t *testing.T) {
	h := site(t, options(sample(5)))
	for path, want := range map[string]string{"/": "ascending none none none none", "/?sort=time&dir=desc": "none none none descending none"} {
		var got []string
		walk(t, get(h, path).Body.String(), func(n *html.Node) {
			if s := attribute(n, "aria-sort"); s != "" {
				got = append(got, s)
			}
		})
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
}

// What the page says of a service is what the snapshot says.
func TestServicePageSaysWhatTheSnapshotSays(t *testing.T) {
	s := sample(1)
	one := s.Services[0]
	for n := range one.Verdicts {
		if one.Verdicts[n].Indicator == slo.Availability {
			one.Verdicts[n].Value, one.Verdicts[n].Level, one.Verdicts[n].Measurements = 0.99899999, slo.Partial, 25_871
		}
	}
	page := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(get(site(t, options(s)), "/apis/"+one.ID).Body.String())
	for _, want := range []string{"<strong>99,89 %</strong>", ">Partiel<", "25 871", "≥ 99,9 %", "90 derniers jours", "Guide pratique", "dinum-api",
		"50 appels par seconde", "https://example.fr/openapi.json", "constaté le 21 août 2026", "Chaque jour de 1 h 00 à 2 h 00", "(heure de Paris)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "99,9 %</strong>") {
		t.Error("a value is rounded up")
	}
}

func TestHostileNamesStayText(t *testing.T) {
	const hostile = `</script><script>alert(1)</script>"'><img src=x onerror=alert(2)> {{.}} ${x}`
	s := sample(4)
	for _, one := range s.Services {
		one.Name, one.ProducerName = hostile, hostile
		for n := range one.Probes {
			one.Probes[n].Target = "javascript:alert(3)//" + hostile
			one.Probes[n].Latest.Detail = hostile
		}
		if one.API != nil {
			one.API.Documentation = "javascript:alert(4)"
		}
	}
	s.Producers = append([]catalogue.Producer{{ID: "evil", Name: hostile, URL: "javascript:alert(5)"}}, s.Producers...)
	for n := range s.Incidents {
		s.Incidents[n].ServiceName, s.Incidents[n].Detail, s.Incidents[n].Class = hostile, hostile, hostile
	}
	o := options(s)
	o.Site.Title, o.Site.Operator, o.Site.Contact = hostile, hostile, "javascript:alert(6)"
	h := site(t, o)
	for _, path := range []string{"/", "/en/", "/apis/service-0", "/incidents", "/producteurs", "/methodologie", "/nowhere", "/?q=" + "%3C%2Fscript%3E%3Cscript%3Ealert(7)", "/?state=%3Cscript%3Ealert(8)"} {
		walk(t, get(h, path).Body.String(), func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			if n.Data == "script" && attribute(n, "src") == "" && attribute(n, "type") != "application/json" || n.Data == "img" {
				t.Errorf("%s: <%s> came out of a name", path, n.Data)
			}
			if strings.HasPrefix(attribute(n, "href"), "javascript:") {
				t.Errorf("%s: link to %s", path, attribute(n, "href"))
			}
		})
	}
}

// French pages have no plain space where a line must not break.
func TestFrenchPagesAreTypeset(t *testing.T) {
	fault := regexp.MustCompile(`[^\n ]? [:;!?%»]|« |\d (ms|min|h|j|s)\b|\d \d{3}\b`)
	h := site(t, options(sample(9)))
	for _, path := range []string{"/", "/?q=x", "/apis/service-0", "/demarches/service-2", "/incidents", "/methodologie", "/producteurs", "/nowhere", "/?x=1"} {
		walk(t, get(h, path).Body.String(), func(n *html.Node) {
			text := attribute(n, "aria-label") + attribute(n, "placeholder") + attribute(n, "content")
			if n.Type == html.TextNode {
				text = n.Data
				for p := n.Parent; p != nil; p = p.Parent {
					if p.Data == "script" || attribute(p, "lang") == "en" {
						return
					}
				}
			}
			if m := fault.FindString(text); m != "" && attribute(n, "name") != "viewport" {
				t.Errorf("%s: %q in %q", path, m, text)
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	h := site(t, options(sample(9)))
	for path, want := range map[string]string{
		"/":                        "fr=https://obs.example.fr/ x-default=https://obs.example.fr/ en=https://obs.example.fr/en/",
		"/en/methodology":          "fr=https://obs.example.fr/methodologie x-default=https://obs.example.fr/methodologie en=https://obs.example.fr/en/methodology",
		"/apis/service-0?span=day": "fr=https://obs.example.fr/apis/service-0?span=day x-default=https://obs.example.fr/apis/service-0?span=day en=https://obs.example.fr/en/apis/service-0?span=day",
	} {
		var got []string
		walk(t, get(h, path).Body.String(), func(n *html.Node) {
			if n.Data == "link" && attribute(n, "rel") == "alternate" {
				got = append(got, attribute(n, "hreflang")+"="+attribute(n, "href"))
			}
		})
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"/?q=x", "/?page=99999999999999999999", "/apis/%00", "/en/?sort=name&dir=desc", "/api/v1/services/service-0/series?from=2026-01-01&resolution=1h",
		"/incidents?page=2&state=open", "/?q=%F0%9F%98%80&producer=%", "/static/../dashboard.go", "//x", "/apis/service-0?span=week#x"} {
		f.Add(seed)
	}
	h, known := site(f, options(sample(5))), map[int]bool{200: true, 301: true, 302: true, 307: true, 400: true, 404: true}
	f.Fuzz(func(t *testing.T, address string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+address, nil)
		if err != nil || r.URL.Host != "x" {
			return
		}
		r.RequestURI = r.URL.RequestURI()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if !known[w.Code] || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%q: status %d", address, w.Code)
		}
	})
}
