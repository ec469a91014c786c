package probes_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// briefly probes once with a deadline that a silent server reaches.
func briefly(t testing.TB, prober probes.Prober, from *probes.Vantage, assertions ...probes.Assertion) probes.Result {
	t.Helper()
	const timeout = 300 * time.Millisecond
	began := time.Now()
	r := probes.Probe{ID: "test/probe", Prober: prober, Expectations: critical(assertions...), Timeout: timeout}.Run(t.Context(), from)
	if took := time.Since(began); took > 10*timeout {
		t.Errorf("took %s of at most %s", took, timeout)
	}
	if total := r.Phases.Total(); total > time.Since(began) {
		t.Errorf("phases %+v add up to more than the %s that it took", r.Phases, time.Since(began))
	}
	return r
}

// probed probes once, briefly where the deadline is what ends it.
func probed(t *testing.T, prober probes.Prober, late bool) probes.Result {
	t.Helper()
	if late {
		return briefly(t, prober, loopback())
	}
	return run(t, prober, loopback())
}

// holding returns the address of a server that says the text at once and then
// holds the connection, silent.
func holding(t testing.TB, text string) string {
	t.Helper()
	release := make(chan struct{})
	address := speak(t, func(c net.Conn) { io.WriteString(c, text); <-release })
	t.Cleanup(func() { close(release) }) // before speak's own end
	return address
}

// wireEndless writes the text until the other side has had enough.
func wireEndless(text string) func(net.Conn) {
	return func(c net.Conn) {
		for again := []byte(text); ; {
			if _, err := c.Write(again); err != nil {
				return
			}
		}
	}
}

// refusing returns an address that nothing listens at.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return listener.Addr().String()
}

func TestTCP(t *testing.T) {
	echo := func(c net.Conn) {
		if line, err := bufio.NewReader(c).ReadString('\n'); err == nil {
			io.WriteString(c, "you said "+line)
		}
	}
	for name, test := range map[string]struct {
		probe   *probes.TCP
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
		size    int64
	}{
		"connects":            {&probes.TCP{Address: holding(t, "")}, probes.Up, probes.ClassNone, "", 0},
		"greets":              {&probes.TCP{Address: holding(t, "220 mail ESMTP\r\n"), Expect: "220 "}, probes.Up, probes.ClassNone, "", 16},
		"greets, pattern":     {&probes.TCP{Address: holding(t, "SSH-2.0-x\r\n"), Matches: `^SSH-\d`}, probes.Up, probes.ClassNone, "", 11},
		"asked":               {&probes.TCP{Address: speak(t, echo), Send: "PING\r\n", Expect: "said PING"}, probes.Up, probes.ClassNone, "", 15},
		"sends only":          {&probes.TCP{Address: holding(t, ""), Send: "x"}, probes.Up, probes.ClassNone, "", 0},
		"says another":        {&probes.TCP{Address: speak(t, echo), Send: "PING\r\n", Expect: "PONG"}, probes.Down, probes.ClassAssertion, `answer of 15 bytes: expected: contains "PONG"; found: "you said PING\r\n"`, 15},
		"another, and holds":  {&probes.TCP{Address: holding(t, "\xff\x00!"), Matches: "^220"}, probes.Down, probes.ClassAssertion, `answer of 3 bytes: expected: matches "^220"; found: "\xff\x00!"`, 3},
		"silent":              {&probes.TCP{Address: holding(t, ""), Expect: "220"}, probes.Down, probes.ClassTimeout, "no first byte after 300ms", 0},
		"endless":             {&probes.TCP{Address: speak(t, wireEndless("abc")), Expect: "d"}, probes.Down, probes.ClassAssertion, "the first 4 KiB of the answer", 4 << 10},
		"byte by byte":        {&probes.TCP{Address: speak(t, wireEndless("a")), Matches: "(a*)*b"}, probes.Down, probes.ClassAssertion, "the first 4 KiB of the answer", 4 << 10},
		"closes":              {&probes.TCP{Address: speak(t, func(net.Conn) {}), Expect: "x"}, probes.Down, probes.ClassConnect, "connection closed without a complete answer", 0},
		"resets":              {&probes.TCP{Address: speak(t, func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }), Expect: "x"}, probes.Down, probes.ClassConnect, "connection", 0},
		"refuses":             {&probes.TCP{Address: refusing(t)}, probes.Down, probes.ClassConnect, "refused", 0},
		"private, by policy":  {&probes.TCP{Address: "10.1.2.3:22"}, probes.Unknown, probes.ClassForbidden, "network policy", 0},
		"metadata, by policy": {&probes.TCP{Address: "[::ffff:169.254.169.254]:80"}, probes.Unknown, probes.ClassForbidden, "network policy", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.probe.Validate(); err != nil {
				t.Fatal(err)
			}
			r := probed(t, test.probe, test.class == probes.ClassTimeout || name == "another, and holds")
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) || r.Size != test.size {
				t.Errorf("detail %q, want %q in it; %d bytes read, want %d", r.Detail, test.detail, r.Size, test.size)
			}
			if r.Outcome == probes.Up && (r.Remote != test.probe.Address || r.Phases.Connect == 0) {
				t.Errorf("remote %q, phases %+v", r.Remote, r.Phases)
			}
		})
	}
}

