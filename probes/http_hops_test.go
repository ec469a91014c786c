package probes_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestHops(t *testing.T) {
	const pause = 30 * time.Millisecond
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			<-time.After(pause)
			http.Redirect(w, r, "/two?token=hunter2", http.StatusFound)
		case "/two":
			http.Redirect(w, r, "/three", http.StatusMovedPermanently)
		case "/broken":
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}
	})
	r := run(t, get(t, url), loopback())
	expect(t, r, probes.Up, probes.ClassNone)
	var statuses []int
	var total, before time.Duration
	for i, hop := range r.Hops {
		statuses = append(statuses, hop.Status)
		total += hop.Phases.Total()
		if i < len(r.Hops)-1 {
			before += hop.Phases.Total()
		}
		if "http://"+hop.Remote != url || hop.Phases.Redirect != 0 || hop.Phases.Wait == 0 {
			t.Errorf("hop %+v", hop)
		}
	}
	if len(statuses) != 3 || statuses[0] != 302 || statuses[1] != 301 || statuses[2] != 200 {
		t.Fatalf("statuses %v", statuses)
	}
	if gap := (total - r.Phases.Total()).Abs(); gap > 50*time.Microsecond {
		t.Errorf("the hops take %s of %s", total, r.Phases.Total())
	}
	if gap := (before - r.Phases.Redirect).Abs(); gap > 50*time.Microsecond || r.Hops[0].Phases.Wait < pause {
		t.Errorf("the hops before the last take %s, the phase %s", before, r.Phases.Redirect)
	}
	if r.Hops[1].URL != url+"/two?token=***" {
		t.Errorf("URL %s", r.Hops[1].URL)
	}
	r = run(t, get(t, url+"/broken"), loopback())
	expect(t, r, probes.Down, probes.ClassConnect)
	if len(r.Hops) != 2 || r.Hops[1].Status != 0 || !strings.HasSuffix(r.Hops[1].URL, ":1/") {
		t.Errorf("hops %+v", r.Hops)
	}
	if r := run(t, get(t, url+"/three"), loopback()); r.Hops != nil {
		t.Errorf("without a redirect: %+v", r.Hops)
	}
}
