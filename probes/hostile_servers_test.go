package probes_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/goleak"
	"golang.org/x/net/http2"

	"observatoire/probes"
)

// verdict is what must come out of a probe of a hostile server, and what that
// may cost at the most.
type verdict struct {
	outcome probes.Outcome
	class   probes.ErrorClass
	detail  string // is in the result's
	late    bool   // nothing but the deadline, then a short one, ends the run
	most    uint64 // bytes that are allocated, the server's own among them; 1 MB where it is 0
}

func up() verdict { return verdict{outcome: probes.Up} }

func down(class probes.ErrorClass, detail string) verdict {
	return verdict{outcome: probes.Down, class: class, detail: detail}
}

func unknown(class probes.ErrorClass, detail string) verdict {
	return verdict{outcome: probes.Unknown, class: class, detail: detail}
}

// late is the verdict on a server that is only stopped by the deadline.
func late(detail string) verdict {
	return verdict{outcome: probes.Down, class: probes.ClassTimeout, detail: detail, late: true}
}

func (v verdict) within(bytes uint64) verdict {
	v.most = bytes
	return v
}

// of probes once and checks the result, and that the run kept its bounds: it
// ended at its deadline, allocated so much and no more, and left no goroutine.
func (v verdict) of(t *testing.T, prober probes.Prober, from *probes.Vantage, assertions ...probes.Assertion) probes.Result {
	t.Helper()
	const slack = 2 * time.Second // beyond that a run says of itself that it was held up
	p := probes.Probe{ID: "test/hostile", Prober: prober, Expectations: critical(assertions...), Timeout: 20 * time.Second, Verbose: true}
	if v.late {
		p.Timeout = 300 * time.Millisecond
	}
	if v.most == 0 {
		v.most = 1 << 20
	}
	log.SetOutput(io.Discard) // net/http writes there what it makes of odd frames
	defer log.SetOutput(os.Stderr)
	there := goleak.IgnoreCurrent()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	r := p.Run(t.Context(), from)
	wall := time.Since(began)
	runtime.ReadMemStats(&after)
	if err := goleak.Find(there); err != nil {
		t.Errorf("goroutines are left: %v", err)
	}
	expect(t, r, v.outcome, v.class)
	if !strings.Contains(r.Detail, v.detail) {
		t.Errorf("detail %q, want %q in it", r.Detail, v.detail)
	}
	if len(r.Detail) > probes.MaxDetail || !utf8.ValidString(r.Detail) || strings.ContainsFunc(r.Detail, unicode.IsControl) {
		t.Errorf("detail %q cannot be shown", r.Detail)
	}
	if wall > p.Timeout+slack {
		t.Errorf("took %s of at most %s", wall, p.Timeout)
	}
	if total := r.Phases.Total(); total > wall || v.late && total < p.Timeout-50*time.Millisecond {
		t.Errorf("phases %+v add up to %s of %s", r.Phases, total, wall)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > v.most {
		t.Errorf("allocated %d bytes of at most %d", used, v.most)
	} else {
		t.Logf("%s %s: %s; %s, %d kB", r.Outcome, r.Class, r.Detail, wall.Round(time.Millisecond), used>>10)
	}
	return r
}

// inTurn has a server do one after the other on each connection.
func inTurn(deeds ...func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		for _, deed := range deeds {
			deed(c)
		}
	}
}

// hold says nothing until the other side goes.
func hold(c net.Conn) { io.Copy(io.Discard, c) }

// reset ends a connection without closing it in order.
func reset(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }

// dribble writes a byte at a time, ten a second, until the other side goes.
func dribble(text string) func(net.Conn) {
	return func(c net.Conn) {
		pace := time.NewTicker(100 * time.Millisecond)
		defer pace.Stop()
		for i := 0; ; i++ {
			if _, err := c.Write([]byte{text[i%len(text)]}); err != nil {
				return
			}
			<-pace.C
		}
	}
}

// fullBacklog returns an address where the system takes no more connections,
// and those it took are never accepted.
func fullBacklog(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	raw, err := listener.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) })
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		conn, err := net.DialTimeout("tcp", listener.Addr().String(), 200*time.Millisecond)
		if err != nil {
			return listener.Addr().String()
		}
		t.Cleanup(func() { conn.Close() })
	}
	const reason = "this system goes on taking connections for a listener that does not"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// leaf returns a certificate for the host, which ends at the time.
func (a *authority) leaf(t testing.TB, host string, notAfter time.Time) tls.Certificate {
	t.Helper()
	cert, _, _ := a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IPAddresses: addresses(host),
		NotBefore: time.Now().Add(-23 * time.Hour), NotAfter: notAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return cert
}

// intermediate returns an authority below this one.
func (a *authority) intermediate(t testing.TB) *authority {
	t.Helper()
	between := &authority{}
	_, between.cert, between.key = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Between"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(2400 * time.Hour),
	})
	return between
}

// frames is one connection of HTTP/2 on which a request has come.
type frames struct {
	*http2.Framer
	out    *bufio.Writer
	stream uint32        // of the request
	gone   chan struct{} // closed when the other side has gone
}

// head is the beginning of an answer that goes on: the status 200 in HPACK.
var head = []byte{0x88}

// begin writes the head of an answer that goes on.
func (f *frames) begin() error {
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: f.stream, BlockFragment: head, EndHeaders: true})
}

// wait sends what was written, and waits until the other side goes.
func (f *frames) wait() {
	f.out.Flush()
	<-f.gone
}

// storm does so again until the other side has had enough.
func (f *frames) storm(again func() error) {
	for again() == nil {
	}
}

// speakHTTP2 returns the URL of a server of HTTP/2 that reads a request and
// then does what it does. Unless it is deaf, it reads whatever comes after.
func (a *authority) speakHTTP2(t testing.TB, deaf bool, answer func(*frames)) string {
	config := &tls.Config{
		Certificates: []tls.Certificate{a.leaf(t, "127.0.0.1", time.Now().Add(time.Hour))},
		NextProtos:   []string{http2.NextProtoTLS},
	}
	return "https://" + speak(t, func(c net.Conn) {
		conn := tls.Server(c, config)
		if _, err := io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface))); err != nil {
			return
		}
		f := &frames{out: bufio.NewWriterSize(conn, 16<<10), gone: make(chan struct{})}
		f.Framer = http2.NewFramer(f.out, conn)
		f.AllowIllegalWrites = true
		if f.WriteSettings() != nil || f.out.Flush() != nil {
			return
		}
		for f.stream == 0 {
			got, err := f.ReadFrame()
			if err != nil {
				return
			}
			if got.Header().Type == http2.FrameHeaders {
				f.stream = got.Header().StreamID
			}
		}
		go func() {
			defer close(f.gone)
			if !deaf {
				hold(conn)
			}
		}()
		answer(f)
		f.out.Flush()
		c.Close()
		<-f.gone
	})
}

// redirecting returns the URL of a server that redirects to the address.
func redirecting(t testing.TB, to string) string {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
}
