package probes_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestBrowserFaults(t *testing.T) {
	ca := newAuthority(t)
	hello := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/private":
			http.Redirect(w, r, "http://10.1.2.3/", http.StatusFound)
		case "/attachment":
			w.Header().Set("Content-Disposition", "attachment; filename=a.html")
			hello(w, r)
		case "/binary":
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Write(make([]byte, 1<<20))
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/503":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/moved":
			io.WriteString(w, `<script>location.href = "http://nothing.invalid"</script>`+strings.Repeat("<p>", 500))
		case "/large":
			io.WriteString(w, strings.Repeat("<p>0123456789", 1000))
		}
	})
	for name, test := range map[string]struct {
		url     string
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"refused":      {strings.Replace(url, "127.0.0.1", "127.0.0.99", 1), probes.Down, probes.ClassConnect, "refused"},
		"closed":       {"http://" + speak(t, func(net.Conn) {}), probes.Down, probes.ClassConnect, "without a complete answer"},
		"no name":      {"http://nothing.invalid", probes.Down, probes.ClassDNS, "nothing.invalid does not resolve"},
		"private":      {"http://192.168.7.7", probes.Unknown, probes.ClassForbidden, "does not allow 192.168.7.7"},
		"to private":   {url + "/private", probes.Unknown, probes.ClassForbidden, "does not allow 10.1.2.3"},
		"to file":      {url + "/file", probes.Down, probes.ClassRedirect, "ERR_UNSAFE_REDIRECT"},
		"loop":         {url + "/loop", probes.Down, probes.ClassRedirect, "redirected without end"},
		"self-signed":  {ca.serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), true, hello), probes.Down, probes.ClassTLS, "ERR_CERT_AUTHORITY_INVALID"},
		"not TLS":      {"https" + strings.TrimPrefix(url, "http"), probes.Down, probes.ClassTLS, "ERR_SSL_PROTOCOL_ERROR"},
		"not HTTP":     {"http://" + speak(t, after("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")), probes.Down, probes.ClassProtocol, "ERR_RESPONSE_HEADERS"},
		"download":     {url + "/attachment", probes.Down, probes.ClassProtocol, "a download, or nothing"},
		"binary":       {url + "/binary", probes.Down, probes.ClassProtocol, "a download, or nothing"},
		"no content":   {url + "/empty", probes.Down, probes.ClassProtocol, "a download, or nothing"},
		"status":       {url + "/503", probes.Down, probes.ClassStatus, "status 503"},
		"moved away":   {url + "/moved", probes.Down, probes.ClassDNS, "nothing.invalid does not resolve"},
		"too large":    {url + "/large", probes.Unknown, probes.ClassSize, "raise max_body"},
		"no such path": {url + "/else", probes.Up, probes.ClassNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, open(t, test.url, func(b *probes.Browser) { b.MaxBody = 5000 }), loopback())
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
		})
	}
}

// A certificate of our own authority is one that only we know.
func TestBrowserDoesNotKnowOurRoots(t *testing.T) {
	ca := newAuthority(t)
	url := ca.serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), true, func(http.ResponseWriter, *http.Request) {})
	from := ca.trusting()
	expect(t, run(t, open(t, url), from), probes.Unknown, probes.ClassLocal)
}

func TestBrowserIsAbsent(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, path := range []string{"", "/nowhere/chromium"} {
		made, _ := probes.NewProber("browser")
		b := made.(*probes.Browser)
		b.URL, b.Executable = "https://www.example.org", path
		if err := b.Validate(); err != nil {
			t.Errorf("Validate: %v", err)
		}
		r := run(t, b, loopback())
		expect(t, r, probes.Unknown, probes.ClassLocal)
		if !strings.Contains(r.Detail, "no browser to open the page with") {
			t.Errorf("detail %q", r.Detail)
		}
	}
}

// A program that is no browser is our fault, and the reason is what it said.
func TestBrowserDoesNotStart(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho no display >&2; exit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	made, _ := probes.NewProber("browser")
	b := made.(*probes.Browser)
	b.URL, b.Executable = "https://www.example.org", path
	r := run(t, b, loopback())
	expect(t, r, probes.Unknown, probes.ClassLocal)
	if !strings.Contains(r.Detail, "did not start: no display") {
		t.Errorf("detail %q", r.Detail)
	}
	nothingLeft(t, os.TempDir())
}
