package probes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"observatoire/probes"
)

// What never ends is ended at the deadline, told apart, and leaves nothing.
func TestBrowserAtTheDeadline(t *testing.T) {
	var ctx atomic.Pointer[deadline]
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ctx.Load().start()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		flush := func(text string) { io.WriteString(w, text); w.(http.Flusher).Flush() }
		switch r.URL.Path {
		case "/silent", "/never.png":
			<-r.Context().Done()
		case "/endless":
			for r.Context().Err() == nil {
				flush(strings.Repeat("<p>more", 100))
				<-time.After(time.Millisecond) // the pace of the server
			}
		case "/image":
			flush(`<p>text<img src="/never.png">`)
		case "/busy":
			flush(`<script>for (;;) ;</script>`)
		case "/busy-after":
			flush(`<script>addEventListener("load", () => setTimeout(() => { for (;;) ; }))</script>`)
		case "/alerts":
			flush(`<script>for (;;) alert("again")</script>`)
		case "/reload":
			flush(`<script>location.href = "/reload?" + Math.random()</script>` + strings.Repeat(" ", 1000))
			<-r.Context().Done()
		case "/dom":
			flush(`<body><script>for (;;) document.body.append(document.createElement("p"))</script>`)
		case "/log":
			flush(`<script>for (;;) console.error("x".repeat(1000))</script>`)
		}
	})
	for path, test := range map[string]struct{ class, detail string }{
		"/silent":     {"timeout", "no answer after"},
		"/endless":    {"timeout", "the document was not complete after"},
		"/image":      {"timeout", "with 1 request not answered"},
		"/busy":       {"timeout", "not loaded after|not complete after"},
		"/busy-after": {"timeout", "was loaded, and then answered nothing"},
		"/alerts":     {"timeout", "not loaded after|not complete after"},
		"/reload":     {"timeout", "not complete after|no answer after"},
		"/dom":        {"timeout inconclusive", "not loaded after|not complete after|crash"},
		"/log":        {"timeout", "not loaded after|not complete after"},
	} {
		t.Run(path, func(t *testing.T) {
			b := open(t, url+path)
			ctx.Store(newDeadline(t.Context()))
			o, err := b.Observe(ctx.Load(), loopback())
			late := time.Since(ctx.Load().passed())
			nothingLeft(t, os.TempDir())
			fault, ok := errors.AsType[*probes.Fault](err)
			if !ok {
				t.Fatalf("no fault: %v", err)
			}
			if !strings.Contains(test.class, fault.Class.String()) {
				t.Errorf("class %q (%s)", fault.Class, fault.Detail)
			}
			if !slices.ContainsFunc(strings.Split(test.detail, "|"), func(part string) bool { return strings.Contains(fault.Detail, part) }) {
				t.Errorf("detail %q, want %q in it", fault.Detail, test.detail)
			}
			if late > 2*time.Second {
				t.Errorf("ended %s after the deadline", late)
			}
			if o.Facts["requests"] == 0 || o.Phases.Total() <= 0 {
				t.Errorf("facts %v, phases %+v", o.Facts, o.Phases)
			}
		})
	}
}

// deadline is a context whose deadline comes when the browser has had as long
// for the page as it took to start, and a second more: however busy the machine
// that tests is.
type deadline struct {
	context.Context
	began time.Time
	once  sync.Once
	done  chan struct{}

	mu sync.Mutex
	at time.Time
}

func newDeadline(parent context.Context) *deadline {
	return &deadline{Context: parent, began: time.Now(), done: make(chan struct{})}
}

func (d *deadline) start() {
	d.once.Do(func() {
		time.AfterFunc(time.Since(d.began)+time.Second, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.at = time.Now()
			close(d.done)
		})
	})
}

func (d *deadline) passed() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *deadline) Deadline() (time.Time, bool) { at := d.passed(); return at, !at.IsZero() }

func (d *deadline) Done() <-chan struct{} { return d.done }

func (d *deadline) Err() error {
	if _, ok := d.Deadline(); ok {
		return context.DeadlineExceeded
	}
	return nil
}

