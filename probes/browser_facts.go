package probes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserReasons sort the errors of the browser's network (net_error_list.h) by
// the beginnings of their names. An error that is not there is ours.
var browserReasons = []struct {
	class ErrorClass
	text  string
	names []string
}{
	{ClassTLS, "the certificate is not one that a browser accepts", []string{"ERR_CERT_", "ERR_CERTIFICATE_TRANSPARENCY"}},
	{ClassTLS, "TLS handshake failed", []string{"ERR_SSL_", "ERR_BAD_SSL", "ERR_TLS"}},
	{ClassRedirect, "redirected without end", []string{"ERR_TOO_MANY_REDIRECTS"}},
	{ClassRedirect, "redirected to an address that a browser does not follow", []string{"ERR_UNSAFE_REDIRECT", "ERR_INVALID_REDIRECT", "ERR_UNKNOWN_URL_SCHEME", "ERR_INVALID_URL", "ERR_UNSAFE_PORT", "ERR_DISALLOWED_URL_SCHEME"}},
	{ClassConnect, "connection closed without a complete answer", []string{"ERR_EMPTY_RESPONSE", "ERR_CONNECTION_", "ERR_SOCKET_NOT_CONNECTED", "ERR_INCOMPLETE_", "ERR_CONTENT_LENGTH_MISMATCH", "ERR_HTTP2_PING_FAILED", "ERR_HTTP2_SERVER_REFUSED_STREAM"}},
	{ClassTimeout, "the browser gave up waiting", []string{"ERR_TIMED_OUT"}},
	{ClassProtocol, "the answer is not valid HTTP", []string{"ERR_INVALID_RESPONSE", "ERR_INVALID_HTTP_RESPONSE", "ERR_INVALID_CHUNKED_ENCODING", "ERR_RESPONSE_HEADERS_", "ERR_CONTENT_DECODING_", "ERR_HTTP2_", "ERR_ENCODING_", "ERR_INVALID_HEADER"}},
	{ClassProtocol, "the page may not be shown", []string{"ERR_BLOCKED_BY_RESPONSE", "ERR_BLOCKED_BY_CSP"}},
}

func browserReason(reason string, ownRoots bool) (ErrorClass, string) {
	if ownRoots && reason == "ERR_CERT_AUTHORITY_INVALID" {
		return ClassLocal, "the browser does not know our own root certificates"
	}
	for _, r := range browserReasons {
		for _, name := range r.names {
			if strings.HasPrefix(reason, name) {
				return r.class, r.text
			}
		}
	}
	return ClassLocal, "the browser could not open the page"
}

// readPage runs in a world of its own, where nothing that the page's scripts
// changed is seen. A paint may follow the load, so it is given half a second.
const readPage = `(async limit => {
	const painted = await new Promise(done => {
		try {
			new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
				.observe({type: "largest-contentful-paint", buffered: true});
		} catch { done(0) }
		setTimeout(() => done(0), 500);
	});
	const n = performance.getEntriesByType("navigation")[0] || {};
	const fcp = performance.getEntriesByName("first-contentful-paint")[0];
	const html = document.documentElement ? document.documentElement.outerHTML : "";
	return {
		load: n.loadEventStart, dom: n.domContentLoadedEventStart, fcp: fcp && fcp.startTime, lcp: painted,
		title: String(document.title).slice(0, 300), html: html.slice(0, limit + 1),
	};
})(%d)`

// read takes the facts from a page that is loaded.
func (v *visit) read(outer, ctx context.Context, target *chromedp.Target) *Fault {
	v.watch.mu.Lock()
	frame := v.watch.main.frame
	v.watch.mu.Unlock()
	v.certificate(ctx, target)
	world, err := cdp.Call(ctx, target, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame})
	if err != nil {
		return v.lost(outer, err)
	}
	result, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{
		Expression: fmt.Sprintf(readPage, v.plan.maxBody), ContextID: world.ExecutionContextID,
		ReturnByValue: new(true), AwaitPromise: new(true), Silent: new(true),
	})
	if err != nil {
		if ctx.Err() == nil && outer.Err() == nil {
			return nil // the page went on to another one, which is its right
		}
		return v.lost(outer, err)
	}
	var seen struct {
		Load, DOM, FCP, LCP float64
		Title, HTML         string
	}
	if result.Result == nil || json.Unmarshal(result.Result.Value, &seen) != nil {
		return nil
	}
	v.observed.Facts = map[string]any{"title": tidy(seen.Title, v.plan.secrets)}
	for name, milliseconds := range map[string]float64{
		"load": seen.Load, "dom_content_loaded": seen.DOM, "first_contentful_paint": seen.FCP, "largest_contentful_paint": seen.LCP,
	} {
		if milliseconds > 0 {
			v.observed.Facts[name] = milliseconds / 1000
		}
	}
	if len(seen.HTML) > v.plan.maxBody {
		return faultf(ClassSize, errTooLarge, "the document is larger than the %s that the probe reads: raise max_body", Bytes(v.plan.maxBody))
	}
	v.observed.Body = []byte(seen.HTML)
	return nil
}

