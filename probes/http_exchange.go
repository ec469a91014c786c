package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// exchange is one run of an HTTP prober: a request and those that redirects
// lead to, one after the other, each on its own connection.
type exchange struct {
	plan plan
	from *Vantage

	transport http.Transport
	dialer    net.Dialer
	jar       *cookies // nil until a redirect sets a cookie, where none was given
	trusted   bool     // no redirect has led away from the configured host

	unproved atomic.Bool // a server wanted a certificate of ours, and got none

	current  *hop
	final    *url.URL      // where the final answer came from
	ended    time.Time     // the end of the current hop; zero while it lasts
	redirect time.Duration // all hops before the current one
	observed Observation
}

// newExchange makes a transport of its own: no connection is ever used again,
// so there is nothing to share, and the hooks need not find their exchange.
func newExchange(h *HTTP, from *Vantage) *exchange { return exchangeOf(h.plan, from) }

func exchangeOf(p plan, from *Vantage) *exchange {
	now := time.Now()
	x := &exchange{plan: p, from: from, trusted: true, current: newHop(now)}
	x.observed.Time, x.observed.secrets, x.observed.from = now, p.secrets, from
	x.dialer = net.Dialer{KeepAlive: -1, ControlContext: x.control, Resolver: &net.Resolver{PreferGo: true, Dial: askResolver}}
	x.transport = http.Transport{
		DialContext:            x.dial,
		TLSClientConfig:        &tls.Config{RootCAs: p.link.roots(from), MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // it is asked for, and undone under our bound
		MaxResponseHeaderBytes: maxHeaderBytes,
		WriteBufferSize:        1 << 10, // a request is small, and many may hang at once
	}
	x.transport.TLSClientConfig.GetClientCertificate = x.prove
	return x
}

// run makes the exchange and fills what was observed, but the phases.
func (x *exchange) run(ctx context.Context) *Fault {
	if fault := x.plan.link.expired(x.observed.Time); fault != nil {
		return fault
	}
	request := x.request(ctx, x.plan.method, x.plan.url)
	x.jar.send(request)
	for {
		next, fault := x.hop(ctx, request)
		x.end()
		if next != nil || x.observed.Redirects > 0 {
			x.observed.Hops = append(x.observed.Hops, x.current.summary(x.observed.URL, x.ended))
		}
		if fault != nil || next == nil {
			return fault
		}
		x.redirect += x.ended.Sub(x.current.began)
		x.current, x.ended = newHop(x.ended), time.Time{}
		x.observed.Redirects++
		request = next
	}
}

// end notes that the current hop is over; only the first call counts.
func (x *exchange) end() {
	if x.ended.IsZero() {
		x.ended = time.Now()
	}
}

func (x *exchange) phases() Phases {
	p := x.current.phases(x.ended)
	p.Redirect = x.redirect
	return p
}

// hop sends one request. It returns the next one where the answer is a
// redirect to follow.
func (x *exchange) hop(ctx context.Context, request *http.Request) (*http.Request, *Fault) {
	x.observed.Method, x.observed.URL = request.Method, x.shown(request.URL)
	if fault := x.from.excluded(request.URL.Hostname()); fault != nil {
		return nil, fault
	}
	ctx = x.current.trace(ctx)
	conn, err := x.transport.NewClientConn(ctx, request.URL.Scheme, address(request.URL))
	x.observed.Remote = x.current.remote
	if err != nil {
		return nil, x.connectFault(ctx, request.URL, err)
	}
	defer conn.Close()
	defer x.end() // before the connection is closed, which may take its time
	x.current.handshakeDone(request.URL.Scheme == "https")

	response, err := conn.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, x.answerFault(ctx, err)
	}
	defer func() { x.end(); response.Body.Close() }()
	x.current.answered()
	x.current.status = response.StatusCode
	if next, fault := x.next(request, response); next != nil || fault != nil {
		return next, fault
	}
	return nil, x.receive(ctx, request, response)
}

// receive observes the final answer.
func (x *exchange) receive(ctx context.Context, request *http.Request, response *http.Response) *Fault {
	if response.StatusCode == http.StatusSwitchingProtocols {
		return faultf(ClassProtocol, nil, "answered with a switch of protocols that was not asked for")
	}
	o := &x.observed
	o.Proto, o.Status, o.Header, o.TLS = response.Proto, response.StatusCode, response.Header, response.TLS
	x.jar.keep(request.URL, response)
	x.final = request.URL
	if request.Method != http.MethodHead && response.ContentLength > x.plan.maxBody {
		return x.tooLarge()
	}
	zipped := x.plan.header.Get("Accept-Encoding") == "" && strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip")
	body, err := readBody(response.Body, zipped, x.plan.maxBody)
	x.end()
	o.Body = body
	switch {
	case errors.Is(err, errTooLarge):
		return x.tooLarge()
	case err != nil:
		return x.answerFault(ctx, err)
	}
	return nil
}

func (x *exchange) tooLarge() *Fault {
	return faultf(ClassSize, errTooLarge, "the body is larger than the %s that the probe reads: raise max_body", Bytes(x.plan.maxBody))
}

// dial connects to one of the addresses of the host.
func (x *exchange) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if x.plan.link != nil {
		network = x.plan.link.network
	}
	conn, err := x.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	x.current.connectedTo(conn)
	polite := newPoliteConn(conn)
	if x.plan.maxBody > 0 {
		polite.most = 8*x.plan.maxBody + 8*maxHeaderBytes // with room for chunks of a byte, interim answers and trailers
	}
	return polite, nil
}

// control applies the network policy to an address that a name led to, just
// before it is connected to.
func (x *exchange) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !x.from.permits(to.Addr()) {
		return &forbidden{to.Addr().Unmap()}
	}
	return nil
}

// address returns host and port of the URL.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// prove shows our certificate to the configured host alone.
func (x *exchange) prove(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if !x.trusted || x.plan.link == nil || x.plan.link.proof == nil {
		x.unproved.Store(true)
		return new(tls.Certificate), nil
	}
	return x.plan.link.proof, nil
}

// shown returns a URL for readers.
func (x *exchange) shown(u *url.URL) string { return redact(u, x.plan.veiled) }
