package probes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"observatoire/probes"
)

// fixed is an assertion whose outcome is set.
type fixed struct {
	name string
	err  error
}

func (f fixed) Check(*probes.Observation) error { return f.err }
func (f fixed) String() string                  { return f.name }

// stub is a prober that observes what is set.
type stub func(context.Context) (probes.Observation, error)

func (s stub) Observe(ctx context.Context, _ *probes.Vantage) (probes.Observation, error) {
	return s(ctx)
}

func answers(status int) stub {
	return func(context.Context) (probes.Observation, error) { return probes.Observation{Status: status}, nil }
}

func TestExpectationsDecide(t *testing.T) {
	good := func(name string) probes.Assertion { return fixed{name: name} }
	bad := func(name string) probes.Assertion { return fixed{name, errors.New(name + " failed")} }
	expectation := func(a probes.Assertion, critical, conclusive bool) probes.Expectation {
		return probes.Expectation{Assertion: a, Critical: critical, Conclusive: conclusive}
	}
	for name, test := range map[string]struct {
		status  int
		list    []probes.Expectation
		outcome probes.Outcome
		class   probes.ErrorClass
		detail  string
		checks  int
	}{
		"none":                 {200, nil, probes.Up, probes.ClassNone, "", 1},
		"none, 299":            {299, nil, probes.Up, probes.ClassNone, "", 1},
		"none, 300":            {300, nil, probes.Down, probes.ClassStatus, "status 300, expected 200 to 299", 1},
		"none, 500":            {500, nil, probes.Down, probes.ClassStatus, "status 500, expected 200 to 299", 1},
		"listed":               {206, critical(probes.Status{200, 206}), probes.Up, probes.ClassNone, "", 1},
		"not listed":           {204, critical(probes.Status{200, 206}), probes.Down, probes.ClassStatus, "status 204, expected 200, 206", 1},
		"all hold":             {200, critical(good("a"), good("b")), probes.Up, probes.ClassNone, "", 3},
		"status comes first":   {500, critical(bad("a")), probes.Down, probes.ClassStatus, "status 500, expected 200 to 299", 2},
		"first decides":        {200, critical(bad("a"), bad("b")), probes.Down, probes.ClassAssertion, "a failed", 3},
		"not critical":         {200, []probes.Expectation{expectation(bad("a"), false, true)}, probes.Degraded, probes.ClassAssertion, "a failed", 2},
		"critical after it":    {200, []probes.Expectation{expectation(bad("a"), false, true), expectation(bad("b"), true, true)}, probes.Down, probes.ClassAssertion, "b failed", 3},
		"inconclusive":         {200, []probes.Expectation{expectation(bad("a"), true, false), expectation(bad("b"), true, true)}, probes.Unknown, probes.ClassInconclusive, "a failed", 3},
		"inconclusive after":   {200, []probes.Expectation{expectation(bad("a"), true, true), expectation(bad("b"), false, false)}, probes.Down, probes.ClassAssertion, "a failed", 3},
		"status not critical":  {404, []probes.Expectation{expectation(probes.Status{200}, false, true)}, probes.Degraded, probes.ClassStatus, "status 404, expected 200", 1},
		"undecidable is ours":  {200, critical(&probes.Body{Matches: "("}), probes.Unknown, probes.ClassInconclusive, "", 2},
		"quota before failure": {429, critical(bad("a")), probes.Unknown, probes.ClassQuota, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := probes.Probe{Prober: answers(test.status), Expectations: test.list}.Run(t.Context(), nil)
			expect(t, r, test.outcome, test.class)
			if test.detail != "" && r.Detail != test.detail || len(r.Checks) != test.checks {
				t.Errorf("detail %q, want %q; %d checks, want %d", r.Detail, test.detail, len(r.Checks), test.checks)
			}
		})
	}
}

func TestChecksAreReported(t *testing.T) {
	r := probes.Probe{Prober: answers(200), Expectations: []probes.Expectation{
		{Assertion: fixed{"a", errors.New("why")}, Conclusive: true},
		{Assertion: fixed{"b", nil}, Critical: true, Conclusive: true},
	}}.Run(t.Context(), nil)
	want := "[{status is 200 to 299 true  true} {a false why false} {b true  true}]"
	if got := fmt.Sprint(r.Checks); got != want {
		t.Errorf("checks %s, want %s", got, want)
	}
}

