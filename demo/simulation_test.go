package demo_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"observatoire/demo"
)

// client trusts the simulation alone, and keeps no connection.
func client(s *demo.Simulation) *http.Client {
	return &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: s.Roots()},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type response struct {
	status int
	header http.Header
	body   []byte
	tls    *tls.ConnectionState
	err    error
}

func get(ctx context.Context, c *http.Client, url string) response {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return response{err: err}
	}
	r, err := c.Do(request)
	if err != nil {
		return response{err: err}
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return response{r.StatusCode, r.Header, body, r.TLS, err}
}

// TestEveryServiceAnswers asks every probe's address, in the first moments of
// the simulation: what strikes now and then does not strike yet.
func TestEveryServiceAnswers(t *testing.T) {
	s, w := simulate(t)
	statuses := map[string]int{"adresses": 301, "hydrometrie": 206, "habilitations": 403}
	c := client(s)
	var tests sync.WaitGroup
	ask := func(id, url string, check func(response)) {
		tests.Go(func() {
			r := get(t.Context(), c, url)
			if r.err != nil {
				t.Errorf("%s: %v", id, r.err)
				return
			}
			if r.status != max(200, statuses[id]) {
				t.Errorf("%s: status %d", id, r.status)
			}
			check(r)
		})
	}
	for _, api := range w.APIs {
		for _, p := range api.Probes {
			if api.ID == "archives" {
				tests.Go(func() { hangs(t, c, p.HTTP.URL) })
				continue
			}
			ask(api.ID, p.HTTP.URL, func(r response) {
				if r.status == 200 || r.status == 206 {
					apiAnswer(t, api.ID, p.Name, p.Freshness != nil, r)
				}
				if strings.HasPrefix(p.HTTP.URL, "https:") {
					certificate(t, api.ID, r)
				}
			})
		}
	}
	for _, d := range w.Demarches {
		if d.URL != d.Probes[0].HTTP.URL {
			t.Errorf("%s: its probe asks for %s, its address is %s", d.ID, d.Probes[0].HTTP.URL, d.URL)
		}
		ask(d.ID, d.URL, func(r response) {
			if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || !bytes.Contains(r.body, []byte("(simulée)")) ||
				!bytes.Contains(r.body, []byte("Commencer la démarche")) || len(r.body) < 3000 {
				t.Errorf("%s: not its page: %.200s", d.ID, r.body)
			}
		})
	}
	tests.Wait()
}

// hangs checks that nothing comes while the client waits.
func hangs(t *testing.T, c *http.Client, url string) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if r := get(ctx, c, url); !errors.Is(r.err, context.DeadlineExceeded) {
		t.Errorf("archives answered %d (%v), it hangs", r.status, r.err)
	}
}

func apiAnswer(t *testing.T, id, probe string, dated bool, r response) {
	var a struct {
		Status     string
		Simulation bool
		Date       time.Time `json:"date_maj"`
		Total      int
		Resultats  []struct{ Nom string }
		Licence    string
	}
	if err := json.Unmarshal(r.body, &a); err != nil {
		t.Errorf("%s: %v", id, err)
		return
	}
	if probe == "ping" {
		if a.Status != "ok" {
			t.Errorf("%s: ping says %q", id, a.Status)
		}
		return
	}
	if !a.Simulation || a.Total != 3 || len(a.Resultats) != 3 || a.Resultats[0].Nom != "Valmont-sur-Brume" || a.Licence == "" {
		t.Errorf("%s: answer %.300s", id, r.body)
	}
	modified, err := http.ParseTime(r.header.Get("Last-Modified"))
	if err != nil || !modified.Equal(a.Date) {
		t.Errorf("%s: Last-Modified %v (%v), date in the body %v", id, modified, err, a.Date)
	}
	age := time.Since(a.Date)
	if stuck := id == "nappes"; dated && stuck != (age > 20*24*time.Hour) {
		t.Errorf("%s: data is %s old", id, age)
	}
}

func certificate(t *testing.T, id string, r response) {
	left := time.Until(r.tls.PeerCertificates[0].NotAfter)
	if soon := id == "certificats-energie"; soon != (left < 14*24*time.Hour) || left < 8*24*time.Hour {
		t.Errorf("%s: its certificate has %s left", id, left)
	}
}

