package probes_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestHTTPSendsItsSettings(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s %s %s|%s|%s|%s:%s|%s|%s", r.Method, r.URL, body, r.UserAgent(), r.Header.Get("X-Api-Key"),
			user, password, r.Host, r.Header.Get("Connection"))
	})
	h := get(t, strings.Replace(url, "://", "://jean:mot@", 1)+"/a%20b?q=1", func(h *probes.HTTP) {
		h.Method, h.Body = "post", "question"
		h.Headers = hidden("x-api-key", "abc", "Host", "geo.example")
	})
	o, err := h.Observe(t.Context(), loopback())
	if err != nil {
		t.Fatal(err)
	}
	want := "POST /a%20b?q=1 question|observatoire test (tests@example.org)|abc|jean:mot|geo.example|"
	if string(o.Body) != want {
		t.Errorf("the server saw %s, want %s", o.Body, want)
	}
	if o.Proto != "HTTP/1.1" || o.Status != 200 || strings.Contains(o.URL, "mot") {
		t.Errorf("proto %s, status %d, URL %s", o.Proto, o.Status, o.URL)
	}
}

func TestHTTPOpensAConnectionForEachRun(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) })
	h := get(t, url)
	var seen []string
	for range 2 {
		o, err := h.Observe(t.Context(), loopback())
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, string(o.Body))
	}
	if seen[0] == seen[1] {
		t.Errorf("both runs came from %s", seen[0])
	}
}

func TestHTTPIgnoresProxies(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	expect(t, run(t, get(t, url), loopback()), probes.Up, probes.ClassNone)
}

func TestHTTPResultHoldsTheFacts(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "bonjour") })
	before := time.Now()
	r := run(t, get(t, url), loopback())
	expect(t, r, probes.Up, probes.ClassNone)
	if r.Probe != "test/probe" || r.Vantage != "test" || r.Status != 200 || r.Size != 7 || "http://"+r.Remote != url {
		t.Errorf("%+v", r)
	}
	if r.Time.Nanosecond()%1e6 != 0 || r.Time.Before(before.Truncate(time.Millisecond)) || r.Time.After(time.Now()) {
		t.Errorf("time %s, want the millisecond in which it began", r.Time)
	}
	if len(r.Checks) != 1 || r.Checks[0].Assertion != "status is 200 to 299" || !r.Checks[0].Passed {
		t.Errorf("checks %+v", r.Checks)
	}
}

func TestHTTPReachesIPv6(t *testing.T) {
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6 loopback: %v", err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()
	r := run(t, get(t, server.URL), loopback())
	expect(t, r, probes.Up, probes.ClassNone)
	if !strings.HasPrefix(r.Remote, "[::1]:") {
		t.Errorf("remote %s", r.Remote)
	}
	expect(t, run(t, get(t, server.URL), &probes.Vantage{}), probes.Unknown, probes.ClassForbidden)
}

// The phases add up to the time on the wall, whatever the answer is like.
func TestPhasesAddUp(t *testing.T) {
	const pause = 40 * time.Millisecond
	ca := newAuthority(t)
	wait := func() { <-time.After(pause) }
	handler := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/from") {
			wait()
			http.Redirect(w, r, "/to", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusEarlyHints)
		wait()
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		wait()
		io.WriteString(w, "end")
	}
	year := time.Now().Add(365 * 24 * time.Hour)
	for name, test := range map[string]struct {
		url      string
		redirect bool
	}{
		"http":             {serve(t, handler) + "/to", false},
		"http, redirected": {serve(t, handler) + "/from", true},
		"by name":          {strings.Replace(serve(t, handler), "127.0.0.1", "localhost", 1) + "/to", false},
		"https":            {ca.serveTLS(t, "127.0.0.1", year, false, handler) + "/to", false},
		"http/2":           {ca.serveTLS(t, "127.0.0.1", year, true, handler) + "/from", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := get(t, test.url)
			measure := func() error {
				began := time.Now()
				r := run(t, h, ca.trusting())
				wall := time.Since(began)
				expect(t, r, probes.Up, probes.ClassNone)
				p := r.Phases
				if least := min(p.Redirect, p.DNS, p.Connect, p.TLS, p.Wait, p.Transfer); least < 0 {
					t.Errorf("phases %+v, one of them negative", p)
				}
				if p.Connect == 0 || (p.TLS > 0) != strings.HasPrefix(test.url, "https") || (p.DNS > 0) != strings.Contains(test.url, "localhost") {
					t.Errorf("phases %+v of %s", p, test.url)
				}
				if gap := wall - p.Total(); gap < 0 || gap > 5*time.Millisecond {
					return fmt.Errorf("phases %+v add up to %s of %s", p, p.Total(), wall)
				}
				if p.Wait < pause || p.Transfer < pause-time.Millisecond || (p.Redirect >= pause) != test.redirect {
					return fmt.Errorf("phases %+v, want each pause of %s in its own", p, pause)
				}
				return nil
			}
			// A busy machine may hold up a run between two phases.
			var err error
			for range 10 {
				if err = measure(); err == nil {
					return
				}
			}
			t.Error(err)
		})
	}
}

func TestHTTP2(t *testing.T) {
	ca := newAuthority(t)
	url := ca.serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), true, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	})
	h := get(t, url)
	expect(t, run(t, h, ca.trusting(), &probes.Body{Contains: "HTTP/2.0"}), probes.Up, probes.ClassNone)
	o, err := h.Observe(t.Context(), ca.trusting())
	if err != nil || o.Proto != "HTTP/2.0" {
		t.Errorf("proto %s, %v", o.Proto, err)
	}
}

func TestBodyLimitIsExact(t *testing.T) {
	for _, zipped := range []bool{false, true} {
		for size, want := range map[int]probes.ErrorClass{0: probes.ClassNone, 999: probes.ClassNone, 1000: probes.ClassNone, 1001: probes.ClassSize} {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				text := bytes.Repeat([]byte("x"), size)
				if !zipped {
					w.(http.Flusher).Flush() // so that no length is announced
					w.Write(text)
					return
				}
				if r.Header.Get("Accept-Encoding") != "gzip" {
					t.Error("gzip is not asked for")
				}
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				z.Write(text)
				z.Close()
			})
			r := run(t, get(t, url, func(h *probes.HTTP) { h.MaxBody = 1000 }), loopback())
			if r.Class != want || want == probes.ClassNone && r.Size != int64(size) {
				t.Errorf("gzip %t, %d bytes: class %q, size %d", zipped, size, r.Class, r.Size)
			}
		}
	}
}

func TestHead(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", "5000000")
	})
	r := run(t, get(t, url, func(h *probes.HTTP) { h.Method = "HEAD" }), loopback())
	expect(t, r, probes.Up, probes.ClassNone)
}

func TestProbersAreSafeForConcurrentUse(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"a":1}`) })
	probe := probes.Probe{
		Prober: &probes.HTTP{URL: url}, Timeout: 20 * time.Second, // not validated: the first run compiles it
		Expectations: critical(&probes.JSON{Path: "$.a", Matches: ""}, &probes.Body{Matches: "a"}),
	}
	results := make(chan probes.Result)
	for range 8 {
		go func() { results <- probe.Run(context.Background(), loopback()) }()
	}
	for range 8 {
		if r := <-results; r.Outcome != probes.Up {
			t.Errorf("%s: %s", r.Outcome, r.Detail)
		}
	}
}
