package probes

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Browser opens a page in a headless Chromium, with a fresh profile, and waits
// until it is loaded. Its phases are those of the page's document; its facts
// are those of the page:
//
//   - load, dom_content_loaded, first_contentful_paint, largest_contentful_paint:
//     seconds since the navigation began, absent where it did not come to that;
//   - title;
//   - requests: how many were made, those after redirects too;
//   - failed_requests and failed_request_count: the addresses of the first 20
//     resources that could not be had or came with a status of 400 and more;
//   - console_errors and console_error_count: the first 20 errors that the page
//     wrote to the console or did not catch;
//   - transferred: bytes received from all servers.
//
// The body is the document as the scripts left it. The browser trusts the root
// certificates that it comes with, not those of the [Vantage].
type Browser struct {
	URL        string `yaml:"url" doc:"address of the page, http:// or https://" required:"true"`
	Viewport   string `yaml:"viewport" doc:"size of the window in pixels, such as 1280x800"`
	Executable string `yaml:"executable" doc:"path of Chromium; by default chromium, chromium-browser or google-chrome, where the system finds it"`
	WaitUntil  string `yaml:"wait_until" doc:"when the page counts as loaded: load, dom_content_loaded, or network_idle (no request for half a second)"`
	MaxBody    Bytes  `yaml:"max_body" doc:"most bytes of the document that are read, such as 5MB; at most 20MB"`

	slots chan struct{} // one for each browser that may run now; nil for no bound
	extra []string      // further flags of the browser
	once  sync.Once
	plan  browserPlan
	err   error
}

const (
	maxBrowsers                 = 2 // at once
	defaultBrowserBody    Bytes = 5e6
	largestBrowserBody    Bytes = 20e6
	smallestView, largest       = 100, 8000
)

// lifecycle names the events of the browser that a page may be waited for.
var lifecycle = map[string]string{"load": "load", "dom_content_loaded": "DOMContentLoaded", "network_idle": "networkIdle"}

// browsers returns a maker of probers that share n browsers.
func browsers(n int) func() Prober {
	slots := make(chan struct{}, n)
	return func() Prober {
		return &Browser{Viewport: "1280x800", WaitUntil: "load", MaxBody: defaultBrowserBody, slots: slots}
	}
}

// browserPlan is what the settings come to.
type browserPlan struct {
	url           *url.URL
	width, height int
	until         string
	maxBody       int
	secrets       []string
}

// Validate checks the settings. That a browser is there is seen when it is
// wanted.
func (b *Browser) Validate() error {
	b.once.Do(func() { b.plan, b.err = b.compile() })
	return b.err
}

func (b *Browser) compile() (browserPlan, error) {
	var faults []error
	p := browserPlan{width: 1280, height: 800, until: "load", maxBody: int(b.MaxBody)}
	u, err := parseURL(b.URL)
	switch {
	case err != nil:
		faults = append(faults, fmt.Errorf("url: %w", err))
	case u.User != nil:
		faults = append(faults, errors.New("url: a user in the address is not for browsers"))
	default:
		p.url = u
		var hidden plan
		for name, values := range u.Query() {
			if secretName(name) {
				hidden.hide(values...)
			}
		}
		p.secrets = hidden.secrets
	}
	if b.Viewport != "" {
		if p.width, p.height, err = parseViewport(b.Viewport); err != nil {
			faults = append(faults, fmt.Errorf("viewport: %w", err))
		}
	}
	if b.WaitUntil != "" {
		if p.until = lifecycle[b.WaitUntil]; p.until == "" {
			faults = append(faults, fmt.Errorf("wait_until: %q is not one of load, dom_content_loaded, network_idle", b.WaitUntil))
		}
	}
	if p.maxBody == 0 {
		p.maxBody = int(defaultBrowserBody)
	}
	if b.MaxBody < 0 || b.MaxBody > largestBrowserBody {
		faults = append(faults, fmt.Errorf("max_body: must be from 1 to %s", largestBrowserBody))
	}
	return p, errors.Join(faults...)
}

func parseViewport(text string) (width, height int, err error) {
	w, h, _ := strings.Cut(text, "x")
	width, errW := strconv.Atoi(w)
	height, errH := strconv.Atoi(h)
	if errW != nil || errH != nil || min(width, height) < smallestView || max(width, height) > largest {
		return 0, 0, fmt.Errorf("%q is not a size: want a form such as 1280x800, from %d to %d", text, smallestView, largest)
	}
	return width, height, nil
}

// Target returns the URL without what looks like a secret.
func (b *Browser) Target() string {
	u, err := url.Parse(b.URL)
	if err != nil {
		return ""
	}
	return redact(u)
}

// String returns the kind and the target, so that printing a prober shows no
// secret.
func (b *Browser) String() string { return "browser " + b.Target() }

func (b *Browser) secretTexts() []string {
	if b.Validate() != nil {
		return nil
	}
	return b.plan.secrets
}

// Observe implements [Prober]. The time that it waits for a free browser, and
// that the browser takes to start, is in none of the phases.
func (b *Browser) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	began := time.Now()
	if err := b.Validate(); err != nil {
		return Observation{}, faultf(ClassLocal, err, "the probe's settings are wrong")
	}
	path, err := findBrowser(b.Executable)
	if err != nil {
		return Observation{}, faultf(ClassLocal, err, "no browser to open the page with: %v", err)
	}
	if b.slots != nil {
		select {
		case b.slots <- struct{}{}:
			defer func() { <-b.slots }()
		case <-ctx.Done():
			return Observation{}, faultf(ClassLocal, ctx.Err(), "no browser was free before the deadline: at most %s run at once", plural(cap(b.slots), "browser"))
		}
	}
	v := &visit{settings: b, plan: b.plan, from: from, asked: began}
	fault := v.run(ctx, path)
	if fault != nil {
		return v.observed, fault
	}
	return v.observed, nil
}
