package probes

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"observatoire/secret"
)

// WebSocket opens a WebSocket, may send a message, and may wait for one that
// holds a text. Without expect and matches, an open one is all that is asked
// for. It follows no redirects.
type WebSocket struct {
	URL     string                  `yaml:"url" doc:"address, ws:// or wss://" required:"true"`
	Headers map[string]secret.Value `yaml:"headers" doc:"headers of the request that opens it; their values are never shown"`
	Send    string                  `yaml:"send" doc:"text message to send once it is open"`
	Expect  string                  `yaml:"expect" doc:"text that one of the first 10 messages holds"`
	Matches string                  `yaml:"matches" doc:"regular expression (RE2) that matches in one of the first 10 messages"`

	once    sync.Once
	opening HTTP // the request that opens it
	err     error
	matches pattern
}

const (
	mostMessages   = 10
	largestMessage = 64 << 10
	maxSocket      = 1 << 20 // bytes of all frames, those before the first message included
	mostPings      = 1000
	goodbye        = 500 * time.Millisecond // for the other side to close too
)

func newWebSocket() Prober { return new(WebSocket) }

// Validate checks the settings.
func (s *WebSocket) Validate() error {
	s.once.Do(func() { s.err = s.compile() })
	return s.err
}

func (s *WebSocket) compile() error {
	var faults []error
	s.opening.Headers, s.opening.URL = s.Headers, asHTTP(s.URL)
	if _, err := url.Parse(s.URL); s.URL != "" && (s.opening.URL == "" || err != nil) {
		faults = append(faults, errors.New("url: must begin with ws:// or wss:// and be a valid address"))
	} else {
		faults = append(faults, s.opening.Validate())
	}
	for name := range s.Headers {
		canonical := http.CanonicalHeaderKey(name)
		if strings.HasPrefix(canonical, "Sec-Websocket-") || slices.Contains([]string{"Connection", "Upgrade"}, canonical) {
			faults = append(faults, fmt.Errorf("headers: %s is set by the handshake", canonical))
		}
	}
	if _, err := s.matches.compile(s.Matches); err != nil {
		faults = append(faults, prefixed("matches", err))
	}
	return errors.Join(faults...)
}

// asHTTP returns the address of the request that opens a WebSocket; nothing
// where it is not the address of one.
func asHTTP(address string) string {
	if rest, ok := strings.CutPrefix(address, "ws"); ok && (strings.HasPrefix(rest, "://") || strings.HasPrefix(rest, "s://")) {
		return "http" + rest
	}
	return ""
}

// Target returns the URL without user, and without what looks like a secret.
func (s *WebSocket) Target() string {
	opening := HTTP{URL: asHTTP(s.URL)}
	if rest, ok := strings.CutPrefix(opening.Target(), "http"); ok {
		return "ws" + rest
	}
	return ""
}

// String returns the target, so that printing a prober shows no secret.
func (s *WebSocket) String() string { return "websocket " + s.Target() }

func (s *WebSocket) secretTexts() []string {
	if s.Validate() != nil {
		return nil
	}
	return s.opening.secretTexts()
}

// Observe implements [Prober]. Wait is that for the answer which opens the
// WebSocket, Transfer the time of the messages. The status is that of an answer
// which did not open it; the body is the last message that was read. The facts
// are messages, how many were read, and reply, the milliseconds from sending to
// the message that was wanted.
func (s *WebSocket) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := s.Validate(); err != nil {
		return Observation{}, settingsFault(err)
	}
	w := newWire(from, s.opening.plan, address(s.opening.plan.url))
	w.observed.URL, w.observed.Proto = s.Target(), "websocket"
	var secure *tls.Config
	if s.opening.plan.url.Scheme == "https" {
		secure = &tls.Config{NextProtos: []string{"http/1.1"}}
	}
	return w.done(w.over(ctx, "tcp", secure, func(conn net.Conn) *Fault { return s.talk(ctx, w, conn) }))
}

