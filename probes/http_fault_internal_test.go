package probes

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"
)

// What a resolver or a network that fails does to a probe cannot be had on a
// loopback, so these look at the classification itself.
func TestConnectFaultsOfOthers(t *testing.T) {
	system := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
	}
	tried := func(errors ...error) (list []attempt) {
		for _, err := range errors {
			list = append(list, attempt{address: "192.0.2.1:443", err: err})
		}
		return list
	}
	for name, test := range map[string]struct {
		err   error
		tried []attempt
		want  ErrorClass
	}{
		"no such name":         {&net.DNSError{Err: "no such host", IsNotFound: true}, nil, ClassDNS},
		"resolver silent":      {&net.DNSError{Err: "i/o timeout", IsTimeout: true, IsTemporary: true}, nil, ClassLocal},
		"resolver failed":      {&net.DNSError{Err: "server misbehaving", IsTemporary: true}, nil, ClassLocal},
		"no network":           {system(syscall.ENETUNREACH), tried(system(syscall.ENETUNREACH)), ClassLocal},
		"no address":           {system(syscall.EADDRNOTAVAIL), tried(system(syscall.EADDRNOTAVAIL)), ClassLocal},
		"no descriptor":        {system(syscall.EMFILE), tried(system(syscall.EMFILE)), ClassLocal},
		"no descriptor at all": {system(syscall.ENFILE), tried(system(syscall.ENFILE)), ClassLocal},
		"firewall of ours":     {system(syscall.EPERM), tried(system(syscall.EPERM)), ClassLocal},
		"no attempt":           {system(syscall.EMFILE), nil, ClassLocal},
		"unheard of":           {system(syscall.EPROTO), tried(system(syscall.EPROTO)), ClassLocal},
		"refused":              {system(syscall.ECONNREFUSED), tried(system(syscall.ECONNREFUSED)), ClassConnect},
		"host gone":            {system(syscall.EHOSTUNREACH), tried(system(syscall.EHOSTUNREACH)), ClassConnect},
		"kernel's timeout":     {system(syscall.ETIMEDOUT), tried(system(syscall.ETIMEDOUT)), ClassConnect},
		"no IPv6, refused":     {system(syscall.ENETUNREACH), tried(system(syscall.ENETUNREACH), system(syscall.ECONNREFUSED)), ClassConnect},
		"forbidden, refused":   {&net.OpError{Err: &forbidden{netip.MustParseAddr("10.0.0.1")}}, tried(system(syscall.ECONNREFUSED)), ClassForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			x := &exchange{current: newHop(time.Now()), from: &Vantage{}}
			x.current.attempts = test.tried
			fault := x.connectFault(context.Background(), &url.URL{Host: "geo.example"}, test.err)
			if fault.Class != test.want {
				t.Errorf("class %q (%s), want %q", fault.Class, fault.Detail, test.want)
			}
			if ours := test.want == ClassLocal || test.want == ClassForbidden; (fault.Outcome() == Unknown) != ours {
				t.Errorf("outcome %s", fault.Outcome())
			}
		})
	}
}

// A resolver that is silent until the deadline is ours too.
func TestDeadlineDuringLookup(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	x := &exchange{current: newHop(time.Now()), from: &Vantage{}}
	x.current.lookup = true
	if fault := x.connectFault(ctx, &url.URL{Host: "geo.example"}, ctx.Err()); fault.Class != ClassLocal {
		t.Errorf("class %q (%s)", fault.Class, fault.Detail)
	}
	x.current.looked = time.Now()
	if fault := x.connectFault(ctx, &url.URL{Host: "geo.example"}, ctx.Err()); fault.Class != ClassTimeout {
		t.Errorf("class %q (%s)", fault.Class, fault.Detail)
	}
}
