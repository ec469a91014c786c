package probes

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const date = "Mon, 23 Nov 2026 "
	for name, c := range map[string]struct {
		status  int
		headers []string
		want    time.Duration
	}{
		"seconds":                    {429, []string{"Retry-After", "30"}, 30 * time.Second},
		"of 503":                     {503, []string{"Retry-After", " 120 "}, 2 * time.Minute},
		"not of 200":                 {200, []string{"Retry-After", "30", "RateLimit-Reset", "30"}, 0},
		"not of 301":                 {301, []string{"Retry-After", "30"}, 0},
		"date":                       {503, []string{"Retry-After", date + "12:05:00 GMT"}, 5 * time.Minute},
		"date by their clock":        {503, []string{"Retry-After", date + "15:05:00 GMT", "Date", date + "15:04:00 GMT"}, time.Minute},
		"date gone by":               {503, []string{"Retry-After", date + "11:59:00 GMT"}, 0},
		"zero":                       {429, []string{"Retry-After", "0"}, 0},
		"negative":                   {429, []string{"Retry-After", "-5"}, 0},
		"not a number":               {429, []string{"Retry-After", "NaN"}, 0},
		"for ever":                   {429, []string{"Retry-After", "Inf"}, time.Hour},
		"beyond reading":             {429, []string{"Retry-After", "9" + strings.Repeat("0", 400)}, 0},
		"a year":                     {429, []string{"Retry-After", "31536000"}, time.Hour},
		"words":                      {429, []string{"Retry-After", "soon"}, 0},
		"reset in seconds":           {429, []string{"RateLimit-Reset", "7"}, 7 * time.Second},
		"reset as a Unix time":       {429, []string{"X-RateLimit-Reset", "1795435290"}, 90 * time.Second},
		"Retry-After first":          {429, []string{"Retry-After", "5", "RateLimit-Reset", "70"}, 5 * time.Second},
		"one of the past is no word": {429, []string{"Retry-After", "0", "RateLimit-Reset", "70"}, 70 * time.Second},
		"structured":                 {429, []string{"RateLimit", `"default";r=0;t=30`}, 30 * time.Second},
		"structured, the spent one":  {429, []string{"RateLimit", `"a;t=9, b";r=5;t=900, "day";r=0;t=40`}, 40 * time.Second},
		"structured, nothing left":   {429, []string{"RateLimit", `"default";t=12`}, 12 * time.Second},
		"structured, some left":      {429, []string{"RateLimit", `"default";r=3;t=30`}, 0},
		"of an early draft":          {429, []string{"RateLimit", `limit=100, remaining=0, reset=50`}, 50 * time.Second},
		"of an early draft, left":    {429, []string{"RateLimit", `limit=100, remaining=9, reset=50`}, 0},
		"too long to read":           {429, []string{"RateLimit", `"` + strings.Repeat("x", 2000) + `";t=12`}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			for i := 0; i < len(c.headers); i += 2 {
				h.Add(c.headers[i], c.headers[i+1])
			}
			if got := retryAfter(c.status, h, now); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"30", "1e400", "-1", "Mon, 23 Nov 2026 12:05:00 GMT", `"default";r=0;t=30`, `limit=1, remaining=0, reset=5`, `"\`, `;;,,=`, "0x1p-2", "t=NaN"} {
		f.Add(s, s)
	}
	now := time.Now()
	f.Fuzz(func(t *testing.T, a, b string) {
		h := http.Header{"Retry-After": {a}, "Ratelimit": {b, a}, "Ratelimit-Reset": {b}, "Date": {b}}
		if d := retryAfter(429, h, now); d < 0 || d > maxRetryAfter {
			t.Fatalf("%q, %q: %v", a, b, d)
		}
	})
}
