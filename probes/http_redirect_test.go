package probes_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestRedirects(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; path {
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		case "/cookie":
			if _, err := r.Cookie("seen"); err != nil {
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
				http.Redirect(w, r, "/cookie", http.StatusFound)
			}
		default:
			var n int
			if _, err := fmt.Sscanf(path, "/left/%d", &n); err == nil && n > 0 {
				http.Redirect(w, r, fmt.Sprintf("/left/%d", n-1), http.StatusMovedPermanently)
			}
		}
	})
	for path, test := range map[string]struct {
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
	}{
		"/left/5":  {probes.Up, probes.ClassNone, ""},
		"/left/6":  {probes.Down, probes.ClassRedirect, "more than 5 redirects"},
		"/nowhere": {probes.Down, probes.ClassStatus, "status 302"},
		"/cookie":  {probes.Up, probes.ClassNone, ""},
	} {
		t.Run(path, func(t *testing.T) {
			r := run(t, get(t, url+path), loopback())
			expect(t, r, test.outcome, test.class)
			if !strings.Contains(r.Detail, test.detail) || strings.Contains(r.Detail, "hidden") {
				t.Errorf("detail %q, want %q in it", r.Detail, test.detail)
			}
		})
	}
	t.Run("not followed", func(t *testing.T) {
		h := get(t, url+"/left/1", func(h *probes.HTTP) { h.MaxRedirects = 0 })
		expect(t, run(t, h, loopback(), probes.Status{301}), probes.Up, probes.ClassNone)
		expect(t, run(t, h, loopback()), probes.Down, probes.ClassStatus)
	})
}

func TestRedirectsKeepSecretsFromOtherHosts(t *testing.T) {
	const secrets = "Authorization|X-Api-Key|Cookie"
	show := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var seen []string
		for name := range strings.SplitSeq(secrets+"|Accept-Language", "|") {
			seen = append(seen, r.Header.Get(name))
		}
		fmt.Fprintf(w, "%s %s [%s]", r.Method, strings.Join(seen, "|"), body)
	}
	other := serve(t, show)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other, http.StatusFound)
		case "/away/again":
			http.Redirect(w, r, other, http.StatusTemporaryRedirect)
		case "/here":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/here/again":
			http.Redirect(w, r, "/", http.StatusPermanentRedirect)
		default:
			show(w, r)
		}
	})
	for path, want := range map[string]string{
		"/away":       "GET |||fr []",
		"/here":       "GET Bearer jeton|cle|pate|fr []",
		"/here/again": "POST Bearer jeton|cle|pate|fr [corps]",
	} {
		h := get(t, url+path, func(h *probes.HTTP) {
			h.Method, h.Body = "POST", "corps"
			h.Headers = hidden("Authorization", "Bearer jeton", "X-Api-Key", "cle", "Cookie", "pate", "Accept-Language", "fr")
		})
		o, err := h.Observe(t.Context(), loopback())
		if err != nil || string(o.Body) != want || o.Redirects != 1 {
			t.Errorf("%s: the server saw %q, want %q (%v)", path, o.Body, want, err)
		}
	}
	h := get(t, url+"/away/again", func(h *probes.HTTP) { h.Method, h.Body = "POST", "corps" })
	expect(t, run(t, h, loopback()), probes.Unknown, probes.ClassForbidden)
}

func TestRedirectBetweenSchemes(t *testing.T) {
	ca := newAuthority(t)
	secure := ca.serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), true, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Header.Get("Authorization"))
	})
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, secure, http.StatusFound) })
	h := get(t, plain, func(h *probes.HTTP) { h.Headers = hidden("Authorization", "Bearer x") })
	o, err := h.Observe(t.Context(), ca.trusting())
	if err != nil || o.TLS == nil || len(o.Body) > 0 || o.URL != secure {
		t.Errorf("URL %s, body %q, %v", o.URL, o.Body, err)
	}
}
