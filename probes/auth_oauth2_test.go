package probes_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/secret"
)

// guarded returns a prober of an API that takes the token "ticket-N" where N is
// what valid holds, which the token server gives.
func guarded(t *testing.T, valid *atomic.Int64, desk http.HandlerFunc) *probes.HTTP {
	t.Helper()
	api := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer ticket-%d", valid.Load()) {
			w.WriteHeader(http.StatusUnauthorized)
		}
		io.WriteString(w, r.Header.Get("Authorization"))
	})
	return get(t, api, with(probes.Auth{OAuth2: &probes.OAuth2{
		TokenURL: serve(t, desk) + "/token", ClientID: "observatoire", ClientSecret: secret.New("hunter2-hunter2"), Scopes: []string{"read", "list"},
	}}))
}

func giving(w http.ResponseWriter, answer string) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, answer)
}

func TestOAuth2KeepsItsToken(t *testing.T) {
	var valid, asked atomic.Int64
	h := guarded(t, &valid, func(w http.ResponseWriter, r *http.Request) {
		id, password, _ := r.BasicAuth()
		if r.ParseForm(); r.Form.Get("grant_type") != "client_credentials" || r.Form.Get("scope") != "read list" || id != "observatoire" || password != "hunter2-hunter2" {
			t.Errorf("asked with %v by %s", r.Form, id)
		}
		if r.UserAgent() != "observatoire test (tests@example.org)" {
			t.Errorf("asked by %s", r.UserAgent())
		}
		giving(w, fmt.Sprintf(`{"access_token": "ticket-%d", "token_type": "Bearer", "expires_in": 3600}`, asked.Add(1)))
	})
	valid.Store(1)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if r := run(t, h, loopback()); r.Outcome != probes.Up {
				t.Errorf("%+v", r)
			}
		})
	}
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("%d tokens for 5 runs", n)
	}
	// The API withdraws it: this run says so, and the next one has another.
	valid.Store(2)
	expect(t, run(t, h, loopback()), probes.Unknown, probes.ClassRight)
	expect(t, run(t, h, loopback()), probes.Up, probes.ClassNone)
	if n := asked.Load(); n != 2 {
		t.Errorf("%d tokens asked for, want 2", n)
	}
	// The token is as secret as what it was got with.
	r := run(t, h, loopback(), &probes.Header{Name: "Content-Length", Equals: "0"}, &probes.Body{Contains: "ticket-2-"})
	if shown := fmt.Sprintf("%+v", r); strings.Contains(shown, "ticket-2") {
		t.Errorf("shows the token: %s", shown)
	}
}

// A token is used until shortly before its end, which for a short one is a
// fifth of its life.
func TestOAuth2RenewsItsToken(t *testing.T) {
	for name, test := range map[string]struct {
		lasts string
		again int64
	}{"short": {`"expires_in": 1`, 1}, "over": {`"expires_in": -5`, 0}, "long": {`"expires_in": "99999999999"`, 1}, "without": {`"scope": "x"`, 1}} {
		t.Run(name, func(t *testing.T) {
			var valid, asked atomic.Int64
			valid.Store(1)
			h := guarded(t, &valid, func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				giving(w, `{"access_token": "ticket-1", `+test.lasts+`}`)
			})
			r := run(t, h, loopback())
			if test.again == 0 {
				expect(t, r, probes.Unknown, probes.ClassInconclusive)
				return
			}
			expect(t, r, probes.Up, probes.ClassNone)
			expect(t, run(t, h, loopback()), probes.Up, probes.ClassNone)
			if asked.Load() != test.again {
				t.Errorf("asked %d times", asked.Load())
			}
			if name == "short" {
				<-time.After(time.Second) // a server's clock, which no bubble holds
				expect(t, run(t, h, loopback()), probes.Up, probes.ClassNone)
				if asked.Load() != 2 {
					t.Errorf("asked %d times, want a second one", asked.Load())
				}
			}
		})
	}
}

