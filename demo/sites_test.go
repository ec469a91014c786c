package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// ask asks the handler itself, so that time can be that of a synctest bubble.
// The status is 0 when the connection is closed instead of an answer.
func ask(ctx context.Context, s *sites, path string) (recorder *httptest.ResponseRecorder, closed bool) {
	recorder = httptest.NewRecorder()
	defer func() {
		if v := recover(); v != nil {
			closed = true
			if v != http.ErrAbortHandler {
				panic(v)
			}
		}
	}()
	s.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	return recorder, false
}

// TestTroubleStrikesOnTime follows services whose trouble comes and goes, second by second.
func TestTroubleStrikesOnTime(t *testing.T) {
	said := func(key string) func(*httptest.ResponseRecorder, bool) bool {
		return func(r *httptest.ResponseRecorder, _ bool) bool {
			var a map[string]any
			return json.Unmarshal(r.Body.Bytes(), &a) == nil && a[key] != nil
		}
	}
	status := func(code int) func(*httptest.ResponseRecorder, bool) bool {
		return func(r *httptest.ResponseRecorder, _ bool) bool { return r.Code == code }
	}
	ping := func(status string) func(*httptest.ResponseRecorder, bool) bool {
		return func(r *httptest.ResponseRecorder, _ bool) bool {
			var a struct{ Status string }
			return json.Unmarshal(r.Body.Bytes(), &a) == nil && a.Status == status
		}
	}
	for name, c := range map[string]struct {
		path    string
		well    time.Duration // a moment at which it is well
		struck  time.Duration // one at which it is struck
		strikes func(r *httptest.ResponseRecorder, closed bool) bool
	}{
		"flapping":             {"/apis/entreprises", 255 * time.Second, 265 * time.Second, status(503)},
		"flapping again":       {"/apis/entreprises", 301 * time.Second, 590 * time.Second, status(503)},
		"contract":             {"/apis/marches-publics", 300 * time.Second, 400 * time.Second, said("donnees")},
		"quota":                {"/apis/statistiques-locales", 50 * time.Second, 70 * time.Second, status(429)},
		"cut":                  {"/apis/permis-construire", 500 * time.Second, 530 * time.Second, func(_ *httptest.ResponseRecorder, closed bool) bool { return closed }},
		"ping: unknown":        {"/ping/attestation-fiscale", 200 * time.Second, 215 * time.Second, ping("unknown")},
		"ping: bad gateway":    {"/ping/attestation-fiscale", 320 * time.Second, 335 * time.Second, ping("bad_gateway")},
		"a weak démarche":      {"/demarches/examen-conduite", 70 * time.Second, 80 * time.Second, status(503)},
		"without its licence":  {"/apis/annonces-legales", 170 * time.Second, 200 * time.Second, func(r *httptest.ResponseRecorder, c bool) bool { return !said("licence")(r, c) }},
		"weak, not so seldom":  {"/demarches/subvention-association", 1100 * time.Second, 1125 * time.Second, status(503)},
		"refused for ever too": {"/apis/habilitations", -1, time.Hour, status(403)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSites(time.Now(), zerolog.Nop())
				if c.well >= 0 {
					time.Sleep(c.well)
					if r, closed := ask(t.Context(), s, c.path); c.strikes(r, closed) {
						t.Errorf("struck after %s: %d %s", c.well, r.Code, r.Body)
					}
				}
				time.Sleep(c.struck - time.Since(s.start))
				if r, closed := ask(t.Context(), s, c.path); !c.strikes(r, closed) {
					t.Errorf("not struck after %s: %d %s", c.struck, r.Code, r.Body)
				}
			})
		})
	}
}

func TestAnswersTakeTheirTime(t *testing.T) {
	for path, want := range map[string]time.Duration{
		"/apis/communes": 12 * ms, "/apis/horaires": 430 * ms, "/demarches/acte-de-mariage": 149 * ms, "/demarches/titre-de-sejour": 231 * ms,
	} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSites(time.Now(), zerolog.Nop())
				const n = 400
				for range n {
					if r, _ := ask(t.Context(), s, path); r.Code != http.StatusOK {
						t.Fatalf("status %d", r.Code)
					}
				}
				if got := time.Since(s.start) / n; got < want*3/4 || got > want*5/4 {
					t.Errorf("an answer takes %s on average, want about %s", got, want)
				}
			})
		})
	}
}

func TestRequestsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSites(time.Now(), zerolog.Nop())
		ctx, cancel := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		for range requests {
			waiting.Go(func() { ask(ctx, s, "/apis/archives") })
		}
		synctest.Wait()
		if r, _ := ask(ctx, s, "/"); r.Code != http.StatusServiceUnavailable {
			t.Errorf("status %d with %d requests waiting", r.Code, requests)
		}
		cancel()
		waiting.Wait()
		if r, _ := ask(t.Context(), s, "/"); r.Code != http.StatusOK {
			t.Errorf("status %d once they are gone", r.Code)
		}
		began := time.Now()
		if _, closed := ask(t.Context(), s, "/apis/archives"); !closed || time.Since(began) != longest {
			t.Errorf("a request waited %s, closed %v", time.Since(began), closed)
		}
	})
}

// TestLiveGoesOnWhereTheHistoryEnds holds the share of live trouble of each
// service against its history's: what is worse live is worse there.
func TestLiveGoesOnWhereTheHistoryEnds(t *testing.T) {
	live := func(p personality) float64 {
		const span = 24 * time.Hour
		struck := 0
		for elapsed := time.Duration(0); elapsed < span; elapsed += time.Second {
			if p.live(elapsed) != fine {
				struck++
			}
		}
		return float64(struck) / span.Seconds()
	}
	for id, d := range demarches {
		got, want := live(d.personality(id)), 1-d.availability
		if want < 1-weak {
			want = 0
		}
		if got < want*0.9 || got > want*1.1 {
			t.Errorf("%s: live trouble for %.4f of the time, history %.4f", id, got, want)
		}
	}
	for id, p := range apis {
		for _, trouble := range p.troubles {
			if (trouble.mode == varied) && trouble.live.every > 0 {
				t.Errorf("%s: what varies cannot strike live", id)
			}
			if trouble.live.every > 0 && trouble.share < 0.01 {
				t.Errorf("%s: strikes live for all to see, but for %.4f of the history", id, trouble.share)
			}
		}
	}
}
