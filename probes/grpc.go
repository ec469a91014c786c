package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpctls "google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// GRPC asks a service for its health by the standard protocol of gRPC
// (grpc.health.v1).
type GRPC struct {
	Address string `yaml:"address" doc:"host and port, such as grpc.example.fr:443" required:"true"`
	Service string `yaml:"service" doc:"name of the service whose health is asked for; that of the server when it is not given"`
	TLS     bool   `yaml:"tls" doc:"whether TLS is spoken"`

	once sync.Once
	err  error
}

const (
	maxHealth       = 16 << 10  // bytes of the answer, and of its headers: a health is a number
	maxConversation = 256 << 10 // bytes of all frames
)

func newGRPC() Prober { return &GRPC{TLS: true} }

// Validate checks the settings.
func (g *GRPC) Validate() error {
	g.once.Do(func() {
		if err := checkAddress(g.Address); err != nil {
			g.err = prefixed("address", err)
		}
	})
	return g.err
}

// Target returns the address as a URI.
func (g *GRPC) Target() string {
	if g.Service == "" {
		return "grpc://" + g.Address
	}
	return "grpc://" + g.Address + "/" + g.Service
}

// Observe implements [Prober]. Wait is that for the whole answer, which is one
// small message. The facts are code, such as "OK", and health, such as
// "SERVING".
func (g *GRPC) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := g.Validate(); err != nil {
		return Observation{}, settingsFault(err)
	}
	w := newWire(from, plan{}, g.Address)
	w.observed.URL, w.observed.Proto = g.Target(), "grpc"
	var secure *tls.Config
	if g.TLS {
		secure = &tls.Config{NextProtos: []string{"h2"}}
	}
	return w.done(w.over(ctx, "tcp", secure, func(conn net.Conn) *Fault { return g.talk(ctx, w, conn) }))
}

func (g *GRPC) talk(ctx context.Context, w *wire, conn net.Conn) *Fault {
	watched := &watchedConn{Conn: newBoundedConn(conn, maxConversation)}
	client, err := g.client(w, watched)
	if err != nil {
		return faultf(ClassLocal, err, "the client of gRPC cannot be made: %v", err)
	}
	defer func() { w.end(); client.Close() }()
	answer, err := grpc_health_v1.NewHealthClient(client).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: g.Service})
	code := status.Code(err)
	o := &w.observed
	o.Facts = map[string]any{"code": code.String()}
	if err != nil {
		return g.callFault(ctx, w, watched.failure(), status.Convert(err))
	}
	w.current.answered()
	w.end()
	health := answer.GetStatus()
	o.Facts["health"] = health.String()
	if health != grpc_health_v1.HealthCheckResponse_SERVING {
		return faultf(ClassStatus, nil, "health is %s, expected SERVING", health)
	}
	return nil
}

// client returns a client on the connection, which is the only one it gets.
func (g *GRPC) client(w *wire, conn net.Conn) (*grpc.ClientConn, error) {
	secured := insecure.NewCredentials()
	if w.observed.TLS != nil {
		secured = established{grpctls.NewTLS(nil), *w.observed.TLS}
	}
	spare := make(chan net.Conn, 1)
	spare <- conn
	agent := w.from.UserAgent
	if agent == "" {
		agent = "observatoire"
	}
	return grpc.NewClient("passthrough:///"+g.Address,
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
			select {
			case conn := <-spare:
				return conn, nil
			default:
				return nil, errors.New("the connection is gone")
			}
		}),
		grpc.WithTransportCredentials(secured), grpc.WithUserAgent(agent), grpc.WithAuthority(g.Address),
		grpc.WithNoProxy(), grpc.WithDisableRetry(), grpc.WithDisableServiceConfig(), grpc.WithIdleTimeout(0),
		grpc.WithMaxHeaderListSize(maxHealth), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxHealth)),
		grpc.WithReadBufferSize(4<<10), grpc.WithWriteBufferSize(4<<10),
	)
}

// callFault says why there is no health. What happened to the connection, where
// anything did, says more than the code that the client made of it.
func (g *GRPC) callFault(ctx context.Context, w *wire, broken error, said *status.Status) *Fault {
	w.end()
	err := said.Err()
	if fault := w.stopped(ctx, context.DeadlineExceeded); fault != nil {
		return fault
	}
	if errors.Is(broken, errTooLarge) {
		return faultf(ClassProtocol, broken, "the server said more than %d KiB without an answer", maxConversation>>10)
	}
	if broken != nil && isAny(broken, slices.Concat(brokenErrors, localErrors)) {
		return w.brokenFault(ctx, broken, "gRPC")
	}
	text := said.Message()
	switch said.Code() {
	case codes.Unauthenticated, codes.PermissionDenied:
		return faultf(ClassRight, err, "we have no right to ask (%s): %s", said.Code(), text)
	case codes.Unimplemented:
		return faultf(ClassInconclusive, err, "the server does not offer the health protocol: %s", text)
	case codes.NotFound:
		return faultf(ClassStatus, err, "the server does not know the service %q", g.Service)
	case codes.ResourceExhausted:
		if strings.Contains(text, "larger than max") {
			return faultf(ClassProtocol, err, "the answer is not a health: %s", text)
		}
		return faultf(ClassQuota, err, "we asked more often than the service allows: %s", text)
	case codes.DeadlineExceeded:
		return faultf(ClassTimeout, err, "the server ran out of time: %s", text)
	}
	for _, ours := range []string{"connection error", "error reading from server", "malformed", "unexpected content-type", "stream terminated by RST_STREAM"} {
		if strings.Contains(text, ours) { // the client found it, no server said it
			return faultf(ClassProtocol, err, "the answer is not valid gRPC: %s", text)
		}
	}
	return faultf(ClassStatus, err, "answered with the code %s: %s", said.Code(), text)
}

// established are credentials for a connection whose handshake was made.
type established struct {
	grpctls.TransportCredentials
	state tls.ConnectionState
}

func (e established) ClientHandshake(_ context.Context, _ string, conn net.Conn) (net.Conn, grpctls.AuthInfo, error) {
	return conn, grpctls.TLSInfo{
		State: e.state, CommonAuthInfo: grpctls.CommonAuthInfo{SecurityLevel: grpctls.PrivacyAndIntegrity},
	}, nil
}

func (e established) Clone() grpctls.TransportCredentials { return e }

// watchedConn remembers what broke it, before we closed it.
type watchedConn struct {
	net.Conn
	mu     sync.Mutex
	failed error
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.note(err)
	return n, err
}

func (c *watchedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.note(err)
	return n, err
}

func (c *watchedConn) note(err error) {
	if err == nil || errors.Is(err, net.ErrClosed) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = err
	}
}

func (c *watchedConn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}
