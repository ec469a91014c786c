package probes

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// Whether a system allows echo requests, and what a network does to them,
// cannot be set in a test, so this looks at the judgement itself.
func TestEchoes(t *testing.T) {
	system := func(errno syscall.Errno) error { return os.NewSyscallError("sendto", errno) }
	for name, test := range map[string]struct {
		echoes echoes
		err    error
		want   ErrorClass
		detail string
	}{
		"all came":      {echoes{listening: true, sent: 2, times: []time.Duration{1, 3}}, nil, ClassNone, ""},
		"one came":      {echoes{listening: true, sent: 2, times: []time.Duration{1}}, context.DeadlineExceeded, ClassNone, ""},
		"none came":     {echoes{listening: true, sent: 3, waited: time.Second}, context.DeadlineExceeded, ClassTimeout, "no reply to 3 echo requests after 1s"},
		"patience ends": {echoes{listening: true, sent: 1, waited: 3 * time.Second}, nil, ClassTimeout, "no reply to 1 echo request after 3s"},
		"not allowed":   {echoes{}, system(syscall.EPERM), ClassLocal, "unsupported here: the system allows echo requests neither to users (net.ipv4.ping_group_range) nor to the program (CAP_NET_RAW): operation not permitted"},
		"host gone":     {echoes{listening: true, failed: system(syscall.EHOSTUNREACH)}, nil, ClassConnect, "no route to the host a.example"},
		"firewall":      {echoes{listening: true, failed: system(syscall.EPERM)}, nil, ClassLocal, "we cannot send echo requests: operation not permitted"},
		"socket breaks": {echoes{listening: true, sent: 1}, system(syscall.ENOBUFS), ClassLocal, "we cannot receive echo replies: no buffer space available"},
	} {
		t.Run(name, func(t *testing.T) {
			fault := (&ICMP{Host: "a.example"}).judge(t.Context(), &test.echoes, test.err)
			if fault == nil {
				fault = &Fault{}
			}
			if fault.Class != test.want || fault.Detail != test.detail {
				t.Errorf("class %s, detail %q; want %s, %q", fault.Class, fault.Detail, test.want, test.detail)
			}
		})
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if fault := (&ICMP{}).judge(stopped, &echoes{listening: true, sent: 1}, errors.New("x")); fault.Class != ClassLocal {
		t.Errorf("our own stop is %s", fault.Class)
	}
	lost := echoes{sent: 4, times: []time.Duration{time.Millisecond, 2 * time.Millisecond, 6 * time.Millisecond}}
	facts := lost.facts()
	for name, want := range map[string]any{"sent": 4, "received": 3, "loss": 0.25, "rtt_min": 1.0, "rtt_mean": 3.0, "rtt_max": 6.0} {
		if facts[name] != want {
			t.Errorf("%s is %v, want %v", name, facts[name], want)
		}
	}
}
