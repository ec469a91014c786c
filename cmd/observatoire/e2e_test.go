package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/config"
	"observatoire/probes"
	"observatoire/storage"
)

// receiver is a webhook that keeps what it is told.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	told  []alerts.Alert
	fails bool
}

func newReceiver(t *testing.T) *receiver {
	r := new(receiver)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		var message struct{ Alert alerts.Alert }
		if err := json.NewDecoder(request.Body).Decode(&message); err != nil {
			t.Errorf("webhook: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.fails {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.told = append(r.told, message.Alert)
	}))
	t.Cleanup(r.Close)
	return r
}

// of returns what was told about a key.
func (r *receiver) of(key string) []alerts.Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	var told []alerts.Alert
	for _, a := range r.told {
		if a.Key == key {
			told = append(told, a)
		}
	}
	return told
}

// place is a folder with a configuration and, from before the test, measurements.
type place struct {
	file, dir string
	cfg       *config.Config
}

// prepare writes a configuration and stores three days of results of geo/page,
// of which one in fifty failed.
func prepare(t *testing.T, target, webhook string, every string) place {
	t.Helper()
	root := t.TempDir()
	p := place{file: filepath.Join(root, "probes.yaml"), dir: filepath.Join(root, "data")}
	text := fmt.Sprintf(`
site: {title: Test, contact: test@example.fr}
network: {allow_private: [127.0.0.0/8]}
producers: [{id: dinum, name: DINUM}]
apis:
  - id: geo
    name: API Géo
    producer: dinum
    access: open
    probes: [{name: page, every: %s, http: {url: "%s/geo"}}]
alerts:
  confirmations: 2
  channels: [{name: ops, webhook: {url: "%s/hook"}}]
`, every, target, webhook)
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(p.file, engines())
	if err != nil {
		t.Fatal(err)
	}
	p.cfg = cfg
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	store, err := cfg.Storage.Engine.Open(t.Context(), storage.Options{Dir: p.dir, Zone: cfg.Site.Zone, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	const n, period = 1500, 3 * time.Minute
	first := time.Now().Add(-n * period)
	results := make([]probes.Result, n)
	for i := range results {
		results[i] = probes.Result{
			Probe: "geo/page", Vantage: "local", Time: first.Add(time.Duration(i) * period), Period: period, Outcome: probes.Up,
			Phases: probes.Phases{Connect: 3 * time.Millisecond, Wait: time.Duration(40+i%7) * time.Millisecond, Transfer: time.Millisecond},
		}
		if i%50 == 7 {
			results[i].Outcome, results[i].Class, results[i].Phases = probes.Down, probes.ClassTimeout, probes.Phases{}
		}
	}
	if err := store.Record(t.Context(), results); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p place) serve(t *testing.T) *process {
	t.Helper()
	return start(t, "serve", "-config", p.file, "-data", p.dir, "-listen", "127.0.0.1:0")
}

// TestTheSameFigureEverywhere holds the page, the API, the metrics, a real
// Prometheus and the alert against each other.
func TestTheSameFigureEverywhere(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()
	hook := newReceiver(t)
	// With a period of a day no run of the program's own comes between the readings.
	p := prepare(t, target.URL, hook.URL, "24h").serve(t)

	var value float64
	s := p.service("geo")
	for _, i := range s.Indicators {
		if i.Indicator == "availability" {
			if i.Value == nil || i.Level != "weak" || i.Measurements != 1500 || i.Window != "P90D" || i.Unit != "ratio" || i.Target == nil || *i.Target != 0.999 {
				t.Fatalf("the API says %+v", i)
			}
			value = *i.Value
		}
	}
	if want := 1470.0 / 1500; value != want {
		t.Fatalf("availability %v, want %v", value, want)
	}

	line := `observatoire_indicator_value{indicator="availability",kind="api",service="geo",window="P90D"} ` + strconv.FormatFloat(value, 'g', -1, 64)
	if metrics := p.get("/metrics"); !strings.Contains(metrics, line+"\n") {
		t.Errorf("/metrics has no line %q", line)
	}
	if page := p.get("/apis/geo"); !strings.Contains(page, "98,00\u202f%") {
		t.Error("the page does not say 98,00 %")
	}
	if page := p.get("/en/apis/geo"); !strings.Contains(page, "98.00%") {
		t.Error("the English page does not say 98.00%")
	}
	eventually(t, 30*time.Second, func() error {
		if told := hook.of("level/geo/availability"); len(told) != 1 || told[0].Value != value || told[0].Measurements != 1500 || told[0].Window != "P90D" {
			return fmt.Errorf("told %+v", told)
		}
		return nil
	})
	t.Run("prometheus", func(t *testing.T) { scraped(t, p, value) })
	p.stop()
}

// scraped asks a real Prometheus that scrapes the process for the value.
func scraped(t *testing.T, p *process, value float64) {
	needs(t, "prometheus")
	root := t.TempDir()
	file := filepath.Join(root, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs: [{job_name: observatoire, scrape_interval: 1s, static_configs: [{targets: [%q]}]}]",
		strings.TrimPrefix(p.url, "http://"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	l.Close()
	cmd := exec.CommandContext(t.Context(), "prometheus", "--config.file="+file, "--storage.tsdb.path="+filepath.Join(root, "tsdb"), "--web.listen-address="+listen)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	query := "http://" + listen + "/api/v1/query?query=" + url.QueryEscape(`observatoire_indicator_value{service="geo",indicator="availability"}`)
	eventually(t, 60*time.Second, func() error {
		response, err := http.Get(query)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		var answer struct {
			Data struct{ Result []struct{ Value [2]any } }
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		if len(answer.Data.Result) != 1 {
			return fmt.Errorf("prometheus answers %s", body)
		}
		got, err := strconv.ParseFloat(fmt.Sprint(answer.Data.Result[0].Value[1]), 64)
		if err != nil || math.Abs(got-value) > 0 {
			t.Fatalf("prometheus says %v, %v; want %v", got, err, value)
		}
		return nil
	})
}

// TestAlertsOverRestarts stops and kills the program around an outage: each
// message arrives once.
func TestAlertsOverRestarts(t *testing.T) {
	var broken sync.Map
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, down := broken.Load("down"); down {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer target.Close()
	hook := newReceiver(t)
	place := prepare(t, target.URL, hook.URL, "5s")
	broken.Store("down", true)
	told := func(n int, state alerts.State) func() error {
		return func() error {
			got := hook.of("outage/geo/page")
			if len(got) != n || got[n-1].State != state {
				return fmt.Errorf("told %d times: %+v; want %d, the last %s", len(got), got, n, state)
			}
			return nil
		}
	}
	p := place.serve(t)
	eventually(t, 60*time.Second, told(1, alerts.Firing))
	p.kill()
	p = place.serve(t)
	eventually(t, 60*time.Second, func() error { // two evaluations later nothing was told again
		if s := p.service("geo"); s.State != "down" {
			return fmt.Errorf("state %s after a kill", s.State)
		}
		return nil
	})
	p.goOn(11 * time.Second)
	if err := told(1, alerts.Firing)(); err != nil {
		t.Fatal(err)
	}
	// While the channel is deaf the outage ends and the program is stopped: the
	// end is told once the channel hears again.
	hook.mu.Lock()
	hook.fails = true
	hook.mu.Unlock()
	broken.Delete("down")
	eventually(t, 60*time.Second, func() error {
		if s := p.service("geo"); s.State != "up" {
			return fmt.Errorf("state %s", s.State)
		}
		return nil
	})
	p.goOn(6 * time.Second)
	p.stop()
	hook.mu.Lock()
	hook.fails = false
	hook.mu.Unlock()
	p = place.serve(t)
	eventually(t, 90*time.Second, told(2, alerts.Resolved))
	p.stop()
	if got := hook.of("outage/geo/page"); got[0].Start != got[1].Start || got[1].End.IsZero() {
		t.Errorf("begun %v, ended %v–%v", got[0].Start, got[1].Start, got[1].End)
	}
}

// TestSecondObservatoryIsKeptOut starts the program twice on one folder.
func TestSecondObservatoryIsKeptOut(t *testing.T) {
	target := httptest.NewServer(http.NotFoundHandler())
	defer target.Close()
	place := prepare(t, target.URL, target.URL, "24h")
	p := place.serve(t)
	cfg, err := config.Load(place.file, engines())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context(), cfg, place.dir, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "another observatory is using it") {
		t.Errorf("a second one: %v", err)
	}
	p.stop()
}

// TestBrowser opens every page of the demonstration in a real Chromium.
func TestBrowser(t *testing.T) {
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "/usr/bin/chromium"
	}
	npm := filepath.Join("..", "..", "dashboard", "npm")
	needs(t, "node", chromium, filepath.Join(npm, "node_modules"))
	p := start(t, "demo", "-days", "100", "-listen", "127.0.0.1:0")
	cmd := exec.CommandContext(t.Context(), "node", "e2e.mjs", p.url)
	cmd.Dir = npm
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	t.Logf("%s", output)
	p.stop()
}
