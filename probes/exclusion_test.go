package probes_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"observatoire/probes"
)

func TestHost(t *testing.T) {
	for pattern, hosts := range map[string]map[string]bool{
		"*.Example.fr": {"a.example.fr": true, "A.B.EXAMPLE.FR.": true, "example.fr": false, "anexample.fr": false, "": false, ".example.fr": false},
		"Example.fr.":  {"example.fr": true, "EXAMPLE.fr.": true, "a.example.fr": false},
		"2001:DB8::1":  {"2001:db8::1": true, "[2001:db8:0::1]": true, "2001:db8::2": false},
		"192.0.2.1":    {"192.0.2.1": true, "::ffff:192.0.2.1": true, "192.0.2.10": false},
	} {
		var p probes.Host
		if err := p.UnmarshalText([]byte(pattern)); err != nil {
			t.Fatal(err)
		}
		for host, want := range hosts {
			if p.Matches(host) != want {
				t.Errorf("%s matches %q: %v", p, host, !want)
			}
		}
	}
	for _, text := range []string{"", "*", "*.", "a.*.fr", "*.*.fr", "https://a.fr", "a.fr:443", "a.fr/x", "*.192.0.2.1", "a b.fr", "..fr"} {
		var p probes.Host
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %q", text, p)
		}
	}
}

func FuzzHost(f *testing.F) {
	f.Add("*.example.fr", "A.example.FR.")
	f.Add("[::1]", "::1")
	f.Fuzz(func(t *testing.T, pattern, host string) {
		var p, again probes.Host
		if p.UnmarshalText([]byte(pattern)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(p)); err != nil || again != p {
			t.Fatalf("%q is read as %q, and that as %q (%v)", pattern, p, again, err)
		}
		if p.Matches(host) != p.Matches(strings.ToUpper(strings.ToLower(host))) {
			t.Fatalf("%q: case matters in %q", p, host)
		}
	})
}

// A host that is excluded or off is not even looked up, whatever leads to it.
func TestExcludedHostsAreNotContacted(t *testing.T) {
	reached := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reached++
		http.Redirect(w, r, "http://never.looked-up.invalid/", http.StatusFound)
	})
	address := strings.TrimPrefix(url, "http://")
	_, port, _ := net.SplitHostPort(address)
	excluding := func(hosts ...probes.Host) *probes.Vantage {
		v := loopback()
		v.Exclude = hosts
		return v
	}
	switched := loopback()
	switched.Off = func(host string) bool { return host == "never.looked-up.invalid" }
	for name, c := range map[string]struct {
		prober  probes.Prober
		from    *probes.Vantage
		detail  string
		reached int
	}{
		"http":     {get(t, url), excluding("127.0.0.1"), "127.0.0.1 is excluded by configuration", 0},
		"by name":  {get(t, "http://LocalHost.:"+port), excluding("localhost"), "localhost is excluded by configuration", 0},
		"redirect": {get(t, url), excluding("*.looked-up.invalid"), "never.looked-up.invalid is excluded by configuration", 1},
		"off":      {get(t, url), switched, "never.looked-up.invalid is switched off", 1},
		"tcp":      {&probes.TCP{Address: address}, excluding("127.0.0.1"), "127.0.0.1 is excluded by configuration", 0},
		"icmp":     {&probes.ICMP{Host: "127.0.0.1", Count: 1}, excluding("127.0.0.1"), "127.0.0.1 is excluded by configuration", 0},
	} {
		t.Run(name, func(t *testing.T) {
			reached = 0
			r := run(t, c.prober, c.from)
			expect(t, r, probes.Unknown, probes.ClassForbidden)
			if r.Detail != c.detail || reached != c.reached {
				t.Errorf("detail %q after %d requests, want %q after %d", r.Detail, reached, c.detail, c.reached)
			}
		})
	}
}

func TestResultsSayWhenToComeBack(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "120")
		switch r.URL.Path {
		case "/quota":
			w.WriteHeader(http.StatusTooManyRequests)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	for path, want := range map[string]float64{"/quota": 120, "/busy": 120, "/fine": 0} {
		if got := run(t, get(t, url+path), loopback()).RetryAfter; got.Seconds() != want {
			t.Errorf("%s: %v, want %v s", path, got, want)
		}
	}
}
