package probes_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestCertificates(t *testing.T) {
	ca := newAuthority(t)
	answer := func(http.ResponseWriter, *http.Request) {}
	const day = 24 * time.Hour
	soon, late := time.Now().Add(5*day), time.Now().Add(100*day)
	for name, test := range map[string]struct {
		url     string
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"valid":     {ca.serveTLS(t, "127.0.0.1", late, true, answer), probes.Up, probes.ClassNone, ""},
		"soon ends": {ca.serveTLS(t, "127.0.0.1", soon, false, answer), probes.Down, probes.ClassAssertion, "expected at least 14 days"},
		"plain":     {serve(t, answer), probes.Down, probes.ClassAssertion, "without TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, get(t, test.url), ca.trusting(), &probes.Certificate{ValidFor: 14 * day})
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
			switch end := r.NotAfter; name {
			case "valid":
				if d := late.Sub(end); d < 0 || d > time.Second {
					t.Errorf("certificate ends %s, want %s", end, late)
				}
			case "plain":
				if !end.IsZero() {
					t.Errorf("certificate ends %s", end)
				}
			}
		})
	}
}