// What is read may be judged by the assertions on a body too, and the wait for
// it is told from its transfer.
func TestTCPObservation(t *testing.T) {
	const pause = 50 * time.Millisecond
	address := speak(t, func(c net.Conn) {
		timer := time.NewTimer(pause)
		<-timer.C
		io.WriteString(c, "+PONG")
	})
	r := briefly(t, &probes.TCP{Address: address, Expect: "PONG"}, loopback(), &probes.Body{Contains: "+"})
	expect(t, r, probes.Up, probes.ClassNone)
	if r.Phases.Wait < pause-r.Phases.Connect-time.Millisecond || r.Phases.TLS != 0 || r.Status != 0 {
		t.Errorf("phases %+v, status %d", r.Phases, r.Status)
	}
}

func TestKindsOfTheWireCheckTheirSettings(t *testing.T) {
	for name, test := range map[string]struct {
		kind probes.Validator
		want []string
	}{
		"tcp":             {&probes.TCP{Address: "a.example", Matches: "("}, []string{"address: ", "matches: "}},
		"tcp, port":       {&probes.TCP{Address: "a.example:0"}, []string{"address: the port"}},
		"tcp, no host":    {&probes.TCP{Address: ":25"}, []string{"address: required"}},
		"tcp, accent":     {&probes.TCP{Address: "démarches.example:25"}, []string{"address: the host must be in ASCII"}},
		"tls, url":        {&probes.TLS{Address: "https://a.example", ServerName: "a b"}, []string{"address: ", "server_name: the host must not hold"}},
		"tls":             {&probes.TLS{Address: strings.Repeat("a", 300) + ":443"}, []string{"address: the host is longer"}},
		"dns":             {&probes.DNS{}, []string{"name: required"}},
		"dns, all":        {&probes.DNS{Name: "a..example", Type: "PTR", Transport: "quic", Server: "a b"}, []string{"name: ", "type: ", "transport: ", "server: "}},
		"dns, expect":     {&probes.DNS{Name: "a.example", Type: "aaaa", Expect: []string{"::1", "one"}}, []string{"expect: [1]: "}},
		"icmp":            {&probes.ICMP{Host: "http://a", Count: 11}, []string{"host: ", "count: must be from 1 to 10"}},
		"grpc":            {&probes.GRPC{Address: "a.example:99999"}, []string{"address: the port"}},
		"websocket":       {&probes.WebSocket{URL: "https://a.example", Matches: "["}, []string{"url: must begin with ws:// or wss://", "matches: "}},
		"websocket, host": {&probes.WebSocket{URL: "wss:///x"}, []string{"url: has no host"}},
		"websocket, own":  {&probes.WebSocket{URL: "ws://a", Headers: hidden("upgrade", "h2c", "sec-websocket-key", "x", "X", "a\nb")}, []string{"headers: Upgrade is set", "headers: Sec-Websocket-Key is set", "headers: X: has"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.kind.Validate()
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.want) {
				t.Errorf("%d faults, want %d: %v", len(lines), len(test.want), err)
			}
			for _, want := range test.want {
				if !strings.HasPrefix(err.Error(), want) && !strings.Contains(err.Error(), "\n"+want) {
					t.Errorf("no fault begins with %q: %v", want, err)
				}
			}
			expect(t, briefly(t, test.kind.(probes.Prober), loopback()), probes.Unknown, probes.ClassLocal)
		})
	}
}

func TestTargetsOfTheWire(t *testing.T) {
	for want, kind := range map[string]probes.Targeted{
		"tcp://a.example:25":                   &probes.TCP{Address: "a.example:25"},
		"tls://a.example:443":                  &probes.TLS{Address: "a.example:443"},
		"dns://ns.example/a.example?type=MX":   &probes.DNS{Name: "a.example", Type: "mx", Server: "ns.example"},
		"dns:a.example?type=A":                 &probes.DNS{Name: "a.example"},
		"icmp://[2001:db8::1]":                 &probes.ICMP{Host: "2001:db8::1"},
		"grpc://a.example:443/pkg.Service":     &probes.GRPC{Address: "a.example:443", Service: "pkg.Service"},
		"wss://a.example/live?token=***&lang=": &probes.WebSocket{URL: "wss://u:secret@a.example/live?token=secret&lang="},
		"":                                     &probes.WebSocket{URL: "gopher://secret"},
	} {
		if got := kind.Target(); got != want {
			t.Errorf("target %q, want %q", got, want)
		}
	}
}

func FuzzTCPAnswer(f *testing.F) {
	f.Add([]byte("220 mail\r\n"), "220")
	f.Add([]byte{0xff, 0}, "")
	f.Fuzz(func(t *testing.T, answer []byte, wanted string) {
		if wanted == "" || len(answer) > 4<<10 {
			return
		}
		r := run(t, &probes.TCP{Address: speak(t, func(c net.Conn) { c.Write(answer) }), Expect: wanted}, loopback())
		if (r.Outcome == probes.Up) != bytes.Contains(answer, []byte(wanted)) {
			t.Errorf("%q is %s for %q: %s", answer, r.Outcome, wanted, r.Detail)
		}
	})
}
