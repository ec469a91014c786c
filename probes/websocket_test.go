package probes_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"observatoire/probes"
)

// sockets returns the address of a server of WebSockets that does with each
// what talk does.
func sockets(t *testing.T, talk func(context.Context, *websocket.Conn)) string {
	t.Helper()
	url := serve(t, accepting(talk))
	return strings.Replace(url, "http", "ws", 1)
}

func accepting(talk func(context.Context, *websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		talk(r.Context(), c)
	}
}

func saying(messages ...string) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, c *websocket.Conn) {
		for _, m := range messages {
			if c.Write(ctx, websocket.MessageText, []byte(m)) != nil {
				return
			}
		}
		c.Read(ctx) // until the other side closes
	}
}

func echoing(ctx context.Context, c *websocket.Conn) {
	for {
		kind, message, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, append([]byte("echo "), message...)) != nil {
			return
		}
	}
}

func TestWebSocket(t *testing.T) {
	const opened = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	answer := func(status int) string {
		return strings.Replace(serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "ws://10.0.0.1/")
			w.WriteHeader(status)
			io.WriteString(w, "no")
		}), "http", "ws", 1)
	}
	raw := func(answer func(net.Conn)) string { return "ws://" + speak(t, answer) }
	for name, test := range map[string]struct {
		probe   *probes.WebSocket
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"opens":           {&probes.WebSocket{URL: sockets(t, saying())}, probes.Up, probes.ClassNone, ""},
		"echoes":          {&probes.WebSocket{URL: sockets(t, echoing), Send: "hello", Expect: "echo hello"}, probes.Up, probes.ClassNone, ""},
		"sends only":      {&probes.WebSocket{URL: sockets(t, echoing), Send: "hello"}, probes.Up, probes.ClassNone, ""},
		"third message":   {&probes.WebSocket{URL: sockets(t, saying("a", "b", `{"n": 3}`)), Matches: `"n": \d`}, probes.Up, probes.ClassNone, ""},
		"hangs up rudely": {&probes.WebSocket{URL: sockets(t, func(context.Context, *websocket.Conn) {})}, probes.Up, probes.ClassNone, ""},
		"says another":    {&probes.WebSocket{URL: sockets(t, saying("a")), Expect: "b"}, probes.Down, probes.ClassAssertion, `1 message: expected: contains "b"; found: "a"`},
		"says many":       {&probes.WebSocket{URL: sockets(t, saying(strings.Split("abcdefghijkl", "")...)), Expect: "z"}, probes.Down, probes.ClassAssertion, "the first 10 messages"},
		"silent":          {&probes.WebSocket{URL: sockets(t, saying()), Expect: "b"}, probes.Down, probes.ClassTimeout, "opened, and no message"},
		"closes": {&probes.WebSocket{URL: sockets(t, func(_ context.Context, c *websocket.Conn) {
			c.Close(websocket.StatusInternalError, "broken\x1b[0m")
		}), Expect: "b"}, probes.Down, probes.ClassConnect, `closed it with status 1011 "broken\x1b[0m"`},
		"breaks":           {&probes.WebSocket{URL: sockets(t, func(context.Context, *websocket.Conn) {}), Expect: "b"}, probes.Down, probes.ClassConnect, "closed"},
		"message too long": {&probes.WebSocket{URL: sockets(t, saying(strings.Repeat("x", 65<<10))), Expect: "b"}, probes.Unknown, probes.ClassSize, "larger than the 64 KiB"},
		"not found":        {&probes.WebSocket{URL: answer(404)}, probes.Down, probes.ClassStatus, "status 404"},
		"plain page":       {&probes.WebSocket{URL: answer(200)}, probes.Down, probes.ClassStatus, "status 200, expected a WebSocket"},
		"redirect":         {&probes.WebSocket{URL: answer(302)}, probes.Down, probes.ClassStatus, "status 302"},
		"quota":            {&probes.WebSocket{URL: answer(429)}, probes.Unknown, probes.ClassQuota, "status 429"},
		"no right":         {&probes.WebSocket{URL: answer(403)}, probes.Unknown, probes.ClassRight, "status 403"},
		"wrong accept":     {&probes.WebSocket{URL: raw(after(opened + "Sec-WebSocket-Accept: x\r\n\r\n"))}, probes.Down, probes.ClassProtocol, "not valid WebSocket"},
		"other upgrade":    {&probes.WebSocket{URL: raw(after("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"))}, probes.Down, probes.ClassProtocol, "not valid WebSocket"},
		"garbage":          {&probes.WebSocket{URL: raw(after("\x00\x01 what is this\r\n\r\n"))}, probes.Down, probes.ClassProtocol, "not valid HTTP"},
		"speaks first":     {&probes.WebSocket{URL: raw(func(c net.Conn) { io.WriteString(c, "220 mail\r\n"); after("")(c) })}, probes.Down, probes.ClassProtocol, "not valid HTTP"},
		"never answers":    {&probes.WebSocket{URL: "ws://" + holding(t, "")}, probes.Down, probes.ClassTimeout, "no first byte after 300ms"},
		"closes at once":   {&probes.WebSocket{URL: raw(func(net.Conn) {})}, probes.Down, probes.ClassConnect, "closed"},
		"endless head":     {&probes.WebSocket{URL: raw(wireEndless("HTTP/1.1 101 x\r\nX: " + strings.Repeat("x", 4000)))}, probes.Down, probes.ClassProtocol, "not valid HTTP"},
		"endless interim":  {&probes.WebSocket{URL: raw(wireEndless("HTTP/1.1 103 Early Hints\r\n\r\n"))}, probes.Down, probes.ClassProtocol, "too many interim"},
		"no TLS":           {&probes.WebSocket{URL: "wss://" + holding(t, "HTTP/1.1 400 Bad Request\r\n\r\n")}, probes.Down, probes.ClassTLS, "not TLS"},
		"refuses":          {&probes.WebSocket{URL: "ws://" + refusing(t)}, probes.Down, probes.ClassConnect, "refused"},
		"by policy":        {&probes.WebSocket{URL: "ws://192.168.1.1/"}, probes.Unknown, probes.ClassForbidden, "network policy"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.probe.Validate(); err != nil {
				t.Fatal(err)
			}
			r := probed(t, test.probe, test.class == probes.ClassTimeout || name == "says another")
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) && test.class != probes.ClassStatus {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
			if _, err := test.probe.Observe(timed(t), loopback()); err != nil && test.class == probes.ClassStatus && !strings.Contains(err.Error(), test.detail) {
				t.Errorf("fault %q, want %q in it", err, test.detail)
			}
		})
	}
}

