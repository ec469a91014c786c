package dashboard_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"golang.org/x/net/html"

	"observatoire/dashboard"
	"observatoire/observatory"
	"observatoire/slo"
)

// options are those of a site that shows a snapshot.
func options(s *observatory.Snapshot) dashboard.Options {
	return dashboard.Options{
		Snapshots: func() *observatory.Snapshot { return s }, Series: remember(s), Profiles: slo.Profiles(), Simulated: true, Version: "1.2.3",
		Site: dashboard.Site{Title: "Observatoire", Operator: "Ville de Nantes", Contact: "contact@example.fr", Language: "fr", URL: "https://obs.example.fr", Vantage: "Paris"},
		Log:  zerolog.Nop(),
	}
}

func site(t testing.TB, o dashboard.Options) http.Handler {
	t.Helper()
	h, err := dashboard.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// walk calls visit for every element of a page.
func walk(t testing.TB, page string, visit func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		visit(n)
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// crawl opens every page that can be reached from the first one, and returns them by path.
func crawl(t *testing.T, h http.Handler) map[string]string {
	t.Helper()
	pages := map[string]string{}
	queue := []string{"/", "/en/"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, seen := pages[path]; seen {
			continue
		}
		w := get(h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		pages[path] = w.Body.String()
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		walk(t, pages[path], func(n *html.Node) {
			for _, key := range []string{"href", "src", "action"} {
				target, _, _ := strings.Cut(attribute(n, key), "#")
				if strings.HasPrefix(target, "/") {
					queue = append(queue, target)
				}
			}
		})
	}
	return pages
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	pages := crawl(t, site(t, options(sample(11))))
	for _, want := range []string{"/incidents", "/methodologie", "/producteurs", "/en/incidents", "/en/methodology", "/en/producers",
		"/apis/service-0", "/en/apis/service-0", "/demarches/service-2", "/en/demarches/service-2", "/apis/service-0?span=day", "/apis/service-0?span=year"} {
		if pages[want] == "" {
			t.Errorf("%s cannot be reached from the first page", want)
		}
	}
}

func TestPagesAreSound(t *testing.T) {
	for path, page := range crawl(t, site(t, options(sample(11)))) {
		if !strings.HasPrefix(page, "<!doctype html>") {
			continue
		}
		ids := map[string]int{}
		fragments := []string{}
		headings := 0
		walk(t, page, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s %s=…>: the policy forbids inline style and script", path, n.Data, a.Key)
				}
			}
			if id := attribute(n, "id"); id != "" {
				ids[id]++
			}
			if h := attribute(n, "href"); strings.HasPrefix(h, "#") {
				fragments = append(fragments, h[1:])
			}
			switch n.Data {
			case "style":
				t.Errorf("%s: <style>", path)
			case "script":
				if attribute(n, "src") == "" && attribute(n, "type") != "application/json" {
					t.Errorf("%s: inline script", path)
				}
			case "h1":
				headings++
			case "html":
				if want := map[bool]string{true: "en", false: "fr"}[strings.HasPrefix(path, "/en/")]; attribute(n, "lang") != want {
					t.Errorf("%s: lang %q, want %q", path, attribute(n, "lang"), want)
				}
			case "th":
				if attribute(n, "scope") == "" {
					t.Errorf("%s: <th> without scope", path)
				}
			}
		})
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: id %q is there %d times", path, id, n)
			}
		}
		for _, f := range fragments {
			if ids[f] == 0 {
				t.Errorf("%s: link to #%s, which is not there", path, f)
			}
		}
		if headings != 1 {
			t.Errorf("%s: %d h1", path, headings)
		}
		if !strings.Contains(page, "simul") {
			t.Errorf("%s does not say that the data are simulated", path)
		}
		if strings.Contains(page, "<no value>") || strings.Contains(page, "{1}") || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "%!") {
			t.Errorf("%s holds an unfilled place", path)
		}
	}
}

func TestHeaders(t *testing.T) {
	h := site(t, options(sample(3)))
	for _, path := range []string{"/", "/nowhere", "/api/v1/services", "/?wrong=1", "/healthz"} {
		header := get(h, path).Header()
		if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		for _, key := range []string{"X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy", "Cache-Control"} {
			if header.Get(key) == "" {
				t.Errorf("%s: no %s", path, key)
			}
		}
		if header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
}

func TestConditionalRequest(t *testing.T) {
	h := site(t, options(sample(3)))
	for _, path := range []string{"/", "/api/v1/services"} {
		tag := get(h, path).Header().Get("ETag")
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", `"other", `+tag)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if tag == "" || w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s with ETag %q: status %d, %d bytes", path, tag, w.Code, w.Body.Len())
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	if _, err := dashboard.New(dashboard.Options{}); err == nil {
		t.Error("no error without snapshots and series")
	}
}

func TestWarnsOnceWithoutTheChartLibrary(t *testing.T) {
	var log bytes.Buffer
	o := options(sample(3))
	o.Log = zerolog.New(&log)
	page := get(site(t, o), "/apis/service-0").Body.String()
	_, err := os.Stat("static/echarts.js")
	built := err == nil
	if warned := strings.Contains(log.String(), "npm"); warned == built {
		t.Errorf("built with the library: %v; warned: %v", built, warned)
	}
	if loaded := strings.Contains(page, "/static/echarts."); loaded != built {
		t.Errorf("built with the library: %v; loaded: %v", built, loaded)
	}
	if !strings.Contains(page, `<svg class="plot"`) || !strings.Contains(page, `<table class="data">`) {
		t.Error("no SVG or no table without a script")
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	h := site(t, options(sample(1)))
	var style string
	walk(t, get(h, "/").Body.String(), func(n *html.Node) {
		if n.Data == "link" && attribute(n, "rel") == "stylesheet" {
			style = attribute(n, "href")
		}
	})
	server := httptest.NewServer(h)
	defer server.Close()
	response, err := http.Get(server.URL + style)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("static/site.css")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) || !response.Uncompressed || !strings.Contains(response.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d bytes of %d, compressed %v, Cache-Control %q", style, len(got), len(want), response.Uncompressed, response.Header.Get("Cache-Control"))
	}
	if w := get(h, "/static/site.css"); w.Code != http.StatusNotFound {
		t.Errorf("without its hash: status %d", w.Code)
	}
}
