package probes

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// wire is the exchange of a kind that speaks something other than HTTP: with
// the look-up, the network policy, the phases and the faults of an exchange of
// HTTP.
type wire struct {
	*exchange
	to *url.URL // only its host is set, with a port
}

// newWire returns a wire to the address, of the form "host:port". The plan is
// for a kind that begins with a request of HTTP.
func newWire(from *Vantage, p plan, address string) *wire {
	return &wire{exchange: exchangeOf(p, from), to: &url.URL{Host: address}}
}

// over makes one connection and leaves it to the talk, which is over when the
// connection is closed. Where the name and
// the protocols of TLS are given, it is spoken on it.
func (w *wire) over(ctx context.Context, network string, secure *tls.Config, talk func(net.Conn) *Fault) *Fault {
	if fault := w.from.excluded(w.to.Hostname()); fault != nil {
		w.end()
		return fault
	}
	conn, err := w.dialer.DialContext(w.current.trace(ctx), network, w.to.Host)
	if err != nil {
		return w.connectFault(ctx, w.to, err)
	}
	defer conn.Close()
	defer w.end() // before the connection is closed, which may take its time
	w.current.connectedTo(conn)
	w.observed.Remote = w.current.remote
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	if secure != nil {
		secured, fault := w.secure(ctx, conn, secure)
		if fault != nil {
			return fault
		}
		conn = secured
	}
	w.current.handshakeDone(secure != nil)
	return talk(conn)
}

// secure makes the handshake, as an exchange of HTTP does but for the name and
// the protocols that are asked for.
func (w *wire) secure(ctx context.Context, conn net.Conn, asked *tls.Config) (net.Conn, *Fault) {
	config := w.transport.TLSClientConfig.Clone()
	config.ServerName, config.NextProtos = cmp.Or(asked.ServerName, w.to.Hostname()), asked.NextProtos
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, w.connectFault(ctx, &url.URL{Host: hostOnly(config.ServerName)}, err)
	}
	state := secured.ConnectionState()
	w.observed.TLS = &state
	return secured, nil
}

// again makes what follows the next connection of the same exchange; what came
// before it is in one phase, as redirects are.
func (w *wire) again() {
	w.end()
	w.redirect += w.ended.Sub(w.current.began)
	w.current, w.ended = newHop(w.ended), time.Time{}
}

// done returns what was observed.
func (w *wire) done(fault *Fault) (Observation, error) {
	w.end()
	w.observed.Phases = w.phases()
	if fault != nil {
		return w.observed, fault
	}
	return w.observed, nil
}

// brokenFault says why the connection gave no complete answer in the protocol.
func (w *wire) brokenFault(ctx context.Context, err error, protocol string) *Fault {
	w.end()
	if fault := w.stopped(ctx, err); fault != nil {
		return fault
	}
	switch {
	case isAny(err, localErrors):
		return faultf(ClassLocal, err, "our system failed during the exchange: %v", root(err))
	case errors.Is(err, syscall.ECONNREFUSED): // a datagram came back
		return faultf(ClassConnect, err, "connection to %s refused", w.observed.Remote)
	case errors.Is(err, syscall.EHOSTUNREACH):
		return faultf(ClassConnect, err, "no route to the host %s", w.observed.Remote)
	case isAny(err, brokenErrors):
		return faultf(ClassConnect, err, "connection closed without a complete answer")
	}
	return faultf(ClassProtocol, err, "the answer is not valid %s: %v", protocol, root(err))
}

// settingsFault is that of a probe which is run though its settings are wrong.
func settingsFault(err error) *Fault {
	return faultf(ClassLocal, err, "the probe's settings are wrong")
}

// heard is a connection that notes when its answer begins. Each Read returns to
// the one that asked before the next is made, as with every [net.Conn].
type heard struct {
	net.Conn
	by    *hop
	begun bool
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 && !h.begun {
		h.begun = true
		h.by.answered()
	}
	return n, err
}

// boundedConn is a connection of which so much is read and no more: it fails
// with errTooLarge, whatever the frames of a protocol are made of.
type boundedConn struct {
	net.Conn
	read boundedReader
}

func newBoundedConn(conn net.Conn, limit int64) *boundedConn {
	return &boundedConn{Conn: conn, read: boundedReader{from: conn, left: limit}}
}

func (c *boundedConn) Read(p []byte) (int, error) { return c.read.Read(p) }

// prefixed names the setting that an error is about.
func prefixed(setting string, err error) error { return fmt.Errorf("%s: %w", setting, err) }

// hostOnly writes a host as a URL has it.
func hostOnly(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
		return "[" + host + "]"
	}
	return host
}

// checkAddress reports what is wrong with an address of the form "host:port".
func checkAddress(address string) error {
	if address == "" {
		return errors.New("required: want a form such as service.example.fr:443")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not of a form such as service.example.fr:443", address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return errors.New("the port must be from 1 to 65535")
	}
	return checkHost(host)
}

// checkHost reports what is wrong with a name or an IP address.
func checkHost(host string) error {
	const longest = 253 // of a name, by RFC 1035
	if host == "" {
		return errors.New("required: has no host")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 0x80:
			return errors.New("the host must be in ASCII, such as xn--dmarches-b1a.example")
		case c <= ' ' || c == 0x7f || c == '/' || c == '@' || c == ':' || c == '[' || c == ']' || c == '?' || c == '#' || c == '%':
			return fmt.Errorf("the host must not hold %q", c)
		}
	}
	if len(host) > longest {
		return fmt.Errorf("the host is longer than %d characters", longest)
	}
	return nil
}

// unsaidFault is that of a plain answer which does not say what it should.
func unsaidFault(what, contains, matches string, found []byte) *Fault {
	return faultf(ClassAssertion, nil, "%s: expected: %s; found: %s", what, strings.Join(wantedText(contains, matches), " and "), quoted(found))
}

// quoted returns the beginning of what was found, for readers.
func quoted(found []byte) string {
	const shown = 60
	text := string(found[:min(len(found), shown)])
	if len(found) > shown {
		return strconv.Quote(text) + "…"
	}
	return strconv.Quote(text)
}