func timed(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// Frames that the protocol does not allow, and those that never end.
func TestWebSocketFrames(t *testing.T) {
	framed := func(talk func(net.Conn)) string {
		return strings.Replace(serve(t, func(w http.ResponseWriter, r *http.Request) {
			// The library makes the answer; what follows is written by hand.
			c, err := websocket.Accept(hijacked{w, talk}, r, nil)
			if err == nil {
				c.CloseNow()
			}
		}), "http", "ws", 1)
	}
	for name, test := range map[string]struct {
		talk    func(net.Conn)
		outcome probes.Outcome
		class   probes.ErrorClass
	}{
		"reserved bits":  {func(c net.Conn) { io.WriteString(c, "\xf1\x01x") }, probes.Down, probes.ClassProtocol},
		"unknown kind":   {func(c net.Conn) { io.WriteString(c, "\x83\x01x") }, probes.Down, probes.ClassProtocol},
		"huge announced": {func(c net.Conn) { io.WriteString(c, "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx") }, probes.Down, probes.ClassConnect},
		"endless fragments": {func(c net.Conn) {
			io.WriteString(c, "\x01\x01x")
			wireEndless("\x00\x7e\x10\x00" + strings.Repeat("x", 4096))(c)
		}, probes.Unknown, probes.ClassSize},
		"endless pings":   {wireEndless("\x89\x00"), probes.Down, probes.ClassConnect},
		"endless pongs":   {wireEndless("\x8a\x00"), probes.Down, probes.ClassConnect},
		"endless nothing": {func(c net.Conn) { io.WriteString(c, "\x01\x01x"); wireEndless(strings.Repeat("\x00\x00", 1000))(c) }, probes.Unknown, probes.ClassSize},
		"half a frame":    {func(c net.Conn) { io.WriteString(c, "\x81\x05he") }, probes.Down, probes.ClassConnect},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, &probes.WebSocket{URL: framed(test.talk), Expect: "!"}, loopback())
			expect(t, r, test.outcome, test.class)
		})
	}
}

// hijacked gives the connection to the talk as soon as the answer is written.
type hijacked struct {
	http.ResponseWriter
	talk func(net.Conn)
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := h.ResponseWriter.(http.Hijacker).Hijack()
	if err != nil {
		return nil, nil, err
	}
	buffered.Flush()
	drained := make(chan struct{})
	go func() { defer close(drained); io.Copy(io.Discard, conn) }() // the pongs
	h.talk(conn)
	conn.Close()
	<-drained
	return conn, buffered, nil
}

func TestWebSocketOverTLSKeepsItsSecrets(t *testing.T) {
	const secret = "s3cr3t-jeton"
	ca := newAuthority(t)
	url := ca.serveTLS(t, "127.0.0.1", time.Now().Add(24*time.Hour), true, func(w http.ResponseWriter, r *http.Request) {
		accepting(saying(fmt.Sprintf("%s %s %s", r.UserAgent(), r.Header.Get("X-Api-Key"), r.URL.Query().Get("token"))))(w, r)
	})
	probe := &probes.WebSocket{URL: strings.Replace(url, "https", "wss", 1) + "/live?token=" + secret, Headers: hidden("X-Api-Key", secret), Expect: "observatoire test"}
	o, err := probe.Observe(t.Context(), ca.trusting())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(o.Body), secret+" "+secret) || o.Facts["messages"] != 1 || o.Facts["reply"].(float64) <= 0 || o.TLS == nil {
		t.Errorf("message %q, facts %v", o.Body, o.Facts)
	}
	probe = &probes.WebSocket{URL: probe.URL, Headers: probe.Headers, Expect: "another"}
	r := briefly(t, probe, ca.trusting())
	expect(t, r, probes.Down, probes.ClassAssertion)
	if shown := fmt.Sprintf("%+v %v %+v %s %s", r, probe, probe, probe, o.URL); strings.Contains(shown, secret) || !strings.Contains(shown, "***") {
		t.Errorf("shows the secret: %s", shown)
	}
	expect(t, run(t, probe, newAuthority(t).trusting()), probes.Down, probes.ClassTLS)
}