// Whatever the token server does, it says nothing about the API.
func TestTokenServerFails(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	big := strings.Repeat("x", 20_000)
	for name, test := range map[string]struct {
		desk   http.HandlerFunc
		class  probes.ErrorClass
		detail string
		asked  int64 // at most
	}{
		"refuses":        {answer(401, `{"error": "invalid_client", "error_description": "hunter2-hunter2"}`), probes.ClassRight, "token server: refuses us: status 401 (invalid_client)", 2},
		"bad scope":      {answer(400, `{"error": "invalid_scope"}`), probes.ClassRight, "token server: refuses us: status 400 (invalid_scope)", 2},
		"refuses by 200": {answer(200, `{"error": "invalid_client"}`), probes.ClassRight, "token server: refuses us: status 200 (invalid_client)", 2},
		"forbidden":      {answer(403, `<html>`), probes.ClassRight, "token server: refuses us: status 403", 2},
		"odd error":      {answer(401, `{"error": "a b\u0000\n`+big+`"}`), probes.ClassRight, "token server: refuses us: status 401", 2},
		"quota":          {answer(429, ``), probes.ClassQuota, "token server: status 429", 1},
		"down":           {answer(503, `{}`), probes.ClassInconclusive, "token server: status 503", 1},
		"moved":          {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, probes.ClassInconclusive, "token server: status 302", 2},
		"no JSON":        {answer(200, `hunter2-hunter2`), probes.ClassInconclusive, "token server: its answer holds no token", 2},
		"no token":       {answer(200, `{"token_type": "Bearer"}`), probes.ClassInconclusive, "token server: its answer holds no token", 2},
		"two headers":    {answer(200, `{"access_token": "a\r\nX-Evil: 1"}`), probes.ClassInconclusive, "token server: its token has characters", 1},
		"large token":    {answer(200, `{"access_token": "`+big+`"}`), probes.ClassInconclusive, "token server: its token is larger", 1},
		"other type":     {answer(200, `{"access_token": "abcdefgh", "token_type": "MAC"}`), probes.ClassInconclusive, "token server: its token is not of the type bearer", 1},
		"endless":        {func(w http.ResponseWriter, r *http.Request) { pour(w, r) }, probes.ClassInconclusive, "token server: its answer is larger", 1},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"access_token"`)
		}, probes.ClassInconclusive, "token server: connection closed in the middle", 1},
	} {
		t.Run(name, func(t *testing.T) {
			var valid, asked atomic.Int64
			r := run(t, guarded(t, &valid, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); test.desk(w, r) }), loopback())
			expect(t, r, probes.Unknown, test.class)
			if !strings.HasPrefix(r.Detail, test.detail) || r.Phases.Total() != 0 || r.Time.IsZero() {
				t.Errorf("detail %q, want %q; phases %+v", r.Detail, test.detail, r.Phases)
			}
			if strings.Contains(r.Detail, "hunter2") {
				t.Errorf("shows the secret: %s", r.Detail)
			}
			if n := asked.Load(); n > test.asked {
				t.Errorf("asked %d times, want at most %d", n, test.asked)
			}
		})
	}
}

func pour(w http.ResponseWriter, r *http.Request) {
	part := []byte(strings.Repeat(" ", 64<<10))
	for r.Context().Err() == nil {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

// The ways in which a token server is out of reach.
func TestTokenServerOutOfReach(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	elsewhere := loopback()
	elsewhere.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	silent := speak(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	for name, test := range map[string]struct {
		url    string
		from   *probes.Vantage
		class  probes.ErrorClass
		detail string
	}{
		"refused":   {"http://" + listener.Addr().String(), loopback(), probes.ClassInconclusive, "token server: connection to 127.0.0.1"},
		"forbidden": {"http://127.0.0.2:1", elsewhere, probes.ClassForbidden, "token server: the network policy does not allow"},
		"silent":    {"http://" + silent, loopback(), probes.ClassInconclusive, "token server: no first byte after"},
		"not TLS":   {"https://" + speak(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); io.Copy(io.Discard, c) }), loopback(), probes.ClassInconclusive, "token server: answered the TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			h := get(t, serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the API was asked without a token") }),
				with(probes.Auth{OAuth2: &probes.OAuth2{TokenURL: test.url, ClientID: "a", ClientSecret: secret.New("hunter2-hunter2")}}))
			r := probes.Probe{ID: "a/b", Prober: h, Timeout: 300 * time.Millisecond}.Run(t.Context(), test.from)
			expect(t, r, probes.Unknown, test.class)
			if !strings.HasPrefix(r.Detail, test.detail) {
				t.Errorf("detail %q, want %q", r.Detail, test.detail)
			}
		})
	}
}

// A slow token server is no slow API: its time is in no phase, and that none is
// left afterwards is not held against the API.
func TestTokenTimeIsNotTheAPIs(t *testing.T) {
	const slow = 150 * time.Millisecond
	desk := func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(slow)
		giving(w, `{"access_token": "ticket-0"}`)
	}
	var valid atomic.Int64
	r := run(t, guarded(t, &valid, desk), loopback())
	expect(t, r, probes.Up, probes.ClassNone)
	if r.Phases.Total() > slow {
		t.Errorf("phases %+v hold the time of the token", r.Phases)
	}
	h := get(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
		with(probes.Auth{OAuth2: &probes.OAuth2{TokenURL: serve(t, desk), ClientID: "a", ClientSecret: secret.New("hunter2-hunter2")}}))
	late := probes.Probe{ID: "a/b", Prober: h, Timeout: 2 * slow}
	r = late.Run(t.Context(), loopback())
	expect(t, r, probes.Unknown, probes.ClassInconclusive)
	if !strings.Contains(r.Detail, "left the API too little time") {
		t.Error(r.Detail)
	}
	expect(t, late.Run(t.Context(), loopback()), probes.Down, probes.ClassTimeout) // the token is there
}
