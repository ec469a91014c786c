package probes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A browser trusts no authority of a test, so it is told the key of the server.
func TestBrowserOverTLS(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("no chromium on this machine")
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><title>private</title>`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	key := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	b, ok := browsers(1)().(*Browser)
	if !ok {
		t.Fatal("no browser")
	}
	b.URL, b.extra = server.URL, []string{"--ignore-certificate-errors-spki-list=" + base64.StdEncoding.EncodeToString(key[:])}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	o, err := b.Observe(ctx, &Vantage{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	if o.Proto != "HTTP/2.0" || o.Facts["title"] != "private" {
		t.Errorf("%s, title %q", o.Proto, o.Facts["title"])
	}
	if o.Phases.TLS <= 0 || o.Phases.Connect <= 0 || o.Phases.Wait <= 0 {
		t.Errorf("phases %+v", o.Phases)
	}
	if end := expiry(o.TLS); !end.Equal(server.Certificate().NotAfter) {
		t.Errorf("certificate until %s", end)
	}
}

func TestBrowserMessagesAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		size int
		over bool
	}{"at the bound": {maxMessage - 1, false}, "beyond": {maxMessage + 1, true}} {
		text := bytes.Repeat([]byte("x"), test.size)
		m := &boundedMessages{from: io.NopCloser(io.MultiReader(bytes.NewReader(text), bytes.NewReader([]byte{0}), bytes.NewReader(text[:1000])))}
		_, err := io.Copy(io.Discard, m)
		if errors.Is(err, errBrowserTalks) != test.over || m.over.Load() != test.over {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadSOCKS(t *testing.T) {
	const hello = "\x05\x01\x00"
	for name, test := range map[string]struct {
		asked, host string
		port        uint16
	}{
		"name":       {hello + "\x05\x01\x00\x03\x0bgeo.example\x01\xbb", "geo.example", 443},
		"IPv4":       {hello + "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50", "127.0.0.1", 80},
		"IPv6":       {hello + "\x05\x01\x00\x04" + strings.Repeat("\x00", 15) + "\x01\x00\x50", "::1", 80},
		"SOCKS 4":    {"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", "", 0},
		"bind":       {hello + "\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", "", 0},
		"no name":    {hello + "\x05\x01\x00\x03\x00\x01\xbb", "", 0},
		"no port":    {hello + "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x00", "", 0},
		"other type": {hello + "\x05\x01\x00\x09\x7f\x00\x00\x01\x00\x50", "", 0},
		"half":       {hello + "\x05\x01\x00\x03\x0bgeo", "", 0},
		"nothing":    {"", "", 0},
		"HTTP":       {"CONNECT geo.example:443 HTTP/1.1\r\n\r\n", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			host, port, err := readSOCKS(&talk{Reader: strings.NewReader(test.asked)})
			if host != test.host || port != test.port || (err == nil) != (test.host != "") {
				t.Errorf("%q %d %v", host, port, err)
			}
		})
	}
}

func FuzzReadSOCKS(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x05\x01\x00\x03\x0bgeo.example\x01\xbb"))
	f.Fuzz(func(t *testing.T, asked []byte) {
		conn := &talk{Reader: bytes.NewReader(asked)}
		host, port, err := readSOCKS(conn)
		if (err == nil) != (host != "" && port != 0) || len(host) > 255 || conn.Len() > 2 {
			t.Errorf("%q %d %v", host, port, err)
		}
	})
}

// talk is a connection whose other side says what Reader has.
type talk struct {
	io.Reader
	bytes.Buffer
}

func (t *talk) Read(p []byte) (int, error) { return t.Reader.Read(p) }

// The reasons of the browser name whose fault it is.
func TestBrowserReasons(t *testing.T) {
	for reason, want := range map[string]Outcome{
		"ERR_CERT_DATE_INVALID": Down, "ERR_SSL_PROTOCOL_ERROR": Down, "ERR_TOO_MANY_REDIRECTS": Down, "ERR_EMPTY_RESPONSE": Down,
		"ERR_HTTP2_PROTOCOL_ERROR": Down, "ERR_CONTENT_DECODING_FAILED": Down, "ERR_TIMED_OUT": Down,
		"ERR_INSUFFICIENT_RESOURCES": Unknown, "ERR_INTERNET_DISCONNECTED": Unknown, "ERR_OUT_OF_MEMORY": Unknown, "ERR_NEVER_HEARD_OF": Unknown,
		"ERR_SOCKS_CONNECTION_FAILED": Unknown, "ERR_NETWORK_CHANGED": Unknown,
	} {
		if class, _ := browserReason(reason, false); class.outcome() != want {
			t.Errorf("%s: %s", reason, class)
		}
	}
}
