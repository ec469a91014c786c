package probes_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// A server that sets cookies without end gets back no more than a browser
// keeps, and is no heavier for it.
func TestJourneyBoundsCookies(t *testing.T) {
	asked := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n, size := len(r.Cookies()), len(r.Header.Get("Cookie")); n > 180 || size > 180*4096 {
			t.Errorf("request %d carries %d cookies of %d bytes", asked, n, size)
		}
		asked++
		for i := range 1500 {
			w.Header().Add("Set-Cookie", fmt.Sprintf("c%d-%d=value-%d; Path=/", asked, i, i))
		}
		w.Header().Add("Set-Cookie", "huge="+strings.Repeat("x", 100_000))
	})
	var steps []probes.JourneyStep
	for i := range 20 {
		steps = append(steps, probes.JourneyStep{Name: fmt.Sprint(i), URL: url})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := run(t, journey(steps...), loopback())
	runtime.GC()
	runtime.ReadMemStats(&after)
	expect(t, r, probes.Up, probes.ClassNone)
	if asked != 20 {
		t.Errorf("asked %d times", asked)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 20<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
}

// Answers in which there is no end of what could be taken, or none of what is.
func TestJourneyBoundsWhatItTakes(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		take   probes.Take
		class  probes.ErrorClass
		detail string
	}{
		"matches":      {strings.Repeat("a1 ", 300_000), probes.Take{Regex: `(a)\d`}, probes.ClassNone, ""},
		"no match":     {strings.Repeat("a", 1_000_000), probes.Take{Regex: `(a*)*b`}, probes.ClassAssertion, "nothing matches"},
		"large match":  {strings.Repeat("a", 1_000_000), probes.Take{Regex: `a*`}, probes.ClassAssertion, "it has 1000000 bytes, more than the 4096"},
		"empty match":  {"b", probes.Take{Regex: `a*`}, probes.ClassAssertion, "it is empty"},
		"fields":       {strings.Repeat("<input name=a value=b>", 40_000), probes.Take{FormField: "z"}, probes.ClassAssertion, "there is no such field"},
		"attributes":   {"<input " + strings.Repeat("name=a ", 140_000) + ">", probes.Take{FormField: "a"}, probes.ClassAssertion, "it is empty"},
		"open tag":     {"<input name=a value=" + strings.Repeat("b", 900_000), probes.Take{FormField: "a"}, probes.ClassAssertion, "there is no such field"},
		"large field":  {"<input name=a value=" + strings.Repeat("b", 900_000) + ">", probes.Take{FormField: "a"}, probes.ClassAssertion, "more than the 4096"},
		"nested pages": {strings.Repeat("<div>", 200_000) + "<input name=a value=b>", probes.Take{FormField: "a"}, probes.ClassNone, ""},
		"depth":        {strings.Repeat("[", 500_000), probes.Take{JSON: "$..a"}, probes.ClassAssertion, "not JSON"},
		"nodes":        {"[" + strings.Repeat("[1],", 200_000) + "1]", probes.Take{JSON: "$[0][0]"}, probes.ClassNone, ""},
		"an object":    {`{"a": {}}`, probes.Take{JSON: "$.a"}, probes.ClassAssertion, "it is an object"},
		"invalid":      {"<input name=a value='\xff\x00\r\nX: 1'>", probes.Take{FormField: "a"}, probes.ClassAssertion, "cannot be put into the request: headers: X-Taken: has characters"},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, test.body) })
			test.take.Name = "value"
			j := journey(
				probes.JourneyStep{Name: "Un", URL: url, Take: []probes.Take{test.take}},
				probes.JourneyStep{Name: "Deux", URL: url + "/{{value}}?{{value}}", Headers: hidden("X-Taken", "{{value}}")},
			)
			began := time.Now()
			r := run(t, j, loopback())
			if r.Class != test.class || !strings.Contains(r.Detail, test.detail) {
				t.Errorf("%s: %s; want %s: %s", r.Class, r.Detail, test.class, test.detail)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// The deadline holds for the whole journey, and what a step had is told.
func TestJourneyDeadline(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/silent" {
			<-r.Context().Done()
		}
	})
	j := journey(probes.JourneyStep{Name: "Un", URL: url}, probes.JourneyStep{Name: "Deux", URL: url + "/silent"}, probes.JourneyStep{Name: "Trois", URL: url})
	r := probes.Probe{ID: "a/b", Prober: j, Timeout: 200 * time.Millisecond}.Run(t.Context(), loopback())
	expect(t, r, probes.Down, probes.ClassTimeout)
	if len(r.Steps) != 2 || !strings.HasPrefix(r.Detail, `step "Deux": no first byte after`) {
		t.Errorf("%+v", r)
	}
}

// A hundred redirects in each of a hundred steps are not walked.
func TestJourneyBoundsRedirects(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"a", http.StatusFound) })
	r := run(t, journey(probes.JourneyStep{Name: "Un", URL: url + "/"}), loopback())
	expect(t, r, probes.Down, probes.ClassRedirect)
	if len(r.Steps[0].Hops) != 6 {
		t.Errorf("%d hops", len(r.Steps[0].Hops))
	}
}

// Whatever a page holds, what is taken of it is bounded, and fits where it is put.
func FuzzTake(f *testing.F) {
	f.Add(`<form><input name="a" value="b&amp;c">`, "a")
	f.Add(`{"a": ["x", 1e400, null]}`, "$.a[0]")
	f.Add("<input name=a value='\xff'><!--", "a")
	f.Fuzz(func(t *testing.T, body, place string) {
		for _, take := range []probes.Take{{FormField: place}, {JSON: place}, {Regex: place}, {Header: place}} {
			take.Name = "value"
			if take.Validate() != nil {
				continue
			}
			value, err := probes.TakeFrom(take, &probes.Observation{Body: []byte(body), Header: http.Header{"A": {body}}})
			if err == nil && (value == "" || len(value) > 4096) {
				t.Errorf("%s: took %q", take.String(), value)
			}
			if to := probes.PutInto("http://a.example/x/{{value}}?y={{value}}#{{value}}", value); err == nil && !strings.HasPrefix(to, "http://a.example/x/") {
				t.Errorf("%q: %s", value, to)
			}
		}
	})
}
