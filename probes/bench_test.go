package probes_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"observatoire/probes"
)

// BenchmarkHTTPProbe compares a probe with a plain client that opens a
// connection for each request too, on the same server.
func BenchmarkHTTPProbe(b *testing.B) {
	body := `[{"nom":"Nantes","code":"44109"}]` + strings.Repeat(" ", 2000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
	defer server.Close()
	b.Run("plain", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		b.ReportAllocs()
		for b.Loop() {
			answer, err := client.Get(server.URL)
			if err != nil {
				b.Fatal(err)
			}
			if _, err = io.ReadAll(answer.Body); err != nil {
				b.Fatal(err)
			}
			answer.Body.Close()
		}
	})
	b.Run("probe", func(b *testing.B) {
		var nantes any = "Nantes"
		probe := probes.Probe{
			ID: "bench/probe", Prober: get(b, server.URL),
			Expectations: critical(probes.Status{200}, &probes.JSON{Path: "$[0].nom", Equals: &nantes}),
		}
		from := loopback()
		b.ReportAllocs()
		for b.Loop() {
			if r := probe.Run(b.Context(), from); r.Outcome != probes.Up {
				b.Fatal(r.Detail)
			}
		}
	})
}