func TestFaultsAndPanicsGiveResults(t *testing.T) {
	var nothing *probes.Observation
	for name, test := range map[string]struct {
		probe   probes.Probe
		outcome probes.Outcome
		class   probes.ErrorClass
	}{
		"fault": {probes.Probe{Prober: stub(func(context.Context) (probes.Observation, error) {
			return probes.Observation{}, &probes.Fault{Class: probes.ClassDNS, Detail: "x"}
		})}, probes.Down, probes.ClassDNS},
		"wrapped fault": {probes.Probe{Prober: stub(func(context.Context) (probes.Observation, error) {
			return probes.Observation{}, fmt.Errorf("x: %w", &probes.Fault{Class: probes.ClassForbidden, Detail: "x"})
		})}, probes.Unknown, probes.ClassForbidden},
		"other error": {probes.Probe{Prober: stub(func(context.Context) (probes.Observation, error) {
			return probes.Observation{}, io.EOF
		})}, probes.Unknown, probes.ClassLocal},
		"prober panics": {probes.Probe{Prober: stub(func(context.Context) (probes.Observation, error) {
			return *nothing, nil
		})}, probes.Unknown, probes.ClassLocal},
		"assertion panics": {probes.Probe{Prober: answers(200), Expectations: critical(probes.Assertion(nil))}, probes.Unknown, probes.ClassLocal},
		"bad settings":     {probes.Probe{Prober: &probes.HTTP{URL: "ftp://x"}}, probes.Unknown, probes.ClassLocal},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.probe.Run(t.Context(), nil)
			expect(t, r, test.outcome, test.class)
			if r.Detail == "" || r.Time.IsZero() {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestDeadlineHoldsForTheWholeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := stub(func(ctx context.Context) (probes.Observation, error) {
			began := time.Now()
			<-ctx.Done()
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("the deadline came after %s", took)
			}
			return probes.Observation{}, &probes.Fault{Class: probes.ClassTimeout, Detail: "late"}
		})
		expect(t, probes.Probe{Prober: hang, Timeout: 3 * time.Second}.Run(t.Context(), nil), probes.Down, probes.ClassTimeout)
	})
}

// A run that was held up on our side says nothing about the service.
func TestRunThatWasHeldUpIsOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := stub(func(context.Context) (probes.Observation, error) {
			<-time.After(time.Minute)
			return probes.Observation{}, &probes.Fault{Class: probes.ClassTimeout, Detail: "late"}
		})
		expect(t, probes.Probe{Prober: held, Timeout: 3 * time.Second}.Run(t.Context(), nil), probes.Unknown, probes.ClassLocal)
	})
}

func TestSecretsAreNotShown(t *testing.T) {
	const secret = "s3cr3t-jeton"
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.Header().Set("X-Echo", password+" "+r.Header.Get("X-Api-Key"))
		fmt.Fprintf(w, `{"echo": %q}`, r.URL.Query().Get("token")+" "+r.Header.Get("Authorization"))
	})
	h := get(t, strings.Replace(url, "://", "://u:"+secret+"@", 1)+"/?token="+secret+"&code=44109", func(h *probes.HTTP) {
		h.Headers = hidden("X-Api-Key", secret)
	})
	var nothing any
	for _, a := range []probes.Assertion{
		&probes.Header{Name: "X-Echo", Equals: "x"}, &probes.JSON{Path: "$.echo", Equals: &nothing}, &probes.Body{Contains: secret + "!"},
	} {
		r := run(t, h, loopback(), a)
		expect(t, r, probes.Down, probes.ClassAssertion)
		if shown := fmt.Sprintf("%+v", r); strings.Contains(shown, secret) || !strings.Contains(shown, "***") {
			t.Errorf("shows the secret: %s", shown)
		}
	}
	if got, want := h.Target(), url+"/?token=***&code=44109"; got != want {
		t.Errorf("target %s, want %s", got, want)
	}
	if shown := fmt.Sprintf("%v %+v %s", h, h, h); strings.Contains(shown, secret) {
		t.Errorf("shows the secret: %s", shown)
	}
}

func FuzzDetail(f *testing.F) {
	f.Add("plain")
	f.Add("line\nbreak \x1b[31mred\x00 \xff\xfe \u202eback")
	f.Add(strings.Repeat("é", 400))
	f.Add(strings.Repeat("€ ", 150))
	f.Fuzz(func(t *testing.T, text string) {
		r := probes.Probe{Prober: answers(200), Expectations: critical(fixed{text, errors.New(text)})}.Run(t.Context(), nil)
		for _, shown := range []string{r.Detail, r.Checks[1].Detail, r.Checks[1].Assertion} {
			if len(shown) > probes.MaxDetail || !utf8.ValidString(shown) || strings.ContainsFunc(shown, unicode.IsControl) {
				t.Errorf("%q is shown as %q", text, shown)
			}
		}
		if short := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return r
			}
			return -1
		}, text); short == text && len(text) <= probes.MaxDetail && r.Detail != text {
			t.Errorf("%q is shown as %q", text, r.Detail)
		}
	})
}
