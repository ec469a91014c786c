package probes_test

import (
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestCertificates(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	answer := func(http.ResponseWriter, *http.Request) {}
	const day = 24 * time.Hour
	soon, late := time.Now().Add(5*day), time.Now().Add(100*day)
	for name, test := range map[string]struct {
		url     string
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"valid":      {ca.serveTLS(t, "127.0.0.1", late, true, answer), probes.Up, probes.ClassNone, ""},
		"soon ends":  {ca.serveTLS(t, "127.0.0.1", soon, false, answer), probes.Down, probes.ClassAssertion, "expected at least 14 days"},
		"expired":    {ca.serveTLS(t, "127.0.0.1", time.Now().Add(-time.Hour), true, answer), probes.Down, probes.ClassTLS, "certificate expired on 20"},
		"other host": {ca.serveTLS(t, "geo.example", late, true, answer), probes.Down, probes.ClassTLS, "not for 127.0.0.1"},
		"untrusted":  {stranger.serveTLS(t, "127.0.0.1", late, true, answer), probes.Down, probes.ClassTLS, "not trusted"},
		"not TLS":    {"https://" + speak(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad\r\n\r\n"); io.Copy(io.Discard, c) }), probes.Down, probes.ClassTLS, "not TLS"},
		"closed":     {"https://" + speak(t, func(net.Conn) {}), probes.Down, probes.ClassTLS, "during the TLS handshake"},
		"plain":      {serve(t, answer), probes.Down, probes.ClassAssertion, "without TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, get(t, test.url), ca.trusting(), &probes.Certificate{ValidFor: 14 * day})
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
			switch end := r.NotAfter; name {
			case "valid", "other host", "untrusted":
				if d := late.Sub(end); d < 0 || d > time.Second {
					t.Errorf("certificate ends %s, want %s", end, late)
				}
			case "expired":
				if end.IsZero() || end.After(time.Now()) {
					t.Errorf("certificate ends %s", end)
				}
			case "plain", "closed", "not TLS":
				if !end.IsZero() {
					t.Errorf("certificate ends %s", end)
				}
			}
		})
	}
	t.Run("no roots of ours", func(t *testing.T) {
		from := loopback()
		from.Roots = x509.NewCertPool()
		r := run(t, get(t, ca.serveTLS(t, "127.0.0.1", late, true, answer)), from)
		expect(t, r, probes.Unknown, probes.ClassLocal)
	})
}
