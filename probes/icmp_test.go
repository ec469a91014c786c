package probes_test

import (
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// Where the system lets nobody send echo requests, that is what is said, and
// never that the host is down.
func TestICMP(t *testing.T) {
	probe := &probes.ICMP{Host: "127.0.0.1", Count: 2}
	o, err := probe.Observe(t.Context(), loopback())
	r := run(t, probe, loopback())
	if err != nil && strings.HasPrefix(err.Error(), "unsupported here: ") {
		t.Log(err)
		expect(t, r, probes.Unknown, probes.ClassLocal)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	expect(t, r, probes.Up, probes.ClassNone)
	if o.Facts["sent"] != 2 || o.Facts["received"] != 2 || o.Facts["loss"] != 0.0 || o.Remote != "127.0.0.1" {
		t.Errorf("facts %v, remote %s", o.Facts, o.Remote)
	}
	least, mean, most := o.Facts["rtt_min"].(float64), o.Facts["rtt_mean"].(float64), o.Facts["rtt_max"].(float64)
	if least < 0 || least > mean || mean > most || most > 150 || o.Phases.Wait > 150*time.Millisecond {
		t.Errorf("facts %v, phases %+v", o.Facts, o.Phases)
	}
}

func TestICMPKeepsToThePolicy(t *testing.T) {
	for _, host := range []string{"10.1.2.3", "169.254.169.254", "::ffff:192.168.1.1", "fd00::1", "0.0.0.0", "224.0.0.1", "255.255.255.255"} {
		expect(t, run(t, &probes.ICMP{Host: host, Count: 1}, loopback()), probes.Unknown, probes.ClassForbidden)
	}
}
