package probes_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"observatoire/probes"
)

func ExampleProbe_Run() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `[{"nom": "Nantes", "code": "44109"}]`)
	}))
	defer server.Close()

	prober, _ := probes.NewProber("http")
	prober.(*probes.HTTP).URL = server.URL + "/communes?code=44109"
	var name any = "Rennes"
	probe := probes.Probe{
		ID: "api-geo/communes", Prober: prober, Timeout: 5 * time.Second,
		Expectations: []probes.Expectation{
			{Assertion: probes.Status{200}, Critical: true, Conclusive: true},
			{Assertion: &probes.JSON{Path: "$[0].nom", Equals: &name}, Conclusive: true},
		},
	}
	result := probe.Run(context.Background(), &probes.Vantage{
		Name: "paris", UserAgent: "observatoire (contact@example.org)",
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	fmt.Println(result.Outcome, result.Class, result.Status)
	fmt.Println(result.Detail)
	// Output:
	// degraded assertion 200
	// json $[0].nom: expected: equals "Rennes"; found: "Nantes"
}
