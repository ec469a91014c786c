package probes_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"observatoire/probes"
)

// needBrowser skips a test where there is no Chromium; where tests must be
// complete it does not.
func needBrowser(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("no chromium on this machine")
	}
}

// open returns a prober of the page with the default settings, changed by
// change. Its profiles are in a folder of the test, which ends empty.
func open(t testing.TB, url string, change ...func(*probes.Browser)) *probes.Browser {
	t.Helper()
	needBrowser(t)
	profiles, err := os.MkdirTemp("/tmp", "b") // a browser's socket wants a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", profiles)
	t.Cleanup(func() { nothingLeft(t, profiles); os.RemoveAll(profiles) })
	made, _ := probes.NewProber("browser")
	b := made.(*probes.Browser)
	b.URL = url
	for _, f := range change {
		f(b)
	}
	if err := b.Validate(); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	return b
}

// nothingLeft checks that no profile is left in the folder, and no process that
// was started with one.
func nothingLeft(t testing.TB, profiles string) {
	t.Helper()
	if entries, err := os.ReadDir(profiles); err != nil || len(entries) > 0 {
		t.Errorf("left in the folder of profiles: %v %v", entries, err)
	}
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range commands {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), profiles) {
			t.Errorf("left running: %.100q", text)
		}
	}
}

// site returns the URL of a server of pages by path.
func site(t testing.TB, pages map[string]string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, text)
	})
}

// visit observes the page, which must be possible.
func visit(t testing.TB, b *probes.Browser) probes.Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	o, err := b.Observe(ctx, loopback())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// within returns whether a fact is a number of seconds that a test may take.
func within(o probes.Observation, name string) bool {
	seconds, ok := o.Facts[name].(float64)
	return ok && seconds > 0 && seconds < 20
}

func TestBrowserOpensAPage(t *testing.T) {
	url := site(t, map[string]string{"/": `<!doctype html><title>Démarche</title><link rel="icon" href="data:,">
		<h1>Bonjour</h1><img src="/absente.png?api_key=hush"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
		<script>document.body.append("écrit par un script"); console.error("une", {a: 1}, "erreur"); nope()</script>`})
	o := visit(t, open(t, url+"/?token=verysecret"))
	if o.Status != 200 || o.Proto != "HTTP/1.1" || o.URL != url+"/?token=***" || o.Redirects != 0 || o.Remote != strings.TrimPrefix(url, "http://") {
		t.Errorf("status %d, %s, %s, %d redirects, remote %s", o.Status, o.Proto, o.URL, o.Redirects, o.Remote)
	}
	if o.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("header %v", o.Header)
	}
	if body := string(o.Body); !strings.Contains(body, "écrit par un script</body>") {
		t.Errorf("body %q", body)
	}
	for _, name := range []string{"load", "dom_content_loaded", "first_contentful_paint", "largest_contentful_paint"} {
		if !within(o, name) {
			t.Errorf("%s: %v", name, o.Facts[name])
		}
	}
	for name, want := range map[string]any{
		"title": "Démarche", "requests": 2, "failed_request_count": 1, "console_error_count": 2,
		"failed_requests": []any{url + "/absente.png?api_key=***"},
		"console_errors":  []any{"une Object erreur", "Uncaught ReferenceError: nope is not defined at " + url + "/?token=***:3:96"},
	} {
		if got := o.Facts[name]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if n, _ := o.Facts["transferred"].(int64); n < 300 || n > 5000 {
		t.Errorf("transferred %v", o.Facts["transferred"])
	}
	if p := o.Phases; p.Connect <= 0 || p.Wait <= 0 || p.Transfer <= 0 || p.TLS != 0 || p.Redirect != 0 || p.Total() > 10*time.Second {
		t.Errorf("phases %+v", p)
	}
}

// The document that counts is the one that redirects lead to, and the time of
// the phases is its own.
func TestBrowserFollowsRedirects(t *testing.T) {
	const slow = 150 * time.Millisecond
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			<-time.After(slow)
			http.Redirect(w, r, "/then", http.StatusFound)
		case "/then":
			fmt.Fprint(w, `<title>then</title><script>location.replace("/last")</script>`)
		case "/last":
			<-time.After(slow)
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `<title>last</title>last`)
		}
	})
	o := visit(t, open(t, url))
	if o.Status != 404 || o.Redirects != 2 || o.URL != url+"/last" || o.Facts["title"] != "last" {
		t.Errorf("status %d, %d redirects, %s, title %q", o.Status, o.Redirects, o.URL, o.Facts["title"])
	}
	if p := o.Phases; p.Redirect < slow || p.Wait < slow || p.Wait > 3*time.Second || p.Connect != 0 {
		t.Errorf("phases %+v", p)
	}
}

func TestBrowserWaitsAsTold(t *testing.T) {
	release := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late.png" {
			<-release
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<link rel="icon" href="data:,"><img src="/late.png">here`)
	})
	defer close(release)
	o := visit(t, open(t, url, func(b *probes.Browser) { b.WaitUntil = "dom_content_loaded" }))
	if !strings.Contains(string(o.Body), "here") || o.Facts["load"] != nil || !within(o, "dom_content_loaded") {
		t.Errorf("body %q, facts %v", o.Body, o.Facts)
	}
}

func TestBrowserNetworkIdle(t *testing.T) {
	url := site(t, map[string]string{
		"/":     `<script>addEventListener("load", () => fetch("/data").then(r => r.text()).then(t => document.body.append(t)))</script><p>`,
		"/data": "fetched after the load",
	})
	o := visit(t, open(t, url, func(b *probes.Browser) { b.WaitUntil, b.Viewport = "network_idle", "400x300" }))
	if !strings.Contains(string(o.Body), "<p></p>fetched after the load") {
		t.Errorf("body %q", o.Body)
	}
}

// The visitor says who it is, and has the window that was asked for.
func TestBrowserSaysWhoItIs(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<p>%s<script>document.title = innerWidth + "x" + innerHeight</script>`, r.UserAgent())
	})
	o := visit(t, open(t, url, func(b *probes.Browser) { b.Viewport = "640x480" }))
	if !strings.Contains(string(o.Body), "observatoire test (tests@example.org)") || o.Facts["title"] != "640x480" {
		t.Errorf("body %q, title %q", o.Body, o.Facts["title"])
	}
}

// Two run at once; a third waits, and its wait is no latency.
func TestBrowsersAtOnce(t *testing.T) {
	var mu sync.Mutex
	var waiting []chan struct{}
	two := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			return
		}
		mine := make(chan struct{})
		mu.Lock()
		if waiting = append(waiting, mine); len(waiting) == 2 {
			close(two)
		}
		third := len(waiting) > 2
		mu.Unlock()
		if !third {
			<-mine
		}
	})
	probers := []*probes.Browser{open(t, url), open(t, url), open(t, url)}
	var done sync.WaitGroup
	var results [3]probes.Observation
	for i, b := range probers {
		done.Go(func() { results[i] = visit(t, b) })
	}
	select {
	case <-two:
	case <-t.Context().Done():
	case <-time.After(20 * time.Second):
		t.Error("two browsers do not run at once")
	}
	mu.Lock()
	if len(waiting) != 2 {
		t.Errorf("%d at once", len(waiting))
	}
	for _, w := range slices.Clone(waiting) {
		close(w)
	}
	mu.Unlock()
	done.Wait()
	for _, o := range results {
		if o.Status != 200 {
			t.Errorf("status %d", o.Status)
		}
	}
}
