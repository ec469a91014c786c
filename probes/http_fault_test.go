package probes_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// after reads the request, then writes the text.
func after(text string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			io.WriteString(conn, text)
		}
	}
}

func TestStopIsOurs(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() })
	h := get(t, url)
	r := probes.Probe{Prober: h, Timeout: 20 * time.Second}.Run(ctx, loopback())
	expect(t, r, probes.Unknown, probes.ClassLocal)
	r = probes.Probe{Prober: h, Timeout: 20 * time.Second}.Run(ctx, loopback())
	expect(t, r, probes.Unknown, probes.ClassLocal)
}

func TestConnectFaults(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, test := range map[string]struct {
		url     string
		outcome probes.Outcome
		class   probes.ErrorClass
	}{
		"refused":        {"http://" + closed.Addr().String(), probes.Down, probes.ClassConnect},
		"no such name":   {"http://service.invalid/", probes.Down, probes.ClassDNS},
		"private":        {"http://10.1.2.3/", probes.Unknown, probes.ClassForbidden},
		"metadata":       {"http://169.254.169.254/latest", probes.Unknown, probes.ClassForbidden},
		"mapped":         {"http://[::ffff:10.0.0.1]/", probes.Unknown, probes.ClassForbidden},
		"carrier":        {"http://100.64.0.1/", probes.Unknown, probes.ClassForbidden},
		"unique local":   {"http://[fd00::1]/", probes.Unknown, probes.ClassForbidden},
		"any address":    {"http://0.0.0.0/", probes.Unknown, probes.ClassForbidden},
		"NAT64, private": {"http://[64:ff9b::a00:1]/", probes.Unknown, probes.ClassForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no such name" {
				resolverAnswers(t)
			}
			expect(t, run(t, get(t, test.url), loopback()), test.outcome, test.class)
		})
	}
}

// resolverAnswers skips a test on a machine whose resolver cannot say that a
// name does not exist.
func resolverAnswers(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := (&net.Resolver{PreferGo: true}).LookupHost(ctx, "service.invalid")
	if d, ok := err.(*net.DNSError); !ok || !d.IsNotFound {
		t.Skipf("the resolver of this machine does not answer: %v", err)
	}
}

func TestOwnStatuses(t *testing.T) {
	for status, class := range map[int]probes.ErrorClass{401: probes.ClassRight, 403: probes.ClassRight, 429: probes.ClassQuota} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(status)
		})
		h := get(t, url)
		expect(t, run(t, h, loopback()), probes.Unknown, class)
		expect(t, run(t, h, loopback(), probes.Status{200}), probes.Unknown, class)
		expect(t, run(t, h, loopback(), probes.Status{200, status}), probes.Up, probes.ClassNone)
		listed := probes.Status{status}
		expect(t, run(t, h, loopback(), &listed), probes.Up, probes.ClassNone)
		expect(t, run(t, h, loopback(), &listed, &probes.Body{Contains: "x"}), probes.Down, probes.ClassAssertion)
		if r := run(t, h, loopback()); status == 429 && !strings.Contains(r.Detail, "retry after 30") {
			t.Errorf("detail %q", r.Detail)
		}
	}
}
