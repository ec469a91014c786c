package probes

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// resolver returns the address of a resolver that answers with the code; a
// negative one stands for silence.
func resolver(t *testing.T, code int) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, done := make(chan struct{}), make(chan struct{})
	server := &dns.Server{PacketConn: conn, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if code < 0 {
			return
		}
		m := new(dns.Msg).SetRcode(q, code)
		if code == dns.RcodeSuccess {
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}, A: net.IPv4(192, 0, 2, 1)}}
		}
		w.WriteMsg(m)
	})}
	go func() { defer close(done); server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { server.Shutdown(); <-done })
	return conn.LocalAddr().String()
}

// What the system's resolvers do cannot be set from outside, so this stands in
// for them. Their faults are ours, and the network policy is not for them: the
// vantage point may reach nothing private.
func TestSystemResolvers(t *testing.T) {
	list := func(codes ...int) func() ([]string, error) {
		var servers []string
		for _, code := range codes {
			servers = append(servers, resolver(t, code))
		}
		return func() ([]string, error) { return servers, nil }
	}
	const silent = -1
	for name, test := range map[string]struct {
		resolvers func() ([]string, error)
		class     ErrorClass
		detail    string
	}{
		"answers":             {list(dns.RcodeSuccess), ClassNone, ""},
		"second answers":      {list(dns.RcodeServerFailure, dns.RcodeSuccess), ClassNone, ""},
		"first is silent":     {list(silent, dns.RcodeSuccess), ClassNone, ""},
		"no such name":        {list(dns.RcodeNameError, dns.RcodeSuccess), ClassDNS, "does not exist"},
		"failed":              {list(dns.RcodeServerFailure), ClassLocal, "our resolver could not answer for a.example (SERVFAIL)"},
		"refused":             {list(dns.RcodeRefused), ClassLocal, "REFUSED"},
		"silent":              {list(silent), ClassLocal, "no first byte"},
		"all silent":          {list(silent, silent), ClassLocal, "no first byte"},
		"nothing listens":     {func() ([]string, error) { return []string{"127.0.0.1:1"}, nil }, ClassLocal, "refused"},
		"none":                {func() ([]string, error) { return nil, nil }, ClassLocal, "no resolver to ask"},
		"file cannot be read": {func() ([]string, error) { return nil, errors.New("no file") }, ClassLocal, "no resolver to ask: no file"},
	} {
		t.Run(name, func(t *testing.T) {
			probe := &DNS{Name: "a.example"}
			if err := probe.Validate(); err != nil {
				t.Fatal(err)
			}
			probe.plan.resolvers = test.resolvers
			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
			defer cancel()
			o, err := probe.Observe(ctx, &Vantage{})
			if test.class == ClassNone {
				if err != nil || o.Facts["count"] != 1 {
					t.Fatalf("error %v, facts %v", err, o.Facts)
				}
				return
			}
			fault, ok := errors.AsType[*Fault](err)
			if !ok || fault.Class != test.class || !strings.Contains(fault.Detail, test.detail) {
				t.Errorf("fault %v, want class %s and %q in it", err, test.class, test.detail)
			}
		})
	}
}
