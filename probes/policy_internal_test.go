package probes

import (
	"net/netip"
	"testing"
	"time"
)

func TestPolicy(t *testing.T) {
	open, closed := &Vantage{}, []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.7", "203.0.113.7", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:192.168.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1",
		"fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1",
	}
	for _, text := range closed {
		if open.permits(netip.MustParseAddr(text)) {
			t.Errorf("%s is permitted", text)
		}
	}
	for _, text := range []string{
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "172.15.255.255",
		"172.32.0.0", "192.0.1.1", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255",
		"2001:200::1", "2606:4700::1111", "2a01:e0a::1", "64:ff9b::101:101", "::ffff:1.1.1.1",
	} {
		if !open.permits(netip.MustParseAddr(text)) {
			t.Errorf("%s is refused", text)
		}
	}
	if open.permits(netip.Addr{}) {
		t.Error("no address is permitted")
	}
	some := &Vantage{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}}
	for text, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "64:ff9b::a01:203": true, "fd00::1": true,
		"10.2.0.1": false, "127.0.0.1": false, "::1": false, "1.1.1.1": true,
	} {
		if some.permits(netip.MustParseAddr(text)) != want {
			t.Errorf("%s: permitted %t, want %t", text, !want, want)
		}
	}
}

// The clock cannot be set in a test, so this looks at the arithmetic itself.
func TestDisturbed(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		ended time.Time
		want  bool
	}{
		"in time":  {now.Add(time.Second), false},
		"a little": {now.Add(4 * time.Second), false},
		"held up":  {now.Add(6 * time.Second), true},
	} {
		if got := disturbed(now, test.ended, 3*time.Second); (got != "") != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// The connection that counts is the one that stands, not the attempts before.
func TestPhasesOfSeveralAttempts(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(1e12) + int64(ms)) }
	h := newHop(at(0))
	h.lookup, h.looked = true, at(20)
	h.attempts = []attempt{{address: "[2001:db8::1]:443", began: at(20)}, {address: "192.0.2.1:443", began: at(320)}}
	h.remote, h.connected, h.secured, h.first = "192.0.2.1:443", at(330), at(350), at(450)
	const ms = time.Millisecond
	if got, want := h.phases(at(500)), (Phases{DNS: 320 * ms, Connect: 10 * ms, TLS: 20 * ms, Wait: 100 * ms, Transfer: 50 * ms}); got != want {
		t.Errorf("phases %+v, want %+v", got, want)
	}
	h.connected, h.secured, h.first = time.Time{}, time.Time{}, time.Time{}
	if got := h.phases(at(500)); got.Total() != 500*ms {
		t.Errorf("phases %+v of 500 ms", got)
	}
}
