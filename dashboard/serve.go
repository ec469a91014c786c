package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// patience is the longest that one request may take.
const patience = 5 * time.Second

// cacheFor is how long an answer may be shown again without asking.
const cacheFor = "public, max-age=15"

// page answers a visit with a document, or with an error that is a *problem
// when the visitor can do something about it.
type page func(*visit) (*document, error)

// call answers a machine with a value for JSON.
type call func(*visit) (any, error)

// visit is one request, and what it is answered from.
type visit struct {
	*http.Request
	*language
	*index
}

// problem is what a visitor is told instead of a page.
type problem struct {
	status int
	text   func(*texts) string
}

func (p *problem) Error() string { return http.StatusText(p.status) }

func notFound(text func(*texts) string) error { return &problem{http.StatusNotFound, text} }

func missing(*visit) (*document, error) {
	return nil, notFound(func(t *texts) string { return t.Problems.NoPage })
}

func missingCall(*visit) (any, error) {
	return nil, notFound(func(t *texts) string { return t.Problems.NoCall })
}

// html serves a page in one language.
func (s *site) html(l *language, show page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{r, l, s.index()}
		d, err := s.show(v, show)
		if err != nil {
			d = s.explain(v, err)
		}
		s.write(w, v, d)
	})
}

func (s *site) show(v *visit, show page) (*document, error) {
	if v.index == nil {
		return nil, &problem{http.StatusServiceUnavailable, func(t *texts) string { return t.Problems.Starting }}
	}
	return show(v)
}

// explain returns the page for an error; one that is not the visitor's is logged.
func (s *site) explain(v *visit, err error) *document {
	var p *problem
	if !errors.As(err, &p) {
		s.Log.Error().Err(err).Str("path", v.URL.Path).Msg("page failed")
		p = &problem{http.StatusInternalServerError, func(t *texts) string { return t.Problems.Ours }}
	}
	return s.problemPage(v, p)
}

// write renders a document to a buffer, then sends it.
func (s *site) write(w http.ResponseWriter, v *visit, d *document) {
	body, ok := s.buffers.Get().(*bytes.Buffer)
	if !ok {
		body = new(bytes.Buffer)
	}
	defer s.buffers.Put(body)
	body.Reset()
	if err := s.pages[d.page].ExecuteTemplate(body, "layout", s.layout(v, d)); err != nil {
		s.Log.Error().Err(err).Str("path", v.URL.Path).Msg("template failed")
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Language", v.code)
	send(w, v.Request, d.status, "text/html; charset=utf-8", body.Bytes())
}

// json serves a call. Any page of any site may read the answer.
func (s *site) json(answer call) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		v := &visit{r, s.languages[1], s.index()}
		status, value := s.answer(v, answer)
		body, ready := value.(json.RawMessage)
		if !ready {
			var err error
			if body, err = json.Marshal(value); err != nil {
				s.Log.Error().Err(err).Str("path", r.URL.Path).Msg("answer failed")
				status, body = http.StatusInternalServerError, json.RawMessage(`{"error":{"code":"internal","message":"internal error"}}`)
			}
		}
		send(w, r, status, "application/json", body)
	})
}

func (s *site) answer(v *visit, answer call) (int, any) {
	err := error(&problem{http.StatusServiceUnavailable, func(t *texts) string { return t.Problems.Starting }})
	if v.index != nil {
		var value any
		if value, err = answer(v); err == nil {
			return http.StatusOK, value
		}
	}
	var p *problem
	if !errors.As(err, &p) {
		s.Log.Error().Err(err).Str("path", v.URL.Path).Msg("call failed")
		p = &problem{http.StatusInternalServerError, func(t *texts) string { return t.Problems.Ours }}
	}
	return p.status, apiError{apiFault{faultCodes[p.status], p.text(v.texts)}}
}

// send answers with a body, or with 304 when the visitor has it already.
func send(w http.ResponseWriter, r *http.Request, status int, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	if status == 0 || status == http.StatusOK {
		status = http.StatusOK
		sum := sha256.Sum256(body)
		tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", cacheFor)
		if matches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	} else {
		h.Set("Cache-Control", "no-store")
		if status == http.StatusServiceUnavailable {
			h.Set("Retry-After", "5")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a visitor who left needs no answer
	}
}

func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		if c := strings.TrimSpace(candidate); c == tag || c == "*" {
			return true
		}
	}
	return false
}

// guard holds what is true of every answer: its headers, the methods, the
// deadline, and a page instead of a panic.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		r = r.WithContext(ctx)
		fail := func(status int, text func(*texts) string) {
			l := s.languages[0]
			if strings.HasPrefix(r.URL.Path, "/en/") {
				l = s.languages[1]
			}
			v := &visit{r, l, nil}
			s.write(w, v, s.problemPage(v, &problem{status, text}))
		}
		defer func() {
			if cause := recover(); cause != nil {
				s.Log.Error().Str("path", r.URL.Path).Str("cause", fmt.Sprint(cause)).Bytes("stack", debug.Stack()).Msg("panic")
				fail(http.StatusInternalServerError, func(t *texts) string { return t.Problems.Ours })
			}
		}()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			fail(http.StatusMethodNotAllowed, func(t *texts) string { return t.Problems.Method })
			return
		}
		next.ServeHTTP(w, r)
	})
}

func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
