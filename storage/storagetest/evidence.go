package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

func seen(r probes.Result) probes.Result {
	r.Evidence = &probes.Evidence{
		URL: "https://example.fr/?clé=***", StatusLine: "HTTP/1.1 503 Service Unavailable", Remote: "192.0.2.1:443", Phases: r.Phases,
		Header: []probes.HeaderField{{Name: "Retry-After", Value: "120"}, {Name: "Set-Cookie", Value: "***"}},
		Body:   "<html>é\n\u2028" + strings.Repeat("x", probes.MaxEvidence-12), BodyCut: true,
		Checks: []probes.Check{{Assertion: "status is 200", Detail: "status 503, want 200", Critical: true}},
		Hops:   []probes.Hop{{URL: "https://example.fr/", Status: 301}},
		Certificate: &probes.Presented{
			Subject: "CN=example.fr", Issuer: "CN=Autorité", NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(0, 1, 0),
			Names: []string{"example.fr"}, Fingerprint: "ab12",
		},
	}
	return r
}

// evidence: of like failures in a row that of the first two and of the latest
// is kept; what is read again is what was seen.
func evidence(t *testing.T, open Open) {
	o := options(t)
	o.Retention.Raw = 1000 * time.Hour
	e := open(t, o)
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	fail := func(minute int) probes.Result { return seen(down("a/x", at(minute))) }
	other := func(minute int) probes.Result {
		r := fail(minute)
		r.Status = 404
		return r
	}
	record(t, e, up("a/x", at(0)), fail(1), fail(2), fail(3), fail(4))
	record(t, e, fail(5), fail(5), fail(3), seen(down("b/y", at(5))))
	record(t, e, other(6), fail(7), up("a/x", at(8)), fail(9), down("a/x", at(10)))
	lyon := fail(9)
	lyon.Vantage = "lyon"
	record(t, e, lyon)
	record(t, e, fail(1), fail(2), fail(3)) // once more, much later

	check := func() {
		t.Helper()
		for name, c := range map[string]struct {
			q    storage.Query
			want []int
		}{
			"series":   {storage.Query{Probe: "a/x", Vantage: "paris"}, []int{1, 2, 5, 6, 7, 9}},
			"probe":    {storage.Query{Probe: "a/x"}, []int{1, 2, 5, 6, 7, 9, 9}},
			"vantage":  {storage.Query{Vantage: "lyon"}, []int{9}},
			"all":      {storage.Query{}, []int{1, 2, 5, 5, 6, 7, 9, 9}},
			"span":     {storage.Query{Probe: "a/x", Vantage: "paris", From: at(2), To: at(6)}, []int{2, 5}},
			"limit":    {storage.Query{Probe: "a/x", Vantage: "paris", Limit: 2}, []int{1, 2}},
			"no probe": {storage.Query{Probe: "c/z"}, nil},
		} {
			got, err := e.Evidence(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			var minutes []int
			for _, r := range got {
				minutes = append(minutes, int(r.Time.Sub(noon)/time.Minute))
			}
			if !slices.Equal(minutes, c.want) {
				t.Errorf("%s: evidence of minutes %v, want %v", name, minutes, c.want)
			}
		}
		got, err := e.Evidence(t.Context(), storage.Query{Probe: "b/y"})
		if err != nil || len(got) != 1 {
			t.Fatalf("%d, %v", len(got), err)
		}
		want := seen(down("b/y", at(5)))
		if g, w := fmt.Sprintf("%+v %+v", *got[0].Evidence, *got[0].Evidence.Certificate), fmt.Sprintf("%+v %+v", *want.Evidence, *want.Evidence.Certificate); clip(g) != clip(w) {
			t.Errorf("got  %s\nwant %s", g, w)
		}
		got[0].Evidence, want.Evidence = nil, nil
		if difference := sameResult(got[0], want); difference != "" {
			t.Error(difference)
		}
	}
	check()
	e = abandon(t, e, open, o)
	check()
	if err := e.Prune(t.Context(), at(0).Add(1001*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := e.Evidence(t.Context(), storage.Query{}); err != nil || len(got) != 0 {
		t.Errorf("after pruning: %d, %v", len(got), err)
	}
	mustClose(t, e)
}

// clip leaves out the address of the certificate.
func clip(s string) string {
	before, after, _ := strings.Cut(s, "Certificate:0x")
	_, after, _ = strings.Cut(after, " ")
	return before + after
}

// evidenceIsBounded: a service that goes up and down all the time does not fill
// the disk.
func evidenceIsBounded(t *testing.T, open Open) {
	e := fresh(t, open)
	var batch []probes.Result
	for i := range 600 {
		r := up("a/x", noon.Add(time.Duration(i)*time.Minute))
		if i%2 == 1 {
			r = seen(down("a/x", r.Time))
		}
		batch = append(batch, r)
	}
	record(t, e, batch...)
	got, err := e.Evidence(t.Context(), storage.Query{Probe: "a/x"})
	if err != nil || len(got) > 100 || len(got) < 10 || !got[len(got)-1].Time.Equal(batch[599].Time) {
		t.Errorf("evidence of %d, want that of at most 100, the latest among them; %v", len(got), err)
	}
}
