package probes_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// after reads the request, then writes the text.
func after(text string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			io.WriteString(conn, text)
		}
	}
}

func TestAnswersThatBreakOff(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, test := range map[string]struct {
		answer func(net.Conn)
		class  probes.ErrorClass
		detail string
	}{
		"nothing":           {after(""), probes.ClassConnect, "without a complete answer"},
		"closed at once":    {func(net.Conn) {}, probes.ClassConnect, "without a complete answer"},
		"reset":             {func(c net.Conn) { after("")(c); c.(*net.TCPConn).SetLinger(0) }, probes.ClassConnect, "without a complete answer"},
		"half a head":       {after(ok + "Content-Length: 4\r\n"), probes.ClassConnect, "without a complete answer"},
		"half a body":       {after(ok + "Content-Length: 10\r\n\r\nhalf"), probes.ClassConnect, "after 4 bytes of body"},
		"half a chunk":      {after(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhal"), probes.ClassConnect, "in the middle"},
		"garbage":           {after("\x00\x01\x02 what is this\r\n\r\n"), probes.ClassProtocol, "not valid HTTP"},
		"speaks first":      {func(c net.Conn) { io.WriteString(c, "220 mail.example ESMTP\r\n"); after("")(c) }, probes.ClassProtocol, "not valid HTTP"},
		"bad chunk":         {after(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), probes.ClassProtocol, "not valid HTTP"},
		"bad length":        {after(ok + "Content-Length: -4\r\n\r\n"), probes.ClassProtocol, "not valid HTTP"},
		"not gzip":          {after(ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"), probes.ClassProtocol, "gzip"},
		"half of gzip":      {after(ok + "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4b\x4c"), probes.ClassProtocol, "gzip"},
		"switch":            {after("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), probes.ClassProtocol, "switch of protocols"},
		"interim for ever":  {after(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000)), probes.ClassProtocol, "too many interim"},
		"head without end":  {after(ok + strings.Repeat("X-Padding: "+strings.Repeat("x", 1000)+"\r\n", 1000)), probes.ClassProtocol, "headers exceeded"},
		"503 and half body": {after("HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\nhalf"), probes.ClassStatus, "status 503, expected 200 to 299"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, get(t, "http://"+speak(t, test.answer)), loopback())
			expect(t, r, probes.Down, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
		})
	}
}

func TestDeadlineNamesThePhase(t *testing.T) {
	const timeout = 300 * time.Millisecond
	stalled := func(before string) string {
		release := make(chan struct{})
		address := speak(t, func(c net.Conn) { after(before)(c); <-release })
		t.Cleanup(func() { close(release) }) // before speak's own end
		return "http://" + address
	}
	silent := func() string {
		release := make(chan struct{})
		address := speak(t, func(net.Conn) { <-release })
		t.Cleanup(func() { close(release) })
		return "https://" + address
	}
	for name, test := range map[string]struct{ url, detail string }{
		"handshake":  {silent(), "no TLS handshake after 300ms"},
		"first byte": {stalled(""), "no first byte after 300ms"},
		"half head":  {stalled("HTTP/1.1 200 OK\r\nContent-"), "no last byte after 300ms, 0 bytes of body read"},
		"interim":    {stalled("HTTP/1.1 103 Early Hints\r\n\r\n"), "no first byte after 300ms"},
		"last byte":  {stalled("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "no last byte after 300ms, 4 bytes of body read"},
		"redirected": {serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/slow", http.StatusFound)
				return
			}
			<-r.Context().Done()
		}), "no first byte after 300ms, having followed 1 redirect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			r := probes.Probe{Prober: get(t, test.url), Timeout: timeout}.Run(t.Context(), loopback())
			wall := time.Since(began)
			expect(t, r, probes.Down, probes.ClassTimeout)
			if r.Detail != test.detail {
				t.Errorf("detail %q, want %q", r.Detail, test.detail)
			}
			if wall > 10*timeout {
				t.Errorf("took %s of at most %s", wall, timeout)
			}
			if total := r.Phases.Total(); total < timeout-50*time.Millisecond || total > wall {
				t.Errorf("phases %+v add up to %s of %s", r.Phases, total, wall)
			}
		})
	}
}

func TestStopIsOurs(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() })
	h := get(t, url)
	r := probes.Probe{Prober: h, Timeout: 20 * time.Second}.Run(ctx, loopback())
	expect(t, r, probes.Unknown, probes.ClassLocal)
	r = probes.Probe{Prober: h, Timeout: 20 * time.Second}.Run(ctx, loopback())
	expect(t, r, probes.Unknown, probes.ClassLocal)
}

func TestConnectFaults(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, test := range map[string]struct {
		url     string
		outcome probes.Outcome
		class   probes.ErrorClass
	}{
		"refused":        {"http://" + closed.Addr().String(), probes.Down, probes.ClassConnect},
		"no such name":   {"http://service.invalid/", probes.Down, probes.ClassDNS},
		"private":        {"http://10.1.2.3/", probes.Unknown, probes.ClassForbidden},
		"metadata":       {"http://169.254.169.254/latest", probes.Unknown, probes.ClassForbidden},
		"mapped":         {"http://[::ffff:10.0.0.1]/", probes.Unknown, probes.ClassForbidden},
		"carrier":        {"http://100.64.0.1/", probes.Unknown, probes.ClassForbidden},
		"unique local":   {"http://[fd00::1]/", probes.Unknown, probes.ClassForbidden},
		"any address":    {"http://0.0.0.0/", probes.Unknown, probes.ClassForbidden},
		"NAT64, private": {"http://[64:ff9b::a00:1]/", probes.Unknown, probes.ClassForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no such name" {
				resolverAnswers(t)
			}
			expect(t, run(t, get(t, test.url), loopback()), test.outcome, test.class)
		})
	}
}

// resolverAnswers skips a test on a machine whose resolver cannot say that a
// name does not exist.
func resolverAnswers(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := (&net.Resolver{PreferGo: true}).LookupHost(ctx, "service.invalid")
	if d, ok := err.(*net.DNSError); !ok || !d.IsNotFound {
		t.Skipf("the resolver of this machine does not answer: %v", err)
	}
}

func TestOwnStatuses(t *testing.T) {
	for status, class := range map[int]probes.ErrorClass{401: probes.ClassRight, 403: probes.ClassRight, 429: probes.ClassQuota} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(status)
		})
		h := get(t, url)
		expect(t, run(t, h, loopback()), probes.Unknown, class)
		expect(t, run(t, h, loopback(), probes.Status{200}), probes.Unknown, class)
		expect(t, run(t, h, loopback(), probes.Status{200, status}), probes.Up, probes.ClassNone)
		listed := probes.Status{status}
		expect(t, run(t, h, loopback(), &listed), probes.Up, probes.ClassNone)
		expect(t, run(t, h, loopback(), &listed, &probes.Body{Contains: "x"}), probes.Down, probes.ClassAssertion)
		if r := run(t, h, loopback()); status == 429 && !strings.Contains(r.Detail, "retry after 30") {
			t.Errorf("detail %q", r.Detail)
		}
	}
}
