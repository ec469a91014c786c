package probes_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"observatoire/probes"
	"observatoire/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loopback is a vantage point that may reach the servers of a test.
func loopback() *probes.Vantage {
	return &probes.Vantage{
		Name: "test", UserAgent: "observatoire test (tests@example.org)",
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	}
}

// serve returns the URL of a server of the handler.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// speak returns the address of a server that does with each connection what
// answer does, and then closes it.
func speak(t testing.TB, answer func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			answer(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

// hidden returns headers of a request from their names and values in turn.
func hidden(pairs ...string) map[string]secret.Value {
	headers := make(map[string]secret.Value)
	for pair := range slices.Chunk(pairs, 2) {
		headers[pair[0]] = secret.New(pair[1])
	}
	return headers
}

// get returns a prober of the URL with the default settings, changed by change.
func get(t testing.TB, url string, change ...func(*probes.HTTP)) *probes.HTTP {
	t.Helper()
	made, ok := probes.NewProber("http")
	if !ok {
		t.Fatal("there is no kind http")
	}
	h := made.(*probes.HTTP)
	h.URL = url
	for _, f := range change {
		f(h)
	}
	if err := h.Validate(); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	return h
}

func critical(assertions ...probes.Assertion) (list []probes.Expectation) {
	for _, a := range assertions {
		list = append(list, probes.Expectation{Assertion: a, Critical: true, Conclusive: true})
	}
	return list
}

// run probes the URL once with a deadline that no test comes near.
func run(t testing.TB, prober probes.Prober, from *probes.Vantage, assertions ...probes.Assertion) probes.Result {
	t.Helper()
	return probes.Probe{
		ID: "test/probe", Prober: prober, Expectations: critical(assertions...), Timeout: 20 * time.Second,
	}.Run(context.Background(), from)
}

func expect(t testing.TB, r probes.Result, outcome probes.Outcome, class probes.ErrorClass) {
	t.Helper()
	if r.Outcome != outcome || r.Class != class {
		t.Fatalf("outcome %s %q (%s), want %s %q", r.Outcome, r.Class, r.Detail, outcome, class)
	}
}

// authority signs the certificates of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	a := &authority{}
	_, a.cert, a.key = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(3650 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageCertSign,
	})
	return a
}

func (a *authority) sign(t testing.TB, template *x509.Certificate) (tls.Certificate, *x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = serial
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, cert, key
}

// serveTLS returns the URL of a server with a certificate of the authority for
// the host, which ends at the time.
func (a *authority) serveTLS(t testing.TB, host string, notAfter time.Time, http2 bool, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = http2
	server.TLS = &tls.Config{Certificates: []tls.Certificate{a.leaf(t, host, notAfter)}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func addresses(host string) []net.IP {
	if ip := net.ParseIP(host); ip != nil {
		return []net.IP{ip}
	}
	return nil
}

// trusting is the loopback vantage point with the authority as its only root.
func (a *authority) trusting() *probes.Vantage {
	v := loopback()
	v.Roots = x509.NewCertPool()
	v.Roots.AddCert(a.cert)
	return v
}
