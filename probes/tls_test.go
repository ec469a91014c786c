package probes_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// handshaking returns the address of a server that makes the handshake and
// says nothing afterwards.
func handshaking(t *testing.T, config *tls.Config) string {
	t.Helper()
	return speak(t, func(c net.Conn) {
		if s := tls.Server(c, config); s.Handshake() == nil {
			io.Copy(io.Discard, s) // until the other side goes
		}
	})
}

func TestTLS(t *testing.T) {
	ca := newAuthority(t)
	const day = 24 * time.Hour
	late := time.Now().Add(100 * day)
	server := func(cert tls.Certificate, change func(*tls.Config)) string {
		config := &tls.Config{Certificates: []tls.Certificate{cert}}
		if change != nil {
			change(config)
		}
		return handshaking(t, config)
	}
	for name, test := range map[string]struct {
		probe   *probes.TLS
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"valid":          {&probes.TLS{Address: server(ca.leaf(t, "127.0.0.1", late), nil)}, probes.Up, probes.ClassNone, ""},
		"named":          {&probes.TLS{Address: server(ca.leaf(t, "ldap.example", late), nil), ServerName: "ldap.example"}, probes.Up, probes.ClassNone, ""},
		"soon ends":      {&probes.TLS{Address: server(ca.leaf(t, "127.0.0.1", time.Now().Add(5*day)), nil)}, probes.Down, probes.ClassAssertion, "expected at least 14 days"},
		"other name":     {&probes.TLS{Address: server(ca.leaf(t, "127.0.0.1", late), nil), ServerName: "ldap.example"}, probes.Down, probes.ClassTLS, "not for ldap.example"},
		"refuses":        {&probes.TLS{Address: refusing(t)}, probes.Down, probes.ClassConnect, "refused"},
		"by policy":      {&probes.TLS{Address: "192.168.1.1:443"}, probes.Unknown, probes.ClassForbidden, "network policy"},
		"by policy, any": {&probes.TLS{Address: "0.0.0.0:443"}, probes.Unknown, probes.ClassForbidden, "network policy"},
	} {
		t.Run(name, func(t *testing.T) {
			probing := run
			if test.class == probes.ClassTimeout {
				probing = briefly
			}
			r := probing(t, test.probe, ca.trusting(), &probes.Certificate{ValidFor: 14 * day})
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
			if r.Outcome == probes.Up && (r.Phases.TLS == 0 || r.NotAfter.IsZero() || r.Remote != test.probe.Address) {
				t.Errorf("phases %+v, certificate to %s, remote %s", r.Phases, r.NotAfter, r.Remote)
			}
		})
	}
}

func TestTLSFacts(t *testing.T) {
	ca := newAuthority(t)
	url := ca.serveTLS(t, "127.0.0.1", time.Now().Add(24*time.Hour), false, func(http.ResponseWriter, *http.Request) {})
	o, err := (&probes.TLS{Address: strings.TrimPrefix(url, "https://")}).Observe(t.Context(), ca.trusting())
	if err != nil {
		t.Fatal(err)
	}
	if o.Facts["version"] != "TLS 1.3" || o.Facts["chain"] != 1 || !strings.HasPrefix(o.Facts["cipher"].(string), "TLS_") {
		t.Errorf("facts %v", o.Facts)
	}
}
