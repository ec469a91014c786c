package probes

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// The bounds of what is kept of a page.
const (
	maxBrowserList    = 20     // failed requests, and console errors
	maxBrowserOpen    = 10_000 // requests in flight that are told apart
	maxBrowserAddress = 2000   // bytes of the address of one
)

// watch keeps what the browser tells about one page. Its see runs where the
// messages are read, so it never waits.
type watch struct {
	until   string // name of the lifecycle event that ends the load
	secrets []string
	reached chan struct{} // closed when the page is loaded
	crashed chan struct{} // closed when the page's process ended
	dialog  chan struct{} // a dialog wants an answer
	broken  chan string   // why a document that a script went to could not be had

	mu       sync.Mutex
	main     document
	before   *document // the one that main is to replace, as long as it may fail to
	stayed   bool      // main was to be replaced, and was not
	began    float64   // of the first request, by the browser's clock
	beganAt  time.Time // the same by ours
	open     map[network.RequestID]string
	requests int
	failures textList
	errors   textList
	dialogs  int
}

// document is the document of the page, after redirects.
type document struct {
	frame    cdp.FrameID
	loader   cdp.LoaderID
	request  network.RequestID
	url      string
	hops     int     // redirects to it
	started  float64 // its last request, by the browser's clock, in seconds
	finished float64 // zero until its last byte
	visited  []string
	answer   *network.Response
	loaded   bool
}

// textList keeps the first of many texts, and counts the others.
type textList struct {
	first []any
	count int
}

func (l *textList) add(text string) {
	if l.count++; len(l.first) < maxBrowserList {
		l.first = append(l.first, text)
	}
}

func newWatch(until string, secrets []string) *watch {
	return &watch{
		until: until, secrets: secrets, open: make(map[network.RequestID]string),
		reached: make(chan struct{}), crashed: make(chan struct{}), dialog: make(chan struct{}, 1), broken: make(chan string, 1),
	}
}

// see takes in one event.
func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.sent(e)
	case *network.EventResponseReceived:
		w.answered(e)
	case *network.EventLoadingFinished:
		if e.RequestID == w.main.request {
			w.main.finished = e.Timestamp.Float64()
		} else if w.before != nil && e.RequestID == w.before.request {
			w.before.finished = e.Timestamp.Float64()
		}
		delete(w.open, e.RequestID)
	case *network.EventLoadingFailed:
		w.failed(e)
	case *page.EventLifecycleEvent:
		switch {
		case e.Name != w.until || e.FrameID != w.main.frame:
		case e.LoaderID == w.main.loader:
			closeOnce(w.reached)
		case w.before != nil && e.LoaderID == w.before.loader:
			w.before.loaded = true
		}
	case *page.EventJavascriptDialogOpening:
		w.dialogs++
		select {
		case w.dialog <- struct{}{}:
		default:
		}
	case *page.EventFrameStoppedLoading:
		if w.stayed && e.FrameID == w.main.frame {
			closeOnce(w.reached) // a load that was left for a download has no other end
		}
	case *inspector.EventTargetCrashed:
		closeOnce(w.crashed)
	default:
		w.heard(event)
	}
}

// closeOnce closes a channel that only one goroutine closes.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

func (w *watch) sent(e *network.EventRequestWillBeSent) {
	if !strings.HasPrefix(e.Request.URL, "http") {
		return // data: and blob: go nowhere
	}
	w.requests++
	address := e.Request.URL[:min(len(e.Request.URL), maxBrowserAddress)]
	if len(w.open) < maxBrowserOpen {
		w.open[e.RequestID] = address
	}
	document := e.Type == network.ResourceTypeDocument && string(e.RequestID) == string(e.LoaderID)
	if !document || w.main.frame != "" && e.FrameID != w.main.frame || w.loaded() {
		return
	}
	if w.beganAt.IsZero() {
		w.beganAt, w.began = time.Now(), e.Timestamp.Float64()
	}
	next := documentOf(e, address)
	if e.RedirectResponse != nil || w.main.url != "" {
		next.hops = w.main.hops + 1
		next.visited = append(w.main.visited, w.main.url)
		next.visited = next.visited[max(0, len(next.visited)-maxBrowserList):]
	}
	if e.RedirectResponse == nil && w.main.answer != nil {
		before := w.main
		w.before = &before
	}
	w.main = next
}

func documentOf(e *network.EventRequestWillBeSent, address string) document {
	return document{frame: e.FrameID, loader: e.LoaderID, request: e.RequestID, url: address, started: e.Timestamp.Float64()}
}

func (w *watch) loaded() bool {
	select {
	case <-w.reached:
		return true
	default:
		return false
	}
}

func (w *watch) answered(e *network.EventResponseReceived) {
	if e.RequestID == w.main.request {
		w.main.answer = e.Response
		return
	}
	if e.Response.Status >= 400 {
		w.failures.add(w.shown(w.open[e.RequestID]))
	}
}

func (w *watch) failed(e *network.EventLoadingFailed) {
	address, known := w.open[e.RequestID]
	delete(w.open, e.RequestID)
	switch {
	case e.RequestID == w.main.request && w.before == nil: // the navigation tells
	case e.RequestID == w.main.request && (e.Canceled || e.ErrorText == "net::ERR_ABORTED"):
		w.stay()
	case e.RequestID == w.main.request:
		select {
		case w.broken <- e.ErrorText:
		default:
		}
	case known && !e.Canceled:
		w.failures.add(w.shown(address))
	}
}

// stay goes back to the document that is still there when what a script went to
// turns out to be none, such as a download.
func (w *watch) stay() {
	w.main, w.before, w.stayed = *w.before, nil, true
	if w.main.loaded {
		closeOnce(w.reached)
	}
}

// shown returns an address for readers.
func (w *watch) shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return tidy(redact(u), w.secrets)
}

// heard takes in what the page and the browser complain about.
func (w *watch) heard(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.complain(spoken(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + spoken([]*runtime.RemoteObject{thrown})
		}
		w.complain(text)
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError && e.Entry.Source != cdplog.EntrySourceNetwork {
			w.complain(e.Entry.Text)
		}
	}
}

func (w *watch) complain(text string) {
	if len(w.errors.first) == maxBrowserList {
		w.errors.count++
		return
	}
	w.errors.add(tidy(text[:min(len(text), maxShown)], w.secrets))
}

// spoken joins the arguments of a message to the console.
func spoken(args []*runtime.RemoteObject) string {
	var parts []string
	for _, arg := range args[:min(len(args), 10)] {
		text := arg.Description
		if raw := []byte(arg.Value); text == "" && len(raw) > 0 && len(raw) <= maxShown {
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
		} else if text == "" {
			text = string(raw[:min(len(raw), maxShown)])
		}
		parts = append(parts, text[:min(len(text), maxShown)])
	}
	return strings.Join(parts, " ")
}
