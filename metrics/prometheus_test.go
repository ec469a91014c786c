package metrics_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"observatoire/metrics"
)

// tool returns the path of a program of Debian's package prometheus.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	const advice = "%s is not installed (apt-get install prometheus): %v"
	if os.Getenv("CI") == "true" {
		t.Fatalf(advice, name, err)
	}
	t.Skipf(advice, name, err)
	return ""
}

func TestPromtoolFindsNothing(t *testing.T) {
	promtool := tool(t, "promtool")
	reg, _ := filled(t, snapshot())
	server := httptest.NewServer(metrics.Handler(reg))
	defer server.Close()
	body, _ := get(t, server, "text/plain", "identity")

	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(body)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// A real Prometheus scrapes the handler; what its API answers is what the
// snapshot says, to the last digit.
func TestPrometheusScrapesWhatTheSnapshotSays(t *testing.T) {
	program := tool(t, "prometheus")
	reg, _ := filled(t, snapshot())
	target := httptest.NewServer(metrics.Handler(reg))
	defer target.Close()

	api := startPrometheus(t, program, target.Listener.Addr().String())
	for query, want := range map[string]float64{
		`observatoire_indicator_value{service="api-geo",indicator="availability"}`:         availability,
		`observatoire_indicator_level{service="api-geo",indicator="availability"} == 1`:    1,
		`observatoire_probe_success{probe="api-geo/regions"}`:                              0,
		`observatoire_snapshot_timestamp_seconds`:                                          1795168800.5,
		`observatoire_probe_phase_seconds_bucket{service="api-geo",phase="wait",le="0.4"}`: 1,
		`observatoire_lost_total{reason="overrun"}`:                                        2,
		`count(observatoire_probe_success{probe="api-geo/epci"}) or vector(0)`:             0,
	} {
		if got := api.poll(t, query); got != want {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
}

// server is the HTTP API of a running Prometheus.
type server struct {
	client *http.Client
	base   string
}

var listening = regexp.MustCompile(`Listening on" address=(\S+)`)

// startPrometheus starts a Prometheus on a free port that scrapes the target,
// and ends it with the test.
func startPrometheus(t *testing.T, program, target string) *server {
	t.Helper()
	dir := t.TempDir()
	config := fmt.Sprintf("global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"+
		"scrape_configs: [{job_name: observatoire, static_configs: [{targets: [%q]}]}]\n", target)
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, "--config.file="+file,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	logs, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(logs)
		for lines.Scan() {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
				break
			}
		}
		io.Copy(io.Discard, logs) // so that it never waits for us
	}()
	client := &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		stop()
		<-read
		command.Wait() // killed by us: its status says nothing
	})
	select {
	case a := <-address:
		return &server{client, "http://" + a}
	case <-read:
		t.Fatal("prometheus ended before it listened")
	case <-time.After(30 * time.Second):
		t.Fatal("prometheus does not listen")
	}
	return nil
}

// poll asks until the query has a value, for half a minute at most.
func (s *server) poll(t *testing.T, query string) float64 {
	t.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(30 * time.Second)
	var last error
	for {
		value, err := s.query(t.Context(), query)
		if err == nil {
			return value
		}
		last = err
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s: %v", query, last)
		}
	}
}

// query returns the value of the one series that the query selects.
func (s *server) query(ctx context.Context, query string) (float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return 0, err
	}
	response, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var answer struct {
		Data struct {
			Result []struct {
				Value [2]any `json:"value"` // time, value as text
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("status %s: %w", response.Status, err)
	}
	if n := len(answer.Data.Result); n != 1 {
		return 0, fmt.Errorf("status %s: %d series, want 1", response.Status, n)
	}
	text, _ := answer.Data.Result[0].Value[1].(string)
	return strconv.ParseFloat(text, 64)
}
