package probes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"observatoire/secret"
)

// HTTP sends one request over HTTP/1.1 or HTTP/2, on a connection of its own,
// and reads the whole answer. It follows redirects, each on its own connection;
// to another host it sends none of the configured headers but those that say
// what answer is wanted, no credentials and no body.
type HTTP struct {
	URL          string                  `yaml:"url" doc:"address, http:// or https://" required:"true"`
	Method       string                  `yaml:"method" doc:"method of the request"`
	Headers      map[string]secret.Value `yaml:"headers" doc:"headers of the request; their values are never shown, and not sent to another host"`
	Body         string                  `yaml:"body" doc:"body of the request"`
	MaxBody      Bytes                   `yaml:"max_body" doc:"most bytes of body that are read, decompressed, such as 512kB; at most 100MB"`
	MaxRedirects int                     `yaml:"max_redirects" doc:"most redirects that are followed, at most 20; with 0 a redirect is the answer"`
	Auth         *Auth                   `yaml:"auth" doc:"who asks: one of basic, bearer, api_key and oauth2; not sent to another host"`
	Connection   `yaml:",inline" doc:"how the probe connects"`

	once sync.Once
	plan plan
	err  error
}

// The bounds of the settings, and of what is read of any answer.
const (
	defaultMaxBody      Bytes = 1e6
	largestMaxBody      Bytes = 100e6
	defaultMaxRedirects       = 5
	largestMaxRedirects       = 20
	maxHeaderBytes            = 512 << 10 // more than any browser reads
	maxInterim                = 10        // answers 1xx before the final one
)

func newHTTP() Prober {
	return &HTTP{Method: http.MethodGet, MaxBody: defaultMaxBody, MaxRedirects: defaultMaxRedirects}
}

// plan is what the settings come to; the same for each run.
type plan struct {
	url     *url.URL // without its user
	method  string
	header  http.Header
	host    string // in place of the URL's
	body    string
	maxBody int64
	hops    int // redirects that are followed
	link    *link
	tokens  *tokens // that say who asks; nil where nothing, or something that does not change, does
	veiled  string  // a parameter of the URL whose value is never shown
	secrets []string
}

// Validate checks the settings.
func (h *HTTP) Validate() error {
	h.once.Do(func() { h.plan, h.err = h.compile() })
	return h.err
}

// Target returns the URL without user, and without what looks like a secret.
func (h *HTTP) Target() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return ""
	}
	return redact(u)
}

// String returns the method and the target, so that printing a prober shows no
// secret.
func (h *HTTP) String() string { return "http " + cmp.Or(h.Method, http.MethodGet) + " " + h.Target() }

// Observe implements [Prober].
func (h *HTTP) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := h.Validate(); err != nil {
		return Observation{}, faultf(ClassLocal, err, "the probe's settings are wrong")
	}
	began := time.Now()
	p, token, fault := h.plan.authorized(ctx, from)
	if fault != nil {
		return Observation{Time: began}, fault
	}
	x := exchangeOf(p, from)
	fault = x.run(ctx)
	x.observed.Phases = x.phases()
	if token != "" && x.observed.Status == http.StatusUnauthorized {
		p.tokens.forget(token)
	}
	if fault != nil {
		return x.observed, fault.after(x.observed.Time.Sub(began), x.observed.Phases.Total())
	}
	return x.observed, nil
}

// secretTexts returns the texts that must not be shown, should an answer or an
// error hold them.
func (h *HTTP) secretTexts() []string {
	if h.Validate() != nil {
		return nil
	}
	return h.plan.secrets
}

