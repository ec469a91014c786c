package probes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// visit is one run of a browser prober.
type visit struct {
	settings *Browser
	plan     browserPlan
	from     *Vantage
	asked    time.Time // Observe was called

	watch    *watch
	proxy    *browserProxy
	process  *chromium
	observed Observation
}

// run opens the page and fills what was observed. When it returns nothing of
// the browser is left.
func (v *visit) run(ctx context.Context, path string) *Fault {
	v.observed.Time = time.Now()
	proxy, err := newBrowserProxy(ctx, v.from)
	if err != nil {
		return faultf(ClassLocal, err, "we cannot listen for the browser: %v", root(err))
	}
	defer proxy.close()
	v.proxy = proxy
	flags := append(browserFlags(proxy.address(), v.plan.width, v.plan.height), v.settings.extra...)
	if v.process, err = newChromium(path, flags); err != nil {
		return faultf(ClassLocal, err, "no folder for the browser's profile: %v", root(err))
	}
	defer v.process.stop()
	v.watch = newWatch(v.plan.until, v.plan.secrets)

	within, cancel := context.WithCancel(ctx)
	defer cancel()
	// A page that loops hears nothing any more, so the browser is not asked to end.
	defer context.AfterFunc(within, v.process.stop)()
	v.process.ended = cancel
	within, cancel = chromedp.NewAllocatorContext(within, v.process)
	defer cancel()
	quiet := func(string, ...any) {}
	within, cancel = chromedp.NewContext(within, chromedp.WithBrowserOption(
		chromedp.WithBrowserLogf(quiet), chromedp.WithBrowserErrorf(quiet), chromedp.WithBrowserDebugf(quiet)))
	defer cancel()
	if err := v.prepare(within); err != nil {
		return v.startFault(ctx, err)
	}
	return v.visit(ctx, within)
}

// prepare starts the browser and makes it ready for the page.
func (v *visit) prepare(ctx context.Context) error {
	if err := chromedp.Listen(ctx, v.watch.see); err != nil {
		return err
	}
	version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		return err
	}
	if _, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny,
	}); err != nil {
		return err
	}
	agent := strings.TrimSpace(strings.ReplaceAll(version.UserAgent, "HeadlessChrome", "Chrome") + " " + v.from.UserAgent)
	return chromedp.Do(ctx,
		step(dom.Disable, cdp.Empty{}), step(css.Disable, cdp.Empty{}), // a page may change its document without end
		step(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent}),
		step(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(v.plan.width), Height: int64(v.plan.height), DeviceScaleFactor: 1,
		}),
	)
}

func step[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// startFault says why there is no browser; always a fault of ours.
func (v *visit) startFault(ctx context.Context, err error) *Fault {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return faultf(ClassLocal, err, "the browser did not start before the deadline")
	}
	if why := v.process.complaint(); why != "" {
		return faultf(ClassLocal, err, "the browser did not start: %s", why)
	}
	return faultf(ClassLocal, err, "the browser did not start: %v", root(err))
}

// visit opens the page in the browser that is ready.
func (v *visit) visit(outer, ctx context.Context) *Fault {
	v.observed.Time = time.Now()
	defer v.observe()
	stop := v.answerDialogs(ctx)
	defer stop()
	target := chromedp.FromContext(ctx).Target
	opened := make(chan navigation, 1)
	go func() {
		result, err := cdp.Call(ctx, target, page.Navigate, page.NavigateParams{URL: v.plan.url.String()})
		opened <- navigation{result, err}
	}()
	for {
		select {
		case n := <-opened:
			opened = nil
			if n.err != nil {
				return v.lost(outer, n.err)
			}
			if fault := v.refused(n.result); fault != nil {
				return fault
			}
		case reason := <-v.watch.broken:
			if fault := v.refused(page.NavigateResult{ErrorText: reason}); fault != nil {
				return fault
			}
		case <-v.watch.reached:
			return v.read(outer, ctx, target)
		case <-v.watch.crashed:
			return faultf(ClassInconclusive, nil, "the page made the browser crash: it may need more memory than there is here")
		case <-v.process.gone():
			return v.lost(outer, io.EOF)
		case <-ctx.Done():
			return v.lost(outer, ctx.Err())
		}
	}
}

