package probes_test

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"observatoire/probes"
)

// closed returns an address where nothing listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestServiceOutOfReachIsDownOnlyIfAReferenceIsNot(t *testing.T) {
	var asked atomic.Int64
	there := probes.Reference(speak(t, func(net.Conn) { asked.Add(1) }))
	nothing := closed(t)
	neither := probes.Reference(nothing)
	run := func(references *probes.References) probes.Result {
		from := loopback()
		from.References = references
		return probes.Probe{ID: "test/gone", Prober: get(t, "http://"+nothing)}.Run(t.Context(), from)
	}
	if r := run(nil); r.Outcome != probes.Down || r.Class != probes.ClassConnect {
		t.Errorf("without references: %v %v %s", r.Outcome, r.Class, r.Detail)
	}
	references := probes.NewReferences(neither, there)
	for range 3 {
		if r := run(references); r.Outcome != probes.Down || r.Class != probes.ClassConnect {
			t.Errorf("a reference is there: %v %v %s", r.Outcome, r.Class, r.Detail)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the reference was asked %d times in a moment, want once", n)
	}
	r := run(probes.NewReferences(neither))
	if r.Outcome != probes.Unknown || r.Class != probes.ClassLocal || !strings.Contains(r.Detail, "no reference target can be reached either (connect: ") {
		t.Errorf("no reference is there: %v %v %s", r.Outcome, r.Class, r.Detail)
	}
}

func TestAnAnswerIsNotDoubted(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	from := loopback()
	from.References = probes.NewReferences(probes.Reference(closed(t)))
	r := probes.Probe{ID: "test/ill", Prober: get(t, url)}.Run(t.Context(), from)
	if r.Outcome != probes.Down || r.Class != probes.ClassStatus {
		t.Errorf("%v %v %s", r.Outcome, r.Class, r.Detail)
	}
}

func TestReferenceForm(t *testing.T) {
	for _, text := range []string{"www.data.gouv.fr:443", "[::1]:80", "192.0.2.1:1"} {
		var r probes.Reference
		if err := r.UnmarshalText([]byte(text)); err != nil || string(r) != text {
			t.Errorf("%q: %q, %v", text, r, err)
		}
	}
	for _, text := range []string{"", "host", ":443", "host:", "host:0", "host:65536", "host:https", "https://host:443"} {
		var r probes.Reference
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
