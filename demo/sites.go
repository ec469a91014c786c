package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// Bounds of what the simulation does for one request, and of how many at once.
const (
	longest  = 30 * time.Second // that a request is kept waiting
	requests = 256
	maxAlert = 64 << 10
)

// sites answers as the simulated services do.
type sites struct {
	start time.Time
	log   zerolog.Logger
	slots chan struct{}
	mux   *http.ServeMux
}

func newSites(start time.Time, log zerolog.Logger) *sites {
	s := &sites{start: start, log: log, slots: make(chan struct{}, requests), mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /apis/{id}", s.api)
	s.mux.HandleFunc("GET /ping/{id}", s.api)
	s.mux.HandleFunc("GET /apis/{id}/v2", s.api)
	s.mux.HandleFunc("GET /demarches/{id}", s.demarche)
	s.mux.HandleFunc("GET /docs/{id}", documentation)
	s.mux.HandleFunc("GET /openapi/{id}", contractOf)
	s.mux.HandleFunc("POST /alertes", s.alert)
	s.mux.HandleFunc("GET /{$}", home)
	return s
}

// ServeHTTP implements [http.Handler]. Beyond so many requests at once it
// answers 503.
func (s *sites) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxAlert)
	s.mux.ServeHTTP(w, r)
}

// api answers as an API does, or one of its ping routes.
func (s *sites) api(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	p, known := apis[id]
	if !known {
		http.NotFound(w, r)
		return
	}
	if p.redirects && r.Pattern == "GET /apis/{id}" {
		http.Redirect(w, r, "/apis/"+id+"/v2", http.StatusMovedPermanently)
		return
	}
	mode := p.live(time.Since(s.start))
	if s.fails(w, r, mode) || !wait(r, draw(&p)) {
		return
	}
	date := p.dataTime(time.Now(), s.start)
	if r.Pattern == "GET /ping/{id}" {
		ping(w, mode, time.Now())
		return
	}
	w.Header().Set("Last-Modified", date.UTC().Format(http.TimeFormat))
	write(w, p.code(), answer(id, mode, date, p.bytes()))
}

// demarche answers as a page does: its head first, and the rest a little later.
func (s *sites) demarche(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	d, known := demarches[id]
	if !known {
		http.NotFound(w, r)
		return
	}
	p := d.personality(id)
	took := draw(&p)
	transfer := time.Duration(float64(took) * transferred)
	if s.fails(w, r, p.live(time.Since(s.start))) || !wait(r, took-transfer) {
		return
	}
	page(w, id, p.bytes(), func() bool { return wait(r, transfer) })
}

// fails answers as a service that fails does, and reports whether it did.
func (s *sites) fails(w http.ResponseWriter, r *http.Request, m mode) bool {
	switch m {
	case unavailable, broken, forbidden:
		write(w, effects[m].status, map[string]any{"erreur": http.StatusText(effects[m].status), "simulation": true})
	case quota:
		w.Header().Set("Retry-After", "60")
		write(w, http.StatusTooManyRequests, map[string]any{"erreur": "quota dépassé", "simulation": true})
	case hang:
		wait(r, longest)
		panic(http.ErrAbortHandler)
	case cut:
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// alert logs an alert that was sent to the simulation.
func (s *sites) alert(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	var told struct {
		Title string
		Alert struct{ Key, State string }
	}
	if err := json.Unmarshal(body, &told); err != nil || told.Alert.Key == "" {
		http.Error(w, "not an alert", http.StatusBadRequest)
		return
	}
	s.log.Info().Str("alert", told.Alert.Key).Str("state", told.Alert.State).Str("title", told.Title).Msg("alert received")
	w.WriteHeader(http.StatusNoContent)
}

// draw returns how long a service takes for one answer.
func draw(p *personality) time.Duration {
	return min(longest, p.time(rand.NormFloat64(), rand.Float64(), 0, 0))
}

// wait lets time go by; it reports whether the request is still there then.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func write(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // of nothing that is written here
		panic(fmt.Errorf("demo: %w", err))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body)
}