type navigation struct {
	result page.NavigateResult
	err    error
}

// answerDialogs dismisses what would keep the page waiting for a person.
func (v *visit) answerDialogs(ctx context.Context) (stop func()) {
	target := chromedp.FromContext(ctx).Target
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-v.watch.dialog:
				_, _ = cdp.Call(ctx, target, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// lost says why there is no page: the deadline, our own stop, or a browser that
// is gone.
func (v *visit) lost(ctx context.Context, err error) *Fault {
	select {
	case <-v.watch.crashed:
		return faultf(ClassInconclusive, nil, "the page made the browser crash: it may need more memory than there is here")
	default:
	}
	if v.process.messages.over.Load() {
		return faultf(ClassSize, errBrowserTalks, "the page made the browser say more than %s at once", Bytes(maxMessage))
	}
	deadline, ok := ctx.Deadline()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return faultf(ClassLocal, ctx.Err(), "we stopped before the page was loaded")
	case !ok || ctx.Err() == nil:
		return faultf(ClassLocal, err, "the browser ended before the page was loaded")
	}
	if late, whole := v.observed.Time.Sub(v.asked), deadline.Sub(v.asked); late > whole/2 {
		return faultf(ClassLocal, err, "our browser was ready only %s before the deadline", brief((whole - late).Round(10*time.Millisecond)))
	}
	return v.slow(err, brief(deadline.Sub(v.observed.Time).Round(10*time.Millisecond)))
}

// slow says what the page was waiting for at the deadline.
func (v *visit) slow(err error, after string) *Fault {
	v.watch.mu.Lock()
	main, waiting := v.watch.main, len(v.watch.open)
	v.watch.mu.Unlock()
	if main.answer == nil {
		if dialled := v.dialled(main.url); dialled != nil {
			if dialled.fault != nil {
				return dialled.fault
			}
			if dialled.ended.IsZero() {
				return faultf(ClassTimeout, err, "no connection after %s", after)
			}
			return faultf(ClassTimeout, err, "no answer after %s", after)
		}
		return faultf(ClassLocal, err, "the browser asked for nothing in %s", after)
	}
	if v.watch.loaded() {
		return faultf(ClassTimeout, err, "the page was loaded, and then answered nothing any more, %s after it was opened", after)
	}
	if main.finished == 0 {
		return faultf(ClassTimeout, err, "the document was not complete after %s", after)
	}
	return faultf(ClassTimeout, err, "the page was not loaded after %s, with %s not answered", after, plural(waiting, "request"))
}

// dialled returns the connection to the host of an address.
func (v *visit) dialled(text string) *dialled {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return nil
	}
	return v.proxy.dialTo(u)
}

// refused says why the navigation failed, if it did.
func (v *visit) refused(result page.NavigateResult) *Fault {
	reason := strings.TrimPrefix(result.ErrorText, "net::")
	if reason == "" {
		return nil
	}
	v.watch.mu.Lock()
	main := v.watch.main
	v.watch.mu.Unlock()
	if main.answer != nil && main.answer.Status >= 400 {
		return nil // a status without a page: the browser shows one of its own
	}
	if result.IsDownload || reason == "ERR_ABORTED" {
		return faultf(ClassProtocol, nil, "the answer is no page: a download, or nothing at all")
	}
	if d := v.dialled(main.url); d != nil && d.fault != nil && strings.Contains(reason, "SOCKS") {
		return d.fault
	}
	class, text := browserReason(reason, v.from.Roots != nil)
	return faultf(class, fmt.Errorf("browser: %s", reason), "%s (%s)", text, reason)
}
