package alerts

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"observatoire/secret"
)

// maxAnswer bounds what is read of a receiver's answer.
const maxAnswer = 64 << 10

// Webhook posts each alert to an address as JSON:
//
//	{
//	  "version": 1,
//	  "id": "42-9f86d081884c7d65",
//	  "alert": {"key": "outage/api-geo/communes", "kind": "outage", "state": "firing", …},
//	  "title": "[Panne] API Géo ne répond plus depuis 14 h 05 (délai dépassé)",
//	  "text": "…"
//	}
//
// The fields of alert are those of [Alert]; title and text are for readers, as
// [Message] writes them. A field is only ever added while the version stays the
// same. The id, also in the header Idempotency-Key, stays the same when a
// delivery is tried again, so that a receiver can tell a second copy. With a
// secret, X-Observatoire-Signature holds "sha256=" and the HMAC-SHA256 of the
// body in hexadecimal.
//
// An answer 2xx is success. Answers 408, 429, 5xx and redirects, which are not
// followed, and faults of the network are tried again; any other is final.
type Webhook struct {
	URL      secret.Value            `yaml:"url" doc:"address that alerts are posted to; kept secret, for it often holds a token" required:"true"`
	Headers  map[string]secret.Value `yaml:"headers" doc:"further headers, such as Authorization"`
	Secret   secret.Value            `yaml:"secret" doc:"key of the HMAC-SHA256 of the body in X-Observatoire-Signature"`
	Timeout  time.Duration           `yaml:"timeout" doc:"time that an attempt may take, at most 30s"`
	Language string                  `yaml:"language" doc:"of title and text: fr or en"`
	CA       string                  `yaml:"ca" doc:"file of certificates (PEM) that are trusted beside the system's"`
}

func newWebhook() *Webhook {
	return &Webhook{Timeout: 10 * time.Second, Language: defaultLanguage}
}

// Validate returns the first fault of the settings, its field first.
func (w *Webhook) Validate() error {
	if _, err := w.address(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.Headers)) {
		probe := http.Header{name: {w.Headers[name].Reveal()}}
		if !sendable(probe) {
			return fmt.Errorf("headers: %q is not a header that can be sent", name)
		}
	}
	if w.Timeout <= 0 || w.Timeout > attemptDeadline {
		return fmt.Errorf("timeout: want a time up to %s", attemptDeadline)
	}
	if err := validLanguage(w.Language); err != nil {
		return err
	}
	_, err := trusted(w.CA)
	return err
}

// address returns the parsed URL. Its errors do not hold it.
func (w *Webhook) address() (*url.URL, error) {
	if w.URL.IsZero() {
		return nil, errors.New("url: required")
	}
	u, err := url.Parse(w.URL.Reveal())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("url: want an address that begins with https:// or http://")
	}
	return u, nil
}

// Notify posts the alert.
func (w *Webhook) Notify(ctx context.Context, id string, a Alert) (retry bool, err error) {
	u, err := w.address()
	if err != nil {
		return false, fmt.Errorf("webhook: %w", err)
	}
	where := "webhook " + u.Scheme + "://" + u.Host
	request, err := w.request(ctx, id, a)
	if err != nil {
		return false, fmt.Errorf("%s: %s", where, w.redact(u, err))
	}
	client, err := w.client()
	if err != nil {
		return true, fmt.Errorf("%s: %w", where, err)
	}
	answer, err := client.Do(request)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the outer one holds the address
		}
		return true, fmt.Errorf("%s: %s", where, w.redact(u, err))
	}
	defer answer.Body.Close()
	// Read so that the receiver need not see its connection broken; what it says does not matter.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
	switch code := answer.StatusCode; {
	case code/100 == 2:
		return false, nil
	case code/100 == 4 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return false, fmt.Errorf("%s: answer %d, want 2xx", where, code)
	default:
		return true, fmt.Errorf("%s: answer %d, want 2xx", where, code)
	}
}

func (w *Webhook) request(ctx context.Context, id string, a Alert) (*http.Request, error) {
	a = bounded(a)
	title, text := Message(a, w.Language)
	body, err := json.Marshal(struct {
		Version int    `json:"version"`
		ID      string `json:"id"`
		Alert   Alert  `json:"alert"`
		Title   string `json:"title"`
		Text    string `json:"text"`
	}{1, id, a, title, text})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL.Reveal(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "observatoire")
	for name, value := range w.Headers {
		request.Header.Set(name, value.Reveal())
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("Idempotency-Key", id)
	if !w.Secret.IsZero() {
		mac := hmac.New(sha256.New, []byte(w.Secret.Reveal()))
		mac.Write(body)
		request.Header.Set("X-Observatoire-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	return request, nil
}

// client returns a client for one exchange: alerts are rare, and a connection
// kept in between would more often be a stale one.
func (w *Webhook) client() (*http.Client, error) {
	tlsConfig, err := trusted(w.CA)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout:       w.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        tlsConfig,
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxAnswer,
		},
	}, nil
}

// redact returns the error's text without what the settings keep secret.
func (w *Webhook) redact(u *url.URL, err error) string {
	password, _ := u.User.Password()
	hidden := []string{w.URL.Reveal(), u.RequestURI(), u.Path, u.RawQuery, u.User.Username(), password, w.Secret.Reveal()}
	for _, value := range w.Headers {
		hidden = append(hidden, value.Reveal())
	}
	return redacted(err, hidden...)
}
