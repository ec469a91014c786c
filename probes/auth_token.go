package probes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"observatoire/secret"
)

// ask asks the server for a token, and returns how long it lasts.
func (t *tokens) ask(ctx context.Context, p *plan, from *Vantage) (token string, lasts time.Duration, fault *Fault) {
	desk := &tokenDesk{from: from, link: p.link}
	client := &http.Client{Transport: desk, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return "", 0, tokenFault(err, desk)
	}
	lasts = tokenDefault
	if !got.Expiry.IsZero() {
		lasts = min(time.Until(got.Expiry), tokenLongest)
	}
	wrong := ""
	switch {
	case len(got.AccessToken) > tokenLength:
		wrong = fmt.Sprintf("its token is larger than %d bytes", tokenLength)
	case !validValue(got.AccessToken) || strings.TrimSpace(got.AccessToken) != got.AccessToken:
		wrong = "its token has characters that a header cannot hold"
	case got.TokenType != "" && !strings.EqualFold(got.TokenType, "bearer"):
		wrong = "its token is not of the type bearer"
	case lasts <= 0:
		wrong = "its token is over already"
	default:
		return got.AccessToken, lasts, nil
	}
	return "", 0, faultf(ClassInconclusive, nil, "token server: %s", wrong)
}

// tokenFault says why there is no token. Whatever it is, it says nothing about
// the API; that the server refuses us is our missing right.
func tokenFault(err error, desk *tokenDesk) *Fault {
	if fault := desk.fault; fault != nil {
		class := fault.Class
		switch {
		case class == ClassSize:
			return faultf(ClassInconclusive, fault, "token server: its answer is larger than %s", tokenAnswer)
		case class.outcome() != Unknown:
			class = ClassInconclusive
		}
		return &Fault{Class: class, Detail: "token server: " + fault.Detail, Err: fault}
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return faultf(ClassInconclusive, nil, "token server: its answer holds no token") // err may hold the answer
	}
	said := ""
	if code := refused.ErrorCode; validName(code) && len(code) <= 50 {
		said = " (" + code + ")"
	}
	status := refused.Response.StatusCode
	class := ClassInconclusive
	switch {
	case status == http.StatusTooManyRequests:
		return faultf(ClassQuota, nil, "token server: status 429: we asked more often than it allows")
	case status == http.StatusBadRequest, status == http.StatusUnauthorized, status == http.StatusForbidden,
		status < 300 && said != "":
		return faultf(ClassRight, nil, "token server: refuses us: status %d%s", status, said)
	}
	return faultf(class, nil, "token server: status %d%s", status, said)
}

// tokenDesk sends the requests for one token as a prober sends its own: by the
// same network policy, and with the same bounds.
type tokenDesk struct {
	from  *Vantage
	link  *link
	fault *Fault         // of the last request
	last  *http.Response // of the last request
	body  []byte
}

const tokenAnswer Bytes = 256 << 10 // most bytes that are read of an answer

// RoundTrip implements [http.RoundTripper]. The library asks a second time in
// another way where the first fails; a server that fails or is out of reach is
// not asked again.
func (d *tokenDesk) RoundTrip(request *http.Request) (*http.Response, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	if d.last != nil && (d.last.StatusCode >= 500 || d.last.StatusCode == http.StatusTooManyRequests) {
		return d.answer(), nil
	}
	h := &HTTP{URL: request.URL.String(), Method: request.Method, MaxBody: tokenAnswer, Headers: map[string]secret.Value{}}
	for name := range request.Header {
		h.Headers[name] = secret.New(request.Header.Get(name))
	}
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		request.Body.Close()
		if err != nil {
			return nil, err
		}
		h.Body = string(body)
	}
	p, err := h.compile()
	if err != nil {
		d.fault = faultf(ClassLocal, err, "the request for a token cannot be sent")
		return nil, d.fault
	}
	if d.link != nil { // trusted alike, but not shown our certificate
		p.link = &link{network: "tcp", extra: d.link.extra}
	}
	x := exchangeOf(p, d.from)
	if d.fault = x.run(request.Context()); d.fault != nil {
		return nil, d.fault
	}
	o := &x.observed
	d.last = &http.Response{StatusCode: o.Status, Header: o.Header, Request: request, ProtoMajor: 1, ProtoMinor: 1}
	d.body = o.Body
	return d.answer(), nil
}

func (d *tokenDesk) answer() *http.Response {
	r := *d.last
	r.Body = io.NopCloser(bytes.NewReader(d.body))
	return &r
}
