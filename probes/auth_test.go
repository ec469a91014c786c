package probes_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"observatoire/probes"
	"observatoire/secret"
)

func with(a probes.Auth) func(*probes.HTTP) { return func(h *probes.HTTP) { h.Auth = &a } }

// echo answers with everything that a request says of who asks.
func echo(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s|%s|%s", r.Header.Get("Authorization"), r.Header.Get("X-Key"), r.URL.RawQuery)
}

func TestAuth(t *testing.T) {
	key := secret.New("a key/with+signs")
	for name, test := range map[string]struct {
		auth probes.Auth
		want string
	}{
		"basic":   {probes.Auth{Basic: &probes.BasicAuth{Username: "jean", Password: key}}, "Basic amVhbjphIGtleS93aXRoK3NpZ25z||q=1"},
		"bearer":  {probes.Auth{Bearer: &key}, "Bearer a key/with+signs||q=1"},
		"header":  {probes.Auth{APIKey: &probes.APIKey{Header: "x-key", Value: key}}, "|a key/with+signs|q=1"},
		"query":   {probes.Auth{APIKey: &probes.APIKey{Query: "k", Value: key}}, "||q=1&k=a+key%2Fwith%2Bsigns"},
		"in none": {probes.Auth{APIKey: &probes.APIKey{Query: "k", Value: secret.New("abc")}}, "||q=1&k=abc"},
	} {
		t.Run(name, func(t *testing.T) {
			h := get(t, serve(t, echo)+"/?q=1", with(test.auth))
			o, err := h.Observe(t.Context(), loopback())
			if err != nil || string(o.Body) != test.want {
				t.Fatalf("the server saw %s, %v; want %s", o.Body, err, test.want)
			}
			if strings.Contains(o.URL, "key%2F") || strings.Contains(o.URL, "abc") || h.Target() != h.URL {
				t.Errorf("URL %s, target %s", o.URL, h.Target())
			}
			if name == "in none" {
				return // too short to be looked for in texts
			}
			r := run(t, h, loopback(), &probes.Body{Contains: "x"}, &probes.Header{Name: "Absent"})
			if shown := fmt.Sprintf("%+v %v", r, h); strings.Contains(shown, "with") || strings.Contains(shown, "amVhb") {
				t.Errorf("shows the secret: %s", shown)
			}
		})
	}
}

// An answer that repeats what it was asked shows no secret.
func TestAuthIsNotEchoed(t *testing.T) {
	token := secret.New("hunter2-hunter2")
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/to/"+r.URL.Query().Get("k")+"?again="+r.URL.Query().Get("k"), http.StatusFound)
			return
		}
		w.Header().Set("X-Echo", r.URL.String())
		json.NewEncoder(w).Encode(map[string]string{"url": r.URL.String()})
	})
	var wanted any = "x"
	r := run(t, get(t, url, with(probes.Auth{APIKey: &probes.APIKey{Query: "k", Value: token}})), loopback(),
		&probes.JSON{Path: "$.url", Equals: &wanted}, &probes.Header{Name: "X-Echo", Equals: "x"})
	expect(t, r, probes.Down, probes.ClassAssertion)
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), "hunter2") || len(r.Hops) != 2 {
		t.Errorf("%s, %v", text, err)
	}
}

func TestAuthGoesToNoOtherHost(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%v %s", r.Header["X-Key"], r.URL.RawQuery)
		if r.Header.Get("Authorization") != "" {
			t.Error("the other host got an Authorization")
		}
	})
	token := secret.New("hunter2-hunter2")
	for name, auth := range map[string]probes.Auth{
		"bearer": {Bearer: &token},
		"header": {APIKey: &probes.APIKey{Header: "X-Key", Value: token}},
		"query":  {APIKey: &probes.APIKey{Query: "k", Value: token}},
	} {
		h := get(t, serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other+"/", http.StatusFound) }), with(auth))
		if o, err := h.Observe(t.Context(), loopback()); err != nil || string(o.Body) != "[] " {
			t.Errorf("%s: the other host saw %s, %v", name, o.Body, err)
		}
	}
}

