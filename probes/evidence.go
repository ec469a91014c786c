package probes

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Evidence is what a producer needs to find a failure on their side. It holds
// no secret, and is bounded: a few kilobytes each of header and body.
type Evidence struct {
	URL         string        `json:"url,omitempty"`         // that answered last, after redirects
	StatusLine  string        `json:"status_line,omitempty"` // such as "HTTP/2.0 503 Service Unavailable"
	Header      []HeaderField `json:"headers,omitempty"`     // of the answer, by name
	Body        string        `json:"body,omitempty"`        // its beginning, at most MaxEvidence bytes
	BodyCut     bool          `json:"body_cut,omitempty"`    // the body goes on
	BodyHidden  string        `json:"body_hidden,omitempty"` // why the body is not shown: HiddenBinary or HiddenPrivate
	Certificate *Presented    `json:"certificate,omitempty"` // of the server, trusted or not
	Remote      string        `json:"remote,omitempty"`      // address and port that answered
	Phases      Phases        `json:"phases"`
	Checks      []Check       `json:"checks,omitempty"` // those that failed
	Hops        []Hop         `json:"hops,omitempty"`   // each request in turn, where there was a redirect
}

// MaxEvidence is the most bytes of a body, and of the header, that evidence holds.
const MaxEvidence = 4 << 10

// Why a body is not shown.
const (
	HiddenBinary  = "binary"  // it is not text
	HiddenPrivate = "private" // it was asked for with credentials, so that it may not be meant for everybody
)

// HeaderField is one field of a header. The value of a field that is not known
// to be harmless is ***.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Presented is the certificate that a server showed.
type Presented struct {
	Subject     string    `json:"subject"`
	Issuer      string    `json:"issuer"`
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	Names       []string  `json:"names,omitempty"` // that it is for, the first ten
	Fingerprint string    `json:"sha256"`          // of all of it, hexadecimal
}

// The bounds of what is looked at, and of lists.
const (
	evidenceWindow = 4 * MaxEvidence // of a body: secrets are looked for beyond what is shown
	maxNames       = 10              // of a certificate
	maxFailed      = 20              // checks
)

// shownHeaders are the fields whose values say nothing about who asks.
var shownHeaders = []string{
	"Accept-Ranges", "Age", "Allow", "Alt-Svc", "Cache-Control", "Cf-Ray", "Connection", "Content-Disposition", "Content-Encoding",
	"Content-Language", "Content-Length", "Content-Range", "Content-Type", "Date", "Deprecation", "Etag", "Expires", "Last-Modified",
	"Location", "Pragma", "Ratelimit", "Ratelimit-Limit", "Ratelimit-Policy", "Ratelimit-Remaining", "Ratelimit-Reset", "Retry-After",
	"Server", "Server-Timing", "Strict-Transport-Security", "Sunset", "Transfer-Encoding", "Vary", "Via", "Warning", "Www-Authenticate",
	"X-Cache", "X-Correlation-Id", "X-Powered-By", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Request-Id",
}

// evidence collects what the run saw; its texts are still as they came.
func (o *Observation) evidence(err error) *Evidence {
	e := &Evidence{URL: o.URL, Remote: o.Remote, Certificate: presented(o.TLS, err)}
	if o.Status != 0 {
		e.StatusLine = strings.TrimSpace(o.Proto + " " + statusLine(o.Status))
	}
	left := MaxEvidence
	for _, name := range slices.Sorted(maps.Keys(o.Header)) {
		for _, value := range o.Header[name] {
			f := HeaderField{Name: tidy(name, nil), Value: shownValue(name, value)}
			if left -= len(f.Name) + len(f.Value); left < 0 {
				return e.withBody(o.Body)
			}
			e.Header = append(e.Header, f)
		}
	}
	return e.withBody(o.Body)
}

func (e *Evidence) withBody(body []byte) *Evidence {
	e.BodyCut = len(body) > evidenceWindow
	e.Body = string(body[:min(len(body), evidenceWindow)])
	return e
}

func statusLine(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status)
}

func shownValue(name, value string) string {
	switch {
	case !slices.Contains(shownHeaders, http.CanonicalHeaderKey(name)):
		return redacted
	case name == "Location":
		if u, err := url.Parse(value); err == nil {
			return redact(u)
		}
		return redacted
	}
	return value
}

