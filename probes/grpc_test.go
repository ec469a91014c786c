package probes_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"observatoire/probes"
)

// healthServer returns the address of a server of gRPC with a health of its
// own; nil for none.
func healthServer(t *testing.T, answers grpc_health_v1.HealthServer, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	if answers != nil {
		grpc_health_v1.RegisterHealthServer(server, answers)
	}
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return listener.Addr().String()
}

// healthFunc answers each question about a health.
type healthFunc func(context.Context) (*grpc_health_v1.HealthCheckResponse, error)

func (f healthFunc) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return f(ctx)
}

func (healthFunc) List(context.Context, *grpc_health_v1.HealthListRequest) (*grpc_health_v1.HealthListResponse, error) {
	return nil, status.Error(codes.Unimplemented, "")
}

func (healthFunc) Watch(*grpc_health_v1.HealthCheckRequest, grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	return status.Error(codes.Unimplemented, "")
}

func TestGRPC(t *testing.T) {
	own := health.NewServer()
	own.SetServingStatus("demo.Up", grpc_health_v1.HealthCheckResponse_SERVING)
	own.SetServingStatus("demo.Down", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	server := healthServer(t, own)
	says := func(code codes.Code, text string) string {
		return healthServer(t, healthFunc(func(context.Context) (*grpc_health_v1.HealthCheckResponse, error) {
			return nil, status.Error(code, text)
		}))
	}
	const anyClass = probes.ErrorClass(255)                 // what is found first is a matter of luck
	const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00" // an empty frame of settings
	for name, test := range map[string]struct {
		address, service string
		outcome          probes.Outcome
		class            probes.ErrorClass
		detail           string
	}{
		"server":       {server, "", probes.Up, probes.ClassNone, ""},
		"service":      {server, "demo.Up", probes.Up, probes.ClassNone, ""},
		"not serving":  {server, "demo.Down", probes.Down, probes.ClassStatus, "health is NOT_SERVING, expected SERVING"},
		"no service":   {server, "demo.None", probes.Down, probes.ClassStatus, `does not know the service "demo.None"`},
		"no health":    {healthServer(t, nil), "", probes.Unknown, probes.ClassInconclusive, "does not offer the health protocol"},
		"no right":     {says(codes.PermissionDenied, "no"), "", probes.Unknown, probes.ClassRight, "PermissionDenied"},
		"who are you":  {says(codes.Unauthenticated, "no"), "", probes.Unknown, probes.ClassRight, "Unauthenticated"},
		"too often":    {says(codes.ResourceExhausted, "slow down"), "", probes.Unknown, probes.ClassQuota, "slow down"},
		"fails":        {says(codes.Internal, "oops"), "", probes.Down, probes.ClassStatus, "answered with the code Internal: oops"},
		"unavailable":  {says(codes.Unavailable, "starting"), "", probes.Down, probes.ClassStatus, "answered with the code Unavailable: starting"},
		"no time":      {says(codes.DeadlineExceeded, "late"), "", probes.Down, probes.ClassTimeout, "ran out of time"},
		"endless text": {says(codes.Internal, strings.Repeat("x", 1<<20)), "", probes.Down, probes.ClassProtocol, "not valid gRPC"},
		"endless head": {healthServer(t, healthFunc(func(ctx context.Context) (*grpc_health_v1.HealthCheckResponse, error) {
			return &grpc_health_v1.HealthCheckResponse{}, grpc.SetHeader(ctx, metadata.Pairs("x", strings.Repeat("x", 1<<20)))
		})), "", probes.Down, probes.ClassProtocol, "not valid gRPC"},
		"hangs": {healthServer(t, healthFunc(func(ctx context.Context) (*grpc_health_v1.HealthCheckResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})), "", probes.Down, probes.ClassTimeout, "no first byte after 300ms"},
		"silent":           {holding(t, ""), "", probes.Down, probes.ClassTimeout, "no first byte after 300ms"},
		"settings only":    {holding(t, settings), "", probes.Down, probes.ClassTimeout, "no first byte after 300ms"},
		"goes away":        {holding(t, settings+"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "", probes.Down, anyClass, ""},
		"closes":           {speak(t, func(net.Conn) {}), "", probes.Down, probes.ClassConnect, "connection"},
		"resets":           {speak(t, func(c net.Conn) { io.WriteString(c, settings); c.(*net.TCPConn).SetLinger(0) }), "", probes.Down, probes.ClassConnect, "connection"},
		"HTTP/1.1":         {holding(t, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), "", probes.Down, probes.ClassProtocol, "not valid gRPC"},
		"garbage":          {holding(t, strings.Repeat("\xff", 100)), "", probes.Down, probes.ClassProtocol, "not valid gRPC"},
		"garbage, later":   {holding(t, settings+strings.Repeat("\xff", 100)), "", probes.Down, probes.ClassProtocol, "not valid gRPC"},
		"settings endless": {speak(t, wireEndless(settings)), "", probes.Down, anyClass, ""},
		"refuses":          {refusing(t), "", probes.Down, probes.ClassConnect, "refused"},
		"by policy":        {"10.1.2.3:443", "", probes.Unknown, probes.ClassForbidden, "network policy"},
	} {
		t.Run(name, func(t *testing.T) {
			r := probed(t, &probes.GRPC{Address: test.address, Service: test.service}, test.class == probes.ClassTimeout)
			if test.class == anyClass {
				test.class = r.Class
			}
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
		})
	}
}

func TestGRPCOverTLS(t *testing.T) {
	ca := newAuthority(t)
	cert, _, _ := ca.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "health"}, IPAddresses: addresses("127.0.0.1"),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	var agent []string
	address := healthServer(t, healthFunc(func(ctx context.Context) (*grpc_health_v1.HealthCheckResponse, error) {
		asked, _ := metadata.FromIncomingContext(ctx)
		agent = asked.Get("user-agent")
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
	}), grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{cert}})))
	probe := &probes.GRPC{Address: address, TLS: true}
	o, err := probe.Observe(t.Context(), ca.trusting())
	if err != nil {
		t.Fatal(err)
	}
	if o.Facts["health"] != "SERVING" || o.Facts["code"] != "OK" || o.TLS == nil || o.Phases.TLS == 0 || o.Phases.Wait == 0 {
		t.Errorf("facts %v, TLS %v, phases %+v", o.Facts, o.TLS != nil, o.Phases)
	}
	if len(agent) != 1 || !strings.HasPrefix(agent[0], "observatoire test (tests@example.org)") {
		t.Errorf("user agent %q", agent)
	}
	expect(t, run(t, probe, ca.trusting(), &probes.Certificate{ValidFor: 24 * time.Hour}), probes.Up, probes.ClassNone)
	expect(t, run(t, probe, newAuthority(t).trusting()), probes.Down, probes.ClassTLS)
	expect(t, run(t, &probes.GRPC{Address: address}, ca.trusting()), probes.Down, probes.ClassConnect) // no TLS spoken
}