// What a page does to annoy keeps nobody from reading it.
func TestBrowserOfAnnoyingPages(t *testing.T) {
	var stun atomic.Int64
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for {
			if _, _, err := udp.ReadFrom(make([]byte, 1500)); err != nil {
				return
			}
			stun.Add(1)
		}
	}()
	t.Cleanup(func() { udp.Close(); <-heard })
	page := func(script string) string {
		return `<!doctype html><link rel="icon" href="data:,"><p>text</p><script>` + script + `</script>`
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/dialogs":
			io.WriteString(w, page(`alert("a"); document.title = confirm("b") + " " + prompt("c"); onbeforeunload = () => "stay"`))
		case "/errors":
			io.WriteString(w, page(`for (let i = 0; i < 5000; i++) console.error(i, "€".repeat(2000)); for (let i = 0; i < 100; i++) setTimeout(() => { throw i })`))
		case "/resources":
			io.WriteString(w, page(`for (let i = 0; i < 300; i++) document.body.append(Object.assign(new Image, {src: "/404/" + i + "?" + "y".repeat(5000)}))`))
		case "/private":
			io.WriteString(w, page(`document.body.append(Object.assign(new Image, {src: "http://169.254.169.254/latest"}))`)+
				`<img src="http://10.0.0.1/a"><iframe src="http://[fd00::1]/b"></iframe>`)
		case "/liar":
			io.WriteString(w, page(`Object.defineProperty(document, "title", {get: () => "lie"}); performance.getEntriesByType = () => [{loadEventStart: 9e9}];
				Object.defineProperty(Element.prototype, "outerHTML", {get: () => "lie"}); window.Promise = window.PerformanceObserver = null`))
		case "/rtc":
			io.WriteString(w, page(fmt.Sprintf(`const c = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:%d"}]});
				c.createDataChannel("x"); c.createOffer().then(o => c.setLocalDescription(o));
				c.onicegatheringstatechange = () => { if (c.iceGatheringState == "complete") fetch("/gathered") }`, udp.LocalAddr().(*net.UDPAddr).Port)))
		case "/windows":
			io.WriteString(w, page(`for (let i = 0; i < 20; i++) window.open("/404/window"); location.href = "/attachment"`))
		case "/attachment":
			w.Header().Set("Content-Disposition", "attachment; filename=a.bin")
			w.Write(make([]byte, 1<<20))
		default:
			http.NotFound(w, r)
		}
	})
	for path, test := range map[string]struct {
		until string
		facts map[string]string
	}{
		"/dialogs":   {"", map[string]string{"title": "false null"}},
		"/errors":    {"", map[string]string{"console_errors": "20 of them"}},
		"/resources": {"", map[string]string{"failed_request_count": "300", "failed_requests": "20 of them", "console_error_count": "0"}},
		"/private":   {"", map[string]string{"failed_request_count": "3", "failed_requests": "[http://10.0.0.1/a http://169.254.169.254/latest http://[fd00::1]/b]"}},
		"/liar":      {"", map[string]string{"title": ""}},
		"/rtc":       {"network_idle", nil},
		"/windows":   {"", nil},
	} {
		t.Run(path, func(t *testing.T) {
			b := open(t, url+path, func(b *probes.Browser) {
				if test.until != "" {
					b.WaitUntil = test.until
				}
			})
			o := visit(t, b)
			if o.Status != 200 || !strings.Contains(string(o.Body), "<p>text</p>") || path != "/windows" && !within(o, "load") {
				t.Errorf("status %d, body %.200q, load %v", o.Status, o.Body, o.Facts["load"])
			}
			for name, want := range test.facts {
				got := fmt.Sprint(o.Facts[name])
				if list, ok := o.Facts[name].([]any); ok && strings.HasSuffix(want, "of them") {
					got = fmt.Sprint(len(list), " of them")
				}
				if sorted(got) != sorted(want) {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			}
			if size := len(fmt.Sprint(o.Facts)); size > 20_000 {
				t.Errorf("facts of %d bytes", size)
			}
		})
	}
	if n := stun.Load(); n > 0 {
		t.Errorf("%d packets went past the proxy", n)
	}
}

// A message to the console that is larger than we read ends the visit.
func TestBrowserSaysTooMuch(t *testing.T) {
	url := site(t, map[string]string{"/": `<script>console.log("x".repeat(60e6))</script>`})
	r := run(t, open(t, url), loopback())
	expect(t, r, probes.Unknown, probes.ClassSize)
}

// Our own stop is no fault of the page.
func TestBrowserStopped(t *testing.T) {
	asked := make(chan struct{}, 10)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { asked <- struct{}{}; <-r.Context().Done() })
	b := open(t, url)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { <-asked; stop() }()
	r := probes.Probe{ID: "test/page", Prober: b, Timeout: 20 * time.Second}.Run(ctx, loopback())
	expect(t, r, probes.Unknown, probes.ClassLocal)
	nothingLeft(t, os.TempDir())
}

// sorted returns the words of a list in order.
func sorted(list string) string {
	words := strings.Fields(strings.Trim(list, "[]"))
	slices.Sort(words)
	return strings.Join(words, " ")
}