// presented returns the server's certificate; also one that was refused.
func presented(state *tls.ConnectionState, err error) *Presented {
	var chain []*x509.Certificate
	if state != nil {
		chain = state.PeerCertificates
	}
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		chain = refused.UnverifiedCertificates
	}
	if len(chain) == 0 {
		return nil
	}
	c := chain[0]
	sum := sha256.Sum256(c.Raw)
	p := &Presented{
		Subject: tidy(c.Subject.String(), nil), Issuer: tidy(c.Issuer.String(), nil),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Fingerprint: hex.EncodeToString(sum[:]),
	}
	for _, name := range c.DNSNames {
		p.Names = append(p.Names, tidy(name, nil))
		if len(p.Names) == maxNames {
			return p
		}
	}
	for _, ip := range c.IPAddresses[:min(len(c.IPAddresses), maxNames-len(p.Names))] {
		p.Names = append(p.Names, ip.String())
	}
	return p
}

// conclude makes the evidence of a result fit to be kept and shown, once its
// checks are. There is none where nothing failed, and where the fault is our
// own: no producer can do anything about that.
func (p Probe) conclude(r *Result, secrets []string) {
	e := r.Evidence
	if e == nil || !p.Verbose && !r.telling() {
		r.Evidence = nil
		return
	}
	e.Phases = r.Phases
	e.URL = tidy(e.URL, secrets)
	for i := range e.Header {
		e.Header[i].Value = tidy(e.Header[i].Value, secrets)
	}
	e.Checks = r.failed()
	e.Hops = r.Hops
	switch {
	case e.Body == "":
	case !p.Verbose && (len(secrets) > 0 || p.identified()):
		e.Body, e.BodyCut, e.BodyHidden = "", false, HiddenPrivate
	default:
		e.excerpt(secrets)
	}
}

// identified reports whether the probe shows a client certificate: it has no
// text that is secret.
func (p Probe) identified() bool {
	shower, ok := p.Prober.(interface{ showsCertificate() bool })
	return ok && shower.showsCertificate()
}

func (c *Connection) showsCertificate() bool { return c.ClientCertificate != nil }

func (r *Result) telling() bool {
	switch r.Class {
	case ClassNone, ClassLocal, ClassForbidden:
		return false
	}
	return true
}

// failed returns the checks that failed, those of a journey's steps with the
// name of the step.
func (r *Result) failed() (failed []Check) {
	add := func(prefix string, checks []Check) {
		for _, c := range checks {
			if !c.Passed && len(failed) < maxFailed {
				c.Assertion = shorten(prefix+c.Assertion, MaxDetail)
				failed = append(failed, c)
			}
		}
	}
	add("", r.Checks)
	for _, step := range r.Steps {
		add(step.Name+": ", step.Checks)
	}
	return failed
}

// excerpt cuts the body down to what is shown, without what looks like a secret.
func (e *Evidence) excerpt(secrets []string) {
	text := e.Body
	longest := 0
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, redacted)
		longest = max(longest, len(s))
	}
	if e.BodyCut { // the end may be the beginning of a secret
		text = text[:max(0, len(text)-longest)]
	}
	if len(text) > 2*MaxEvidence { // what is left of it is enough, and the rest takes time
		text, e.BodyCut = text[:2*MaxEvidence], true
	}
	text, odd := printable(withoutCredentials(text))
	if odd > len(text)/4 {
		e.Body, e.BodyCut, e.BodyHidden = "", false, HiddenBinary
		return
	}
	e.Body = text
	if len(text) > MaxEvidence {
		e.Body, e.BodyCut = shorten(text, MaxEvidence), true
	}
}

// MovedTo returns the host that a permanent redirect of the run led to, when it
// is another than the one that was asked; empty otherwise.
func (r *Result) MovedTo() string {
	hops := r.Hops
	if len(hops) == 0 && r.Evidence != nil {
		hops = r.Evidence.Hops
	}
	for i := 1; i < len(hops); i++ {
		if to := otherHost(hops[i-1].URL, hops[i].URL); to != "" && permanent(hops[i-1].Status) {
			return to
		}
	}
	if e := r.Evidence; e != nil && permanent(r.Status) {
		for _, f := range e.Header {
			if f.Name == "Location" {
				return otherHost(e.URL, f.Value)
			}
		}
	}
	return ""
}

func permanent(status int) bool {
	return status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect
}

// otherHost returns the host of an address that another one leads to, unless it
// is the same.
func otherHost(from, to string) string {
	a, err := url.Parse(from)
	if err != nil {
		return ""
	}
	b, err := a.Parse(to)
	if err != nil || strings.EqualFold(a.Hostname(), b.Hostname()) {
		return ""
	}
	return b.Hostname()
}
