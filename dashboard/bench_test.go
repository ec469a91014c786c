package dashboard_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// BenchmarkOverview serves the first page of 1,000 services with 90 days each,
// compressed, and reports the slowest of a hundred and the size.
func BenchmarkOverview(b *testing.B) {
	h := site(b, options(sample(1000)))
	benchmark(b, h, "/")
}

// BenchmarkOverviewFiltered searches and sorts as well.
func BenchmarkOverviewFiltered(b *testing.B) {
	h := site(b, options(sample(1000)))
	benchmark(b, h, "/?q=api&sort=availability&dir=desc")
}

// BenchmarkService serves the page of one service with a year of days.
func BenchmarkService(b *testing.B) {
	h := site(b, options(sample(100)))
	benchmark(b, h, "/apis/service-0")
}

func benchmark(b *testing.B, h http.Handler, path string) {
	b.Helper()
	var times []time.Duration
	size := 0
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		start := time.Now()
		h.ServeHTTP(w, r)
		times = append(times, time.Since(start))
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
			b.Fatalf("status %d, encoding %q", w.Code, w.Header().Get("Content-Encoding"))
		}
		size = w.Body.Len()
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(size)/1000, "kB")
}