func TestAuthThatMakesNoSense(t *testing.T) {
	token := secret.New("hunter2")
	for want, h := range map[string]*probes.HTTP{
		"auth: want one of":                   {URL: "http://a.example", Auth: &probes.Auth{}},
		"auth: bearer: has characters":        {URL: "http://a.example", Auth: &probes.Auth{Bearer: new(secret.New("a\nhunter2"))}},
		"auth: basic: username: has":          {URL: "http://a.example", Auth: &probes.Auth{Basic: &probes.BasicAuth{Username: "a:b"}}},
		"auth: api_key: query: not":           {URL: "http://a.example", Auth: &probes.Auth{APIKey: &probes.APIKey{Header: "a", Query: "b", Value: token}}},
		"auth: api_key: header: \"a b\"":      {URL: "http://a.example", Auth: &probes.Auth{APIKey: &probes.APIKey{Header: "a b", Value: token}}},
		"auth: not together with a header":    {URL: "http://a.example", Auth: &probes.Auth{Bearer: &token}, Headers: hidden("authorization", "x")},
		"auth: not together with a user":      {URL: "http://jean:mot@a.example", Auth: &probes.Auth{Bearer: &token}},
		"ip: \"5\"":                           {URL: "http://a.example", Connection: probes.Connection{IP: "5"}},
		"ip: the address in url is":           {URL: "http://127.0.0.1", Connection: probes.Connection{IP: "6"}},
		"ca: open":                            {URL: "http://a.example", Connection: probes.Connection{CA: "/nonexistent"}},
		"client_certificate: cert: open":      {URL: "http://a.example", Connection: probes.Connection{ClientCertificate: &probes.ClientCertificate{Cert: "/nonexistent", Key: token}}},
		"client_certificate: cert: required":  {URL: "http://a.example", Connection: probes.Connection{ClientCertificate: &probes.ClientCertificate{Key: token}}},
		"client_certificate: cert: holds no":  {URL: "http://a.example", Connection: probes.Connection{ClientCertificate: &probes.ClientCertificate{Cert: "auth.go", Key: token}}},
		"ca: holds no certificate":            {URL: "http://a.example", Connection: probes.Connection{CA: "auth.go"}},
		"auth: oauth2: scopes: a scope":       {URL: "http://a.example", Auth: &probes.Auth{OAuth2: &probes.OAuth2{TokenURL: "http://a.example", ClientID: "a", ClientSecret: token, Scopes: []string{"a b"}}}},
		"auth: oauth2: token_url: must not h": {URL: "http://a.example", Auth: &probes.Auth{OAuth2: &probes.OAuth2{TokenURL: "http://a:hunter2@a.example", ClientID: "a", ClientSecret: token}}},
	} {
		if err := h.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestIPFamily(t *testing.T) {
	url := strings.Replace(serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }), "127.0.0.1", "localhost", 1)
	r := run(t, get(t, url, func(h *probes.HTTP) { h.IP = "4" }), loopback())
	expect(t, r, probes.Up, probes.ClassNone)
	if !strings.HasPrefix(r.Remote, "127.") {
		t.Errorf("remote %s", r.Remote)
	}
	r = run(t, get(t, url, func(h *probes.HTTP) { h.IP = "6" }), loopback())
	if r.Outcome == probes.Up {
		t.Errorf("reached %s by IPv6, which does not listen", r.Remote)
	}
	url = serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://[::1]:1/", http.StatusFound) })
	r = run(t, get(t, url, func(h *probes.HTTP) { h.IP = "4" }), loopback())
	expect(t, r, probes.Down, probes.ClassRedirect)
	if !strings.Contains(r.Detail, "not of IPv4") {
		t.Error(r.Detail)
	}
}