func (h *HTTP) compile() (plan, error) {
	p := plan{
		method: strings.ToUpper(h.Method), header: http.Header{},
		body: h.Body, maxBody: int64(h.MaxBody), hops: h.MaxRedirects,
	}
	if p.method == "" {
		p.method = http.MethodGet
	}
	if p.maxBody == 0 {
		p.maxBody = int64(defaultMaxBody)
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	p.link, faults = h.Connection.compile()

	u, err := parseURL(h.URL)
	if err != nil {
		fault("url: %w", err)
	} else {
		faults = append(faults, h.authenticate(u)...)
		if !p.link.fits(u) {
			fault("ip: the address in url is of the other family")
		}
		p.url, p.header = u, h.header(u, &p)
	}
	if !validName(p.method) || p.method == http.MethodConnect {
		fault("method: %q is not a method of HTTP that can be sent", h.Method)
	}
	for name, value := range h.Headers {
		if !validName(name) {
			fault("headers: %q is not the name of a header", name)
		} else if !validValue(value.Reveal()) {
			fault("headers: %s: has characters that a header cannot hold", name)
		}
	}
	if h.MaxBody < 0 || h.MaxBody > largestMaxBody {
		fault("max_body: must be from 1 to %s", largestMaxBody)
	}
	if h.MaxRedirects < 0 || h.MaxRedirects > largestMaxRedirects {
		fault("max_redirects: must be from 0 to %d", largestMaxRedirects)
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if h.Auth != nil && len(faults) == 0 {
		h.Auth.authorize(&p)
	}
	return p, errors.Join(faults...)
}

// authenticate checks what says who asks.
func (h *HTTP) authenticate(u *url.URL) []error {
	if h.Auth == nil {
		return nil
	}
	for name := range h.Headers {
		if http.CanonicalHeaderKey(name) == "Authorization" {
			return []error{errors.New("auth: not together with a header Authorization")}
		}
	}
	if u.User != nil {
		return []error{errors.New("auth: not together with a user in url")}
	}
	return within("auth", h.Auth.Validate())
}

// header returns the request's own headers, and notes the secrets among them
// and in the URL, whose user it takes out.
func (h *HTTP) header(u *url.URL, p *plan) http.Header {
	header := http.Header{}
	for name, hidden := range h.Headers {
		name, value := http.CanonicalHeaderKey(name), hidden.Reveal()
		if name == "Host" {
			p.host = value
			continue
		}
		header.Set(name, value)
		if !slices.Contains(shareable, name) {
			p.hide(value)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		p.hide(password)
		if header.Get("Authorization") == "" {
			r := http.Request{Header: header}
			r.SetBasicAuth(u.User.Username(), password)
			p.hide(header.Get("Authorization"))
		}
		u.User = nil
	}
	for name, values := range u.Query() {
		if secretName(name) {
			p.hide(values...)
		}
	}
	return header
}

// hide notes texts that must not be shown; also as they are written in a URL
// and between quotes, and without the scheme of authentication before them.
func (p *plan) hide(texts ...string) {
	const shortest = 4 // a shorter one would be found in any text
	for _, text := range texts {
		quoted := strconv.Quote(text)
		forms := []string{text, url.QueryEscape(text), url.PathEscape(text), quoted[1 : len(quoted)-1]}
		if _, rest, ok := strings.Cut(text, " "); ok {
			forms = append(forms, rest)
		}
		for _, form := range forms {
			if len(form) >= shortest && !slices.Contains(p.secrets, form) {
				p.secrets = append(p.secrets, form)
			}
		}
	}
	slices.SortFunc(p.secrets, func(a, b string) int { return len(b) - len(a) })
}

// parseURL reads the address of a request. Its errors do not hold it.
func parseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("required")
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("must begin with http:// or https:// and be a valid address")
	}
	if u.Hostname() == "" {
		return nil, errors.New("has no host")
	}
	for i := range len(u.Host) {
		if u.Host[i] <= ' ' || u.Host[i] > '~' {
			return nil, errors.New("the host must be in ASCII, such as xn--dmarches-b1a.example")
		}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("the port must be from 1 to 65535")
		}
	}
	return u, nil
}

// validName reports whether a text is a token of HTTP, as names of headers and
// methods are.
func validName(name string) bool {
	const others = "!#$%&'*+-.^_`|~"
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return name != ""
}

func validValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