func (s *WebSocket) talk(ctx context.Context, w *wire, conn net.Conn) (fault *Fault) {
	socket, fault := s.open(ctx, w, newBoundedConn(conn, maxSocket))
	if fault != nil {
		return fault
	}
	defer func() {
		w.end()
		if fault != nil {
			socket.CloseNow()
			return
		}
		conn.SetDeadline(time.Now().Add(goodbye))
		socket.Close(websocket.StatusNormalClosure, "") // what is wrong with it now does not matter
	}()
	socket.SetReadLimit(largestMessage)
	began := time.Now()
	if s.Send != "" {
		if err := socket.Write(ctx, websocket.MessageText, []byte(s.Send)); err != nil {
			return w.brokenFault(ctx, err, "WebSocket")
		}
	}
	if s.Expect == "" && s.Matches == "" {
		return nil
	}
	return s.await(ctx, w, socket, began)
}

// open makes the request on the connection.
func (s *WebSocket) open(ctx context.Context, w *wire, conn net.Conn) (*websocket.Conn, *Fault) {
	hand := func(context.Context, string, string) (net.Conn, error) { return newPoliteConn(conn), nil }
	request := w.request(ctx, http.MethodGet, w.plan.url)
	request.Header.Del("Accept-Encoding")
	pings := 0
	patient := func(context.Context, []byte) bool {
		if pings++; pings > mostPings {
			conn.Close()
		}
		return pings <= mostPings
	}
	socket, answer, err := websocket.Dial(w.current.trace(ctx), w.plan.url.String(), &websocket.DialOptions{
		HTTPHeader: request.Header, Host: request.Host,
		OnPingReceived: patient, OnPongReceived: func(ctx context.Context, b []byte) { patient(ctx, b) },
		HTTPClient: &http.Client{
			Transport: &http.Transport{
				DialContext: hand, DialTLSContext: hand, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeaderBytes,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
	o := &w.observed
	switch {
	case err == nil:
		o.Header = answer.Header
		return socket, nil
	case answer == nil:
		return nil, w.answerFault(ctx, err)
	case answer.StatusCode == http.StatusSwitchingProtocols:
		return nil, faultf(ClassProtocol, err, "the answer that opens it is not valid WebSocket: %v", root(err))
	}
	o.Status, o.Header = answer.StatusCode, answer.Header
	if answer.Body != nil {
		o.Body, _ = io.ReadAll(io.LimitReader(answer.Body, maxFirst)) // what is there of it
	}
	return nil, faultf(ClassStatus, err, "status %d, expected a WebSocket to be opened", answer.StatusCode)
}

// await reads messages until the wanted one is there.
func (s *WebSocket) await(ctx context.Context, w *wire, socket *websocket.Conn, began time.Time) *Fault {
	expression, err := s.matches.compile(s.Matches)
	if err != nil {
		return settingsFault(err)
	}
	o := &w.observed
	for n := range mostMessages {
		_, message, err := socket.Read(ctx)
		if err != nil {
			return s.readFault(ctx, w, n, err)
		}
		o.Body = message
		o.Facts = map[string]any{"messages": n + 1}
		if bytes.Contains(message, []byte(s.Expect)) && expression.Match(message) {
			o.Facts["reply"] = float64(time.Since(began)) / float64(time.Millisecond)
			return nil
		}
	}
	return unsaidFault(fmt.Sprintf("the first %d messages", mostMessages), s.Expect, s.Matches, o.Body)
}

// readFault says why there is no other message after n of them.
func (s *WebSocket) readFault(ctx context.Context, w *wire, n int, err error) *Fault {
	w.end()
	if errors.Is(err, websocket.ErrMessageTooBig) || errors.Is(err, errTooLarge) {
		return faultf(ClassSize, err, "a message is larger than the %d KiB that the probe reads, or all are than %d KiB", largestMessage>>10, maxSocket>>10)
	}
	fault := w.brokenFault(ctx, err, "WebSocket")
	closed, isClosed := errors.AsType[websocket.CloseError](err)
	switch {
	case fault.Outcome() != Down:
	case n > 0:
		return unsaidFault(plural(n, "message"), s.Expect, s.Matches, w.observed.Body)
	case fault.Class == ClassTimeout:
		fault.Detail = "opened, and no message before the deadline"
	case isClosed:
		return faultf(ClassConnect, err, "the server closed it with status %d %s", closed.Code, quoted([]byte(closed.Reason)))
	}
	return fault
}
