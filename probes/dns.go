package probes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// DNS asks a server for the records of a name. A server that is named in the
// settings is what is measured: when it is silent or fails, it is down. The
// system's resolver is ours: when that is silent or fails, nothing is known.
type DNS struct {
	Name      string   `yaml:"name" doc:"name to ask for, such as api.example.fr" required:"true"`
	Type      string   `yaml:"type" doc:"type of the records: A, AAAA, CNAME, MX, NS, TXT, SOA, CAA or SRV"`
	Server    string   `yaml:"server" doc:"server that is asked and measured, such as ns1.example.fr:53; the system's resolver when it is not given"`
	Transport string   `yaml:"transport" doc:"udp, then tcp where the answer does not fit, or tcp at once"`
	Expect    []string `yaml:"expect" doc:"values that must be among the answers, such as 192.0.2.1 or \"10 mail.example.fr\""`

	once sync.Once
	plan dnsPlan
	err  error
}

// dnsPlan is what the settings come to.
type dnsPlan struct {
	name, kind string
	transport  string
	server     string // with its port; empty for the system's
	wanted     []string
	codec      dnsCodec
	resolvers  func() ([]string, error) // the system's, each with its port
}

var dnsTypes = []string{"A", "AAAA", "CNAME", "MX", "NS", "TXT", "SOA", "CAA", "SRV"}

func newDNS() Prober { return &DNS{Type: "A", Transport: "udp"} }

// Validate checks the settings.
func (d *DNS) Validate() error {
	d.once.Do(func() { d.plan, d.err = d.compile() })
	return d.err
}

func (d *DNS) compile() (dnsPlan, error) {
	p := dnsPlan{
		name: plainName(d.Name), kind: strings.ToUpper(cmp.Or(d.Type, "A")),
		transport: strings.ToLower(cmp.Or(d.Transport, "udp")), codec: miekgDNS{}, resolvers: systemResolvers,
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if err := checkHost(d.Name); err != nil {
		fault("name: %w", err)
	} else if _, err := p.codec.question(0, p.name, "A"); err != nil {
		fault("name: %q is not a name of DNS", d.Name)
	}
	if !slices.Contains(dnsTypes, p.kind) {
		fault("type: %q is not one of %s", d.Type, strings.Join(dnsTypes, ", "))
	}
	if d.Server != "" {
		p.server = withPort(d.Server)
		if err := checkAddress(p.server); err != nil {
			fault("server: %w", err)
		}
	}
	if p.transport != "udp" && p.transport != "tcp" {
		fault("transport: %q is neither udp nor tcp", d.Transport)
	}
	for i, value := range d.Expect {
		if _, err := netip.ParseAddr(value); err != nil && (p.kind == "A" || p.kind == "AAAA") {
			fault("expect: [%d]: %q is not an address", i, value)
		}
		p.wanted = append(p.wanted, sameText(p.kind, value))
	}
	return p, errors.Join(faults...)
}

// withPort adds the port of DNS where there is none.
func withPort(server string) string {
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(strings.Trim(server, "[]"), "53")
}

// sameText writes a value so that the same one, written otherwise, equals it.
func sameText(kind, value string) string {
	switch kind {
	case "A", "AAAA":
		if addr, err := netip.ParseAddr(value); err == nil {
			return addr.Unmap().String()
		}
	case "TXT", "CAA": // what their case means is not ours to say
		return value
	}
	return plainName(strings.Join(strings.Fields(value), " "))
}

// Target returns the question as a URI (RFC 4501).
func (d *DNS) Target() string {
	authority := ""
	if d.Server != "" {
		authority = "//" + d.Server + "/"
	}
	return "dns:" + authority + d.Name + "?type=" + strings.ToUpper(cmp.Or(d.Type, "A"))
}

// Observe implements [Prober]. The body is the answers, one on each line. The
// facts are answers (the first 100), count, ttl (the least, in seconds), rcode,
// server, and whether the answer is authenticated, authoritative, and was
// truncated over UDP.
func (d *DNS) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := d.Validate(); err != nil {
		return Observation{}, settingsFault(err)
	}
	w := newWire(from, plan{}, d.plan.server)
	w.observed.URL, w.observed.Proto = d.Target(), "dns"
	a := dnsAsk{plan: d.plan, wire: w}
	if d.plan.server != "" {
		return w.done(a.one(ctx, d.plan.server))
	}
	return w.done(a.system(ctx))
}
