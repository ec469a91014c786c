package metrics_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"observatoire/metrics"
	"observatoire/observatory"
	"observatoire/probes"
)

func ExampleNew() {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg, func() *observatory.Snapshot { return nil }) // nothing said yet
	m.Record(context.Background(), []probes.Result{{Probe: "api-geo/communes", Outcome: probes.Up}})

	answer := httptest.NewRecorder()
	metrics.Handler(reg).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, _ := io.ReadAll(answer.Body)
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, "observatoire_probe_runs_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// observatoire_probe_runs_total{outcome="degraded",probe="api-geo/communes",service="api-geo"} 0
	// observatoire_probe_runs_total{outcome="down",probe="api-geo/communes",service="api-geo"} 0
	// observatoire_probe_runs_total{outcome="unknown",probe="api-geo/communes",service="api-geo"} 0
	// observatoire_probe_runs_total{outcome="up",probe="api-geo/communes",service="api-geo"} 1
}
