package probes_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/secret"
)

// file writes a file and returns its name.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func certPEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// pair returns a certificate of the authority that ends at the time, and its
// key, both as PEM.
func (a *authority) pair(t *testing.T, name string, usage x509.ExtKeyUsage, notAfter time.Time) (cert, key string) {
	t.Helper()
	made, _, private := a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"}, IPAddresses: addresses("127.0.0.1"),
		NotBefore: time.Now().Add(-23 * time.Hour), NotAfter: notAfter, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	})
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return certPEM(made.Certificate[0]), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// proof returns the settings of a client certificate.
func (a *authority) proof(t *testing.T, notAfter time.Time) *probes.ClientCertificate {
	t.Helper()
	cert, key := a.pair(t, "observatoire", x509.ExtKeyUsageClientAuth, notAfter)
	return &probes.ClientCertificate{Cert: file(t, cert), Key: secret.New(key)}
}

// wanting returns the URL of a server that wants a certificate of the authority
// from its clients, and says which it got.
func (a *authority) wanting(t *testing.T, version uint16, http2 bool) string {
	t.Helper()
	cert, key := a.pair(t, "server", x509.ExtKeyUsageServerAuth, time.Now().Add(time.Hour))
	own, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.TLS.PeerCertificates[0].Subject.CommonName, r.Proto)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = http2
	server.TLS = &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MaxVersion: version}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestMutualTLS(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	late := time.Now().Add(time.Hour)
	for name, server := range map[string]struct {
		url   string
		proto string
	}{
		"TLS 1.2":         {ca.wanting(t, tls.VersionTLS12, false), "HTTP/1.1"},
		"TLS 1.3":         {ca.wanting(t, tls.VersionTLS13, false), "HTTP/1.1"},
		"TLS 1.2, HTTP/2": {ca.wanting(t, tls.VersionTLS12, true), "HTTP/2.0"},
		"TLS 1.3, HTTP/2": {ca.wanting(t, tls.VersionTLS13, true), "HTTP/2.0"},
	} {
		for what, test := range map[string]struct {
			proof  *probes.ClientCertificate
			class  probes.ErrorClass
			detail string
		}{
			"good":    {ca.proof(t, late), probes.ClassNone, ""},
			"none":    {nil, probes.ClassRight, "the server "},
			"unknown": {stranger.proof(t, late), probes.ClassRight, "the server "},
			"expired": {ca.proof(t, time.Now().Add(-time.Hour)), probes.ClassRight, "our client certificate expired on 20"},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				h := get(t, server.url, func(h *probes.HTTP) { h.ClientCertificate = test.proof })
				r := run(t, h, ca.trusting(), &probes.Body{Contains: "observatoire " + server.proto})
				if lost := map[string]probes.ErrorClass{"none": probes.ClassInconclusive, "unknown": probes.ClassConnect}[what]; lost != probes.ClassNone && r.Class == lost {
					return // the connection was reset before what the server said of it was read
				}
				if r.Class != test.class || !strings.HasPrefix(r.Detail, test.detail) {
					t.Errorf("%s %s: %s; want %s: %s", r.Outcome, r.Class, r.Detail, test.class, test.detail)
				}
			})
		}
	}
}

// A host that a redirect leads to is not shown who asks.
func TestClientCertificateGoesToNoOtherHost(t *testing.T) {
	ca := newAuthority(t)
	other := ca.wanting(t, tls.VersionTLS13, false)
	url := ca.serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), false, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other, http.StatusFound)
	})
	proof := ca.proof(t, time.Now().Add(time.Hour))
	r := run(t, get(t, url, func(h *probes.HTTP) { h.ClientCertificate = proof }), ca.trusting())
	if r.Outcome != probes.Unknown || r.Status != 0 {
		t.Errorf("%s %s: %s", r.Outcome, r.Class, r.Detail)
	}
}

func TestExtraRoots(t *testing.T) {
	ca, usual := newAuthority(t), newAuthority(t)
	url := ca.serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), true, func(http.ResponseWriter, *http.Request) {})
	trust := func(h *probes.HTTP) { h.CA = file(t, certPEM(ca.cert.Raw)) }
	for name, from := range map[string]*probes.Vantage{"system's": loopback(), "vantage's": usual.trusting(), "none": ca.trusting()} {
		h := get(t, url, trust)
		for range 2 {
			if r := run(t, h, from); r.Outcome != probes.Up {
				t.Errorf("%s: %s %s", name, r.Class, r.Detail)
			}
		}
	}
	expect(t, run(t, get(t, url), usual.trusting()), probes.Down, probes.ClassTLS)
	untouched := usual.trusting()
	run(t, get(t, url, trust), untouched)
	expect(t, run(t, get(t, url), untouched), probes.Down, probes.ClassTLS)
}

func TestClientCertificateFiles(t *testing.T) {
	ca := newAuthority(t)
	cert, key := ca.pair(t, "a", x509.ExtKeyUsageClientAuth, time.Now().Add(time.Hour))
	_, other := ca.pair(t, "b", x509.ExtKeyUsageClientAuth, time.Now().Add(time.Hour))
	for name, proof := range map[string]*probes.ClientCertificate{
		"another's": {Cert: file(t, cert), Key: secret.New(other)},
		"no key":    {Cert: file(t, cert), Key: secret.New("hunter2")},
		"broken":    {Cert: file(t, certPEM([]byte("hunter2"))), Key: secret.New(key)},
	} {
		if err := proof.Validate(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
