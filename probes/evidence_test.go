package probes_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"observatoire/probes"
)

func TestEvidenceOfAFailure(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.Header().Set("Server", "example/1.2")
		w.Header().Set("Set-Cookie", "id=k8sd72hd")
		w.Header().Set("X-Internal-Note", "not for the public")
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte(`{"message": "panne \u00e0 14 h", "access_token": "abcdef123456"}` + "\n<script>"))
	})
	r := run(t, get(t, address+"/x?api_key=hush-hush"), loopback())
	e := r.Evidence
	if e == nil {
		t.Fatal("no evidence")
	}
	if e.StatusLine != "HTTP/1.1 503 Service Unavailable" || e.Remote == "" || e.Phases != r.Phases || e.URL != address+"/x?api_key=***" {
		t.Errorf("%+v", e)
	}
	fields := map[string]string{}
	for _, f := range e.Header {
		fields[f.Name] = f.Value
	}
	for name, want := range map[string]string{"Retry-After": "120", "Server": "example/1.2", "Set-Cookie": "***", "X-Internal-Note": "***"} {
		if fields[name] != want {
			t.Errorf("%s is %q, want %q", name, fields[name], want)
		}
	}
	if len(e.Checks) != 1 || e.Checks[0].Passed || !strings.Contains(e.Checks[0].Detail, "503") {
		t.Errorf("checks %+v", e.Checks)
	}
	// The key makes the answer one that may not be meant for everybody.
	if e.Body != "" || e.BodyHidden != probes.HiddenPrivate {
		t.Errorf("body %q, hidden: %q", e.Body, e.BodyHidden)
	}
	open := run(t, get(t, address), loopback()).Evidence
	if want := `{"message": "panne \u00e0 14 h", "access_token": ***}` + "\n<script>"; open.Body != want || open.BodyCut || open.BodyHidden != "" {
		t.Errorf("body %q, want %q", open.Body, want)
	}
}

func TestEvidenceOnlyOfWhatTells(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusForbidden)
		}
		w.Write([]byte("body"))
	})
	if e := run(t, get(t, address), loopback()).Evidence; e != nil {
		t.Errorf("of what is up: %+v", e)
	}
	if e := run(t, get(t, address), &probes.Vantage{}).Evidence; e != nil {
		t.Errorf("of what our own policy forbids: %+v", e)
	}
	if e := run(t, get(t, address+"/gone"), loopback()).Evidence; e == nil || e.Body != "body" {
		t.Errorf("of a missing right: %+v", e)
	}
	verbose := probes.Probe{ID: "test/probe", Prober: get(t, address, func(h *probes.HTTP) { h.Headers = hidden("Authorization", "Bearer s3cr3t-s3cr3t") }), Verbose: true}
	if e := verbose.Run(t.Context(), loopback()).Evidence; e == nil || e.Body != "body" || e.StatusLine != "HTTP/1.1 200 OK" {
		t.Errorf("asked for: %+v", e)
	}
}

// What a server gives back of our secrets, and tries to put into a page, is not shown.
func TestEvidenceOfAHostileAnswer(t *testing.T) {
	const key = "p4ssw0rd-p4ssw0rd"
	for name, body := range map[string]string{
		"secret at the cut":    strings.Repeat("x", 16<<10-len(key)/2) + key,
		"secret everywhere":    strings.Repeat(key, 5000),
		"escaped":              strings.Repeat(url.QueryEscape("ü "+key), 900),
		"invalid and bidi":     strings.Repeat("a\xffé\u202e\x00", 4000),
		"not text":             strings.Repeat("\x00\x01\xfe\xff", 4000),
		"a character at a cut": strings.Repeat("é", 10_000),
		"credentials":          `token=` + strings.Repeat("f00ba4", 10) + ` Authorization: Bearer f00ba4f00ba4 "refresh_token" : "f00ba4` + strings.Repeat(`\"`, 3000) + ` eyJhbGciOiJIUzI1NiJ9.f00ba4f00ba4.f00ba4`,
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for i := range 500 {
					w.Header().Add("X-Cache", key+strings.Repeat("h", i))
				}
				w.Header().Set("Location", "https://example.fr/?q="+key)
				w.WriteHeader(http.StatusInternalServerError)
				w.Write([]byte(body))
			})
			secretive := func(h *probes.HTTP) { h.Headers = hidden("X-Api-Key", key) }
			p := probes.Probe{ID: "test/probe", Prober: get(t, address, secretive), Verbose: true, Timeout: 20 * time.Second}
			r := p.Run(t.Context(), loopback())
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{key, key[:len(key)/2], "f00ba4", "\u202e"} {
				if strings.Contains(string(text), bad) {
					t.Errorf("the evidence holds %q", bad)
				}
			}
			e := r.Evidence
			if len(e.Body) > probes.MaxEvidence || !utf8.ValidString(e.Body) {
				t.Errorf("body of %d bytes", len(e.Body))
			}
			if len(text) > 64<<10 {
				t.Errorf("%d bytes of JSON", len(text))
			}
			if name == "not text" && (e.BodyHidden != probes.HiddenBinary || e.Body != "") {
				t.Errorf("body %q", e.Body)
			}
		})
	}
}

func TestEvidenceHoldsTheCertificate(t *testing.T) {
	address := newAuthority(t).serveTLS(t, "127.0.0.1", time.Now().Add(time.Hour), false, func(http.ResponseWriter, *http.Request) {})
	r := run(t, get(t, address), loopback())
	expect(t, r, probes.Down, probes.ClassTLS)
	c := r.Evidence.Certificate
	if c == nil || len(c.Fingerprint) != 64 || len(c.Names) == 0 || !c.NotAfter.After(c.NotBefore) || c.Issuer == "" {
		t.Errorf("certificate that was refused: %+v", c)
	}
}

func TestEvidenceAskedForWithACertificate(t *testing.T) {
	ca := newAuthority(t)
	late := time.Now().Add(time.Hour)
	address := ca.serveTLS(t, "127.0.0.1", late, false, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		w.Write([]byte("for you alone"))
	})
	proof := ca.proof(t, late)
	e := run(t, get(t, address, func(h *probes.HTTP) { h.ClientCertificate = proof }), ca.trusting()).Evidence
	if e == nil || e.Body != "" || e.BodyHidden != probes.HiddenPrivate {
		t.Errorf("%+v", e)
	}
}

func TestMovedTo(t *testing.T) {
	var status int
	target := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	elsewhere := strings.Replace(target, "127.0.0.1", "localhost", 1)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/same" {
			http.Redirect(w, r, "/", status)
			return
		}
		http.Redirect(w, r, elsewhere, status)
	})
	still := func(h *probes.HTTP) { h.MaxRedirects = 0 }
	for name, c := range map[string]struct {
		status int
		change []func(*probes.HTTP)
		want   string
	}{
		"301": {301, nil, "localhost"}, "308": {308, nil, "localhost"}, "302 is not for ever": {302, nil, ""}, "307": {307, nil, ""},
		"301 that is not followed": {301, []func(*probes.HTTP){still}, "localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			status = c.status
			r := run(t, get(t, address, c.change...), loopback())
			if got := r.MovedTo(); got != c.want {
				t.Errorf("moved to %q, want %q; %+v", got, c.want, r)
			}
		})
	}
}
