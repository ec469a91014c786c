package dashboard_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"golang.org/x/net/html"

	"observatoire/observatory"
)

func TestMethods(t *testing.T) {
	h := site(t, options(sample(3)))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", strings.NewReader("x")))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/", nil))
	if w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Errorf("HEAD: status %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestBadRequestsAreExplained(t *testing.T) {
	h := site(t, options(sample(60)))
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/?tri=nom":                       {400, "« tri » n’existe pas"},
		"/en/?tri=nom":                    {400, "no parameter “tri”"},
		"/?state=broken":                  {400, "Valeurs possibles"},
		"/?page=0":                        {400, "page"},
		"/?page=-1":                       {400, "page"},
		"/?page=3":                        {404, "s’arrête à la page 2"},
		"/?q=a&q=b":                       {400, "plusieurs fois"},
		"/?q=" + strings.Repeat("a", 101): {400, "100"},
		"/?q=%zz":                         {400, "illisibles"},
		"/?a=1;b=2":                       {400, "illisibles"},
		"/apis/nothing":                   {404, "nothing"},
		"/apis/service-2":                 {404, "/demarches/service-2"},
		"/apis/service-0?span=decade":     {400, "decade"},
		"/incidents?state=x":              {400, "open"},
		"/incidents?service=nothing":      {404, "nothing"},
		"/methodologie?a=b":               {400, "« a »"},
		"/nowhere":                        {404, "/methodologie"},
		"/en/nowhere":                     {404, "/en/methodology"},
	} {
		w := get(h, path)
		text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(html.UnescapeString(w.Body.String()))
		if w.Code != want.status || !strings.Contains(text, want.says) {
			t.Errorf("%s: status %d, want %d and %q", path, w.Code, want.status, want.says)
		}
	}
}

func TestOurFaultsAreLoggedAndNotShown(t *testing.T) {
	s := sample(3)
	var log bytes.Buffer
	o := options(s)
	o.Series = memory{fault: errors.New("disk of 10.0.0.7 is on fire")}
	o.Log = zerolog.New(&log)
	h := site(t, o)
	for path, kind := range map[string]string{"/apis/service-0": "text/html", "/api/v1/services/service-0/series": "application/json"} {
		log.Reset()
		w := get(h, path)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "10.0.0.7") || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: status %d, %s: %s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if !strings.Contains(log.String(), "10.0.0.7") {
			t.Errorf("%s: the log does not say why: %s", path, &log)
		}
	}
}

func TestPanicBecomesAPage(t *testing.T) {
	var log bytes.Buffer
	o := options(sample(3))
	asked := 0
	o.Snapshots = func() *observatory.Snapshot {
		asked++
		panic("secret 42")
	}
	o.Log = zerolog.New(&log)
	w := get(site(t, o), "/en/")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "42") || !strings.Contains(w.Body.String(), "A fault of ours") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if asked == 0 || !strings.Contains(log.String(), "secret 42") {
		t.Errorf("log: %s", &log)
	}
}

func TestBeforeTheFirstSnapshot(t *testing.T) {
	o := options(nil)
	h := site(t, o)
	for path, want := range map[string]int{"/": 503, "/en/incidents": 503, "/api/v1/services": 503, "/healthz": 200, "/readyz": 503} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}

func TestReady(t *testing.T) {
	fault := errors.New("no database")
	o := options(sample(3))
	o.Ready = func(context.Context) error { return fault }
	h := site(t, o)
	if w := get(h, "/readyz"); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "database") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	fault = nil
	if w := get(h, "/readyz"); w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
}