// certificate takes the chain that the browser was shown; without it the page
// is as good.
func (v *visit) certificate(ctx context.Context, target *chromedp.Target) {
	v.watch.mu.Lock()
	address := v.watch.main.url
	v.watch.mu.Unlock()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return
	}
	shown, err := cdp.Call(ctx, target, network.GetCertificate, network.GetCertificateParams{Origin: u.Scheme + "://" + u.Host})
	if err != nil {
		return
	}
	var chain []*x509.Certificate
	for _, text := range shown.TableNames {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		chain = append(chain, c)
	}
	if len(chain) > 0 {
		v.observed.TLS = &tls.ConnectionState{HandshakeComplete: true, ServerName: u.Hostname(), PeerCertificates: chain}
	}
}

// observe takes over what the browser told, whether the page was loaded or not.
func (v *visit) observe() {
	now := time.Now()
	w, o := v.watch, &v.observed
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.Facts == nil {
		o.Facts = make(map[string]any)
	}
	o.Facts["requests"] = w.requests
	o.Facts["failed_requests"], o.Facts["failed_request_count"] = orEmpty(w.failures.first), w.failures.count
	o.Facts["console_errors"], o.Facts["console_error_count"] = orEmpty(w.errors.first), w.errors.count
	o.Facts["transferred"] = v.proxy.received.Load()
	o.URL, o.Redirects = w.shown(w.main.url), w.main.hops
	if w.beganAt.IsZero() {
		return
	}
	if d := v.dialled(w.main.url); d != nil {
		d.hop.note(func() { o.Remote = d.hop.remote })
	}
	if answer := w.main.answer; answer != nil {
		o.Status, o.Proto = int(answer.Status), protocol(answer.Protocol)
		o.Header = make(http.Header)
		for name, value := range answer.Headers {
			if text, ok := value.(string); ok {
				for line := range strings.SplitSeq(text, "\n") {
					o.Header.Add(name, line)
				}
			}
		}
	}
	o.Phases = v.phases(now)
}

func orEmpty(list []any) []any {
	if list == nil {
		return []any{}
	}
	return list
}

// protocol returns the browser's name of a protocol as net/http has it.
func protocol(name string) string {
	switch name {
	case "h2":
		return "HTTP/2.0"
	case "h3":
		return "HTTP/3.0"
	}
	return strings.ToUpper(name)
}

// phases divides the time of the document; its caller holds the lock of the
// watch. The proxy knows the look-up and the connection, the browser the rest.
// A host that an earlier hop went to has its connection already.
func (v *visit) phases(now time.Time) Phases {
	main := v.watch.main
	seconds := func(s float64) time.Duration { return max(0, time.Duration(s*float64(time.Second))) }
	end := main.finished
	if end == 0 {
		end = v.watch.began + now.Sub(v.watch.beganAt).Seconds()
	}
	p := Phases{Redirect: seconds(main.started - v.watch.began)}
	left := seconds(end - main.started)
	take := func(phase *time.Duration, d time.Duration) {
		*phase = min(max(0, d), left)
		left -= *phase
	}
	if d := v.dialled(main.url); d != nil && !v.visited(main) {
		until := d.ended
		if until.IsZero() {
			until = now
		}
		dialled := d.hop.phases(until)
		take(&p.DNS, dialled.DNS)
		take(&p.Connect, dialled.Connect)
	}
	if main.answer == nil || main.answer.Timing == nil {
		take(&p.Wait, left)
		return p
	}
	t := main.answer.Timing
	if t.SslStart >= 0 {
		take(&p.TLS, seconds((t.SslEnd-t.SslStart)/1000))
	}
	take(&p.Wait, left-seconds(end-t.RequestTime-t.ReceiveHeadersStart/1000))
	take(&p.Transfer, left)
	return p
}

// visited reports whether a hop before the document went to its host.
func (v *visit) visited(main document) bool {
	here, err := url.Parse(main.url)
	for _, text := range main.visited {
		there, errThere := url.Parse(text)
		if errors.Join(err, errThere) == nil && address(here) == address(there) {
			return true
		}
	}
	return false
}
