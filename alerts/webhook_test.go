package alerts_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"observatoire/alerts"
	"observatoire/alerts/alertstest"
	"observatoire/secret"
)

const (
	hookToken  = "hook-token-1f0c"
	hookKey    = "hmac-key-77aa"
	hookBearer = "bearer-93b2"
)

func webhook(url string) *alerts.Webhook {
	notifier, _ := alerts.NewChannel("webhook")
	w := notifier.(*alerts.Webhook)
	w.URL = secret.New(url)
	return w
}

func TestWebhook(t *testing.T) {
	alertstest.Run(t, alertstest.Kit{Serve: serveHook, Secrets: []string{hookToken, hookKey, hookBearer}})
}

func serveHook(t *testing.T, answer alertstest.Answer) (alerts.Notifier, func() []alertstest.Message) {
	var mu sync.Mutex
	var accepted []alertstest.Message
	stop := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch answer {
		case alertstest.RefuseForNow:
			w.WriteHeader(http.StatusTooManyRequests)
		case alertstest.RefuseForGood:
			w.WriteHeader(http.StatusGone)
			fmt.Fprintln(w, r.URL, r.Header, string(body))
		case alertstest.Hang:
			<-stop
		case alertstest.Drop:
			panic(http.ErrAbortHandler)
		case alertstest.Babble:
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
					return
				}
			}
		default:
			m, err := received(r, body)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			accepted = append(accepted, m)
			mu.Unlock()
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stop) })
	notifier := webhook(server.URL + "/hooks/" + hookToken + "?key=" + hookToken)
	notifier.Secret = secret.New(hookKey)
	notifier.Headers = map[string]secret.Value{"Authorization": secret.New("Bearer " + hookBearer)}
	notifier.CA = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(notifier.CA, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := notifier.Validate(); err != nil {
		t.Fatal(err)
	}
	return notifier, func() []alertstest.Message {
		mu.Lock()
		defer mu.Unlock()
		return accepted
	}
}

// received reads a request as a receiver would that follows the documentation.
func received(r *http.Request, body []byte) (alertstest.Message, error) {
	var sent struct {
		Version int
		ID      string
		Alert   alerts.Alert
		Title   string
		Text    string
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return alertstest.Message{}, err
	}
	mac := hmac.New(sha256.New, []byte(hookKey))
	mac.Write(body)
	for name, want := range map[string]string{
		"X-Observatoire-Signature": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
		"Idempotency-Key":          sent.ID,
		"Authorization":            "Bearer " + hookBearer,
		"Content-Type":             "application/json; charset=utf-8",
	} {
		if got := r.Header.Get(name); got != want {
			return alertstest.Message{}, fmt.Errorf("header %s: %q, want %q", name, got, want)
		}
	}
	if r.Method != http.MethodPost || sent.Version != 1 {
		return alertstest.Message{}, fmt.Errorf("%s of version %d", r.Method, sent.Version)
	}
	return alertstest.Message{
		ID: sent.ID, Thread: sent.Alert.Key + sent.Alert.Start.Format(time.RFC3339Nano),
		Title: sent.Title, Text: sent.Text, Header: r.Header, Size: len(body),
	}, nil
}

func TestWebhookAnswers(t *testing.T) {
	tests := map[int]struct{ retry, fails bool }{
		200: {}, 204: {},
		302: {true, true}, 400: {false, true}, 401: {false, true}, 404: {false, true},
		408: {true, true}, 429: {true, true}, 500: {true, true}, 503: {true, true},
	}
	for code, want := range tests {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			var requests int
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(code)
			}))
			defer server.Close()
			firing, _ := alertstest.Outage()
			retry, err := webhook(server.URL).Notify(t.Context(), "1-a", firing)
			if retry != want.retry || (err != nil) != want.fails {
				t.Errorf("retry %t, error %v", retry, err)
			}
			if requests != 1 {
				t.Errorf("%d requests, want 1: a redirect is not followed", requests)
			}
		})
	}
}

func TestWebhookTimeout(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	notifier := webhook(server.URL)
	notifier.Timeout = 50 * time.Millisecond
	firing, _ := alertstest.Outage()
	if retry, err := notifier.Notify(t.Context(), "1-a", firing); err == nil || !retry {
		t.Errorf("retry %t, error %v", retry, err)
	}
}

func TestWebhookValidate(t *testing.T) {
	tests := map[string]struct {
		change func(*alerts.Webhook)
		want   string // the error's beginning; empty for none
	}{
		"good":            {func(*alerts.Webhook) {}, ""},
		"no url":          {func(w *alerts.Webhook) { w.URL = secret.New("") }, "url: "},
		"no address":      {func(w *alerts.Webhook) { w.URL = secret.New("ftp://" + hookToken) }, "url: "},
		"control in url":  {func(w *alerts.Webhook) { w.URL = secret.New("https://a/\n" + hookToken) }, "url: "},
		"timeout":         {func(w *alerts.Webhook) { w.Timeout = time.Hour }, "timeout: "},
		"language":        {func(w *alerts.Webhook) { w.Language = "de" }, "language: "},
		"ca":              {func(w *alerts.Webhook) { w.CA = filepath.Join(t.TempDir(), "none.pem") }, "ca: "},
		"header name":     {func(w *alerts.Webhook) { w.Headers = map[string]secret.Value{"a b": secret.New("x")} }, "headers: "},
		"header injected": {func(w *alerts.Webhook) { w.Headers = map[string]secret.Value{"a": secret.New("x\r\nB: " + hookToken)} }, "headers: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := webhook("https://example.org/" + hookToken)
			test.change(w)
			err := w.Validate()
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), hookToken) {
				t.Errorf("error %v, want one that begins with %q", err, test.want)
			}
		})
	}
}