func TestRedirectLeadsToTheAnswer(t *testing.T) {
	s, w := simulate(t)
	c := client(s)
	c.CheckRedirect = nil
	for _, api := range w.APIs {
		if api.ID == "adresses" {
			if r := get(t.Context(), c, api.Probes[0].HTTP.URL); r.err != nil || r.status != 200 {
				t.Errorf("status %d, %v", r.status, r.err)
			}
		}
	}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	s, w := simulate(t)
	links := make(map[string]bool)
	for _, api := range w.APIs {
		links[api.Documentation], links[api.OpenAPI], links[api.StatusPage], links[api.Commitment.Source] = true, true, true, true
		for _, m := range api.Maintenance {
			links[m.Source] = true
		}
	}
	for _, d := range w.Demarches {
		for _, on := range d.DependsOn {
			links[on.Source] = true
		}
	}
	delete(links, "")
	if len(links) < 80 {
		t.Fatalf("%d links", len(links))
	}
	c := client(s)
	for link := range links {
		if r := get(t.Context(), c, link); r.err != nil || r.status != 200 {
			t.Errorf("%s: status %d, %v", link, r.status, r.err)
		}
	}
}

func TestConfigurationIsWhole(t *testing.T) {
	s, w := simulate(t)
	if len(w.APIs) < 24 || len(w.Demarches) != 36 {
		t.Errorf("%d APIs and %d démarches", len(w.APIs), len(w.Demarches))
	}
	apis := make(map[string]bool)
	for _, api := range w.APIs {
		apis[api.ID] = true
	}
	for _, d := range w.Demarches {
		for _, on := range d.DependsOn {
			if !apis[on.API] {
				t.Errorf("%s depends on %q, which is none of the APIs", d.ID, on.API)
			}
		}
	}
	for line := range strings.Lines(s.Config()) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "name: ")
		if ok && !strings.HasSuffix(name, `(simulée)"`) {
			t.Errorf("%s is not marked as simulated", name)
		}
	}
	if strings.Contains(s.Config(), "{{") || strings.Contains(s.Config(), "<no value>") {
		t.Error("the template left something out")
	}
}

func TestUnknownPlaces(t *testing.T) {
	s, w := simulate(t)
	base, _, _ := strings.Cut(w.Demarches[0].URL, "/demarches/")
	c := client(s)
	for _, path := range []string{"/apis/none", "/ping/none", "/demarches/none", "/openapi/none", "/none"} {
		if r := get(t.Context(), c, base+path); r.err != nil || r.status != 404 {
			t.Errorf("%s: status %d, %v", path, r.status, r.err)
		}
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestAlertsAreLogged(t *testing.T) {
	var log lines
	s, err := demo.Start(t.Context(), zerolog.New(&log).Level(zerolog.InfoLevel))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, rest, _ := strings.Cut(s.Config(), `webhook: {url: "`)
	address, _, _ := strings.Cut(rest, `"`)
	for name, c := range map[string]struct {
		body   string
		status int
		logged string
	}{
		"an alert":  {`{"version": 1, "alert": {"key": "outage/entreprises/recherche", "state": "firing"}, "title": "[Panne]"}`, 204, "outage/entreprises/recherche"},
		"no alert":  {`{"version": 1}`, 400, ""},
		"garbage":   {"nonsense", 400, ""},
		"too large": {`{"key": "` + strings.Repeat("x", 70_000) + `"}`, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(log.String())
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			r, err := client(s).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			got := log.String()[before:]
			if r.StatusCode != c.status || !strings.Contains(got, c.logged) || strings.Contains(got, "alert received") != (c.logged != "") {
				t.Errorf("status %d, log %q", r.StatusCode, got)
			}
		})
	}
}

func TestCloseEndsEverything(t *testing.T) {
	for name, stop := range map[string]func(context.CancelFunc, *demo.Simulation){
		"closed":           func(_ context.CancelFunc, s *demo.Simulation) { s.Close() },
		"closed twice":     func(_ context.CancelFunc, s *demo.Simulation) { s.Close(); s.Close() },
		"context is ended": func(cancel context.CancelFunc, s *demo.Simulation) { cancel(); s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s, err := demo.Start(ctx, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			_, rest, _ := strings.Cut(s.Config(), "webhook: {url: \"")
			base, _, _ := strings.Cut(rest, "/alertes")
			sent := make(chan struct{})
			answered := make(chan error, 1)
			go func() {
				asking := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
					WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
				})
				answered <- get(asking, client(s), base+"/apis/archives").err // hangs
			}()
			<-sent
			began := time.Now()
			stop(cancel, s)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %s to stop", took)
			}
			if err := <-answered; err == nil {
				t.Error("a request that hangs was answered")
			}
			if r := get(t.Context(), client(s), base+"/"); r.err == nil {
				t.Error("it still answers")
			}
		})
	}
}

func TestStartAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := demo.Start(ctx, zerolog.Nop()); err == nil {
		s.Close()
	} else if !strings.HasPrefix(err.Error(), "demo: ") {
		t.Error(err)
	}
}
