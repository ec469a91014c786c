package probes

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// shareable are the configured headers that also another host gets: they say
// what answer is wanted, and nothing about who asks.
var shareable = []string{"Accept", "Accept-Encoding", "Accept-Language", "User-Agent"}

// request returns a request of the method to the URL, with what its host may
// see of the settings.
func (x *exchange) request(ctx context.Context, method string, u *url.URL) *http.Request {
	r := (&http.Request{
		Method: method, URL: u, Host: u.Host, Header: make(http.Header, 8),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("User-Agent", x.from.UserAgent)
	if x.from.UserAgent == "" {
		r.Header.Set("User-Agent", "observatoire")
	}
	for name, values := range x.plan.header {
		if x.trusted || slices.Contains(shareable, name) {
			r.Header[name] = values
		}
	}
	if !x.trusted {
		return r
	}
	if x.plan.host != "" {
		r.Host = x.plan.host
	}
	// A redirect that changes the method drops the body with it.
	if x.plan.body != "" && method == x.plan.method {
		r.Body = io.NopCloser(strings.NewReader(x.plan.body))
		r.ContentLength = int64(len(x.plan.body))
	}
	return r
}

// next returns the request that the answer redirects to; nil where it is no
// redirect, or none that is to be followed.
func (x *exchange) next(request *http.Request, answer *http.Response) (*http.Request, *Fault) {
	method, ok := redirected(request.Method, answer.StatusCode)
	location := answer.Header.Get("Location")
	if !ok || location == "" || x.plan.hops == 0 {
		return nil, nil
	}
	if x.observed.Redirects == x.plan.hops {
		return nil, faultf(ClassRedirect, nil, "more than %d redirects, the last from %s", x.plan.hops, x.shown(request.URL))
	}
	to, err := request.URL.Parse(location)
	if err != nil {
		return nil, faultf(ClassRedirect, err, "redirected to something that is not an address")
	}
	if to.Scheme != "http" && to.Scheme != "https" {
		return nil, faultf(ClassRedirect, nil, "redirected to the scheme %s, which is not followed", to.Scheme)
	}
	if _, err := parseURL(to.String()); err != nil {
		return nil, faultf(ClassRedirect, err, "redirected to an address that cannot be followed: %v", err)
	}
	to.User = nil
	if !sameHost(request.URL, to) {
		x.trusted = false
		if x.plan.body != "" && method == x.plan.method && request.Body != nil {
			return nil, faultf(ClassForbidden, nil, "redirected with its body to another host, %s, which the probe does not trust", to.Host)
		}
	}
	next := x.request(request.Context(), method, to)
	if x.jar == nil && len(answer.Header["Set-Cookie"]) > 0 {
		x.jar = newCookies()
	}
	x.jar.keep(request.URL, answer)
	x.jar.send(next)
	return next, nil
}

// redirected returns the method of the request that a status redirects to.
func redirected(method string, status int) (string, bool) {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		if method != http.MethodHead {
			method = http.MethodGet
		}
		return method, true
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return method, true
	}
	return "", false
}

// sameHost reports whether what one address may know the other may too: the
// same host and port, or the same host over TLS on the usual ports.
func sameHost(from, to *url.URL) bool {
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return false
	}
	upgraded := from.Scheme == "http" && to.Scheme == "https" &&
		strings.HasSuffix(address(from), ":80") && strings.HasSuffix(address(to), ":443")
	return upgraded || from.Scheme == to.Scheme && address(from) == address(to)
}
