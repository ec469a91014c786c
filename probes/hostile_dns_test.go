package probes_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"observatoire/probes"
)

// What a server of DNS that is measured does with a question.
func TestHostileDNS(t *testing.T) {
	code := func(rcode int) string {
		return nameServer(t, func(m *dns.Msg, _ string) { m.Rcode = rcode })
	}
	zone := func(lines ...string) string {
		all := records(t, lines...)
		return nameServer(t, func(m *dns.Msg, _ string) { m.Answer, m.RecursionAvailable, m.Compress = all, true, true })
	}
	sent := func(messages ...string) string {
		return datagrams(t, func([]byte) (all [][]byte) {
			for _, message := range messages {
				all = append(all, []byte(message))
			}
			return all
		})
	}
	echo := func(times int, change func([]byte)) string {
		return datagrams(t, func(q []byte) [][]byte {
			q = slices.Clone(q)
			q[2] |= 0x80 // an answer
			change(q)
			return slices.Repeat([][]byte{q}, times)
		})
	}
	invalid := down(probes.ClassProtocol, "not valid DNS")
	for name, test := range map[string]struct {
		server    string
		transport string
		want      verdict
	}{
		"NXDOMAIN":             {code(dns.RcodeNameError), "udp", down(probes.ClassDNS, "the name a.example does not exist")},
		"SERVFAIL":             {code(dns.RcodeServerFailure), "udp", down(probes.ClassDNS, "SERVFAIL")},
		"NOTIMP":               {code(dns.RcodeNotImplemented), "udp", down(probes.ClassDNS, "NOTIMP")},
		"FORMERR":              {code(dns.RcodeFormatError), "udp", down(probes.ClassDNS, "FORMERR")},
		"REFUSED":              {code(dns.RcodeRefused), "udp", unknown(probes.ClassRight, "REFUSED")},
		"silent":               {sent(), "udp", late("no first byte after 300ms")},
		"CNAME loop":           {zone("a.example. 60 CNAME b.example.", "b.example. 60 CNAME a.example."), "udp", down(probes.ClassDNS, "leads round in a loop")},
		"CNAME of itself":      {zone("a.example. 60 CNAME a.example."), "udp", down(probes.ClassDNS, "leads round in a loop")},
		"1000 CNAMEs":          {zone(aliases(1000)...), "tcp", down(probes.ClassDNS, "through more than 16 others")},
		"empty":                {sent(""), "udp", invalid},
		"garbage":              {sent(strings.Repeat("\xff", 600)), "udp", invalid},
		"oversized":            {sent(strings.Repeat("\x00", 9000)), "udp", late("no last byte")},
		"name points at self":  {echo(1, func(q []byte) { copy(q[12:], []byte{0xc0, 12}) }), "udp", invalid},
		"65,535 records":       {echo(1, func(q []byte) { copy(q[6:], []byte{0xff, 0xff}) }), "udp", down(probes.ClassDNS, "has no A records")},
		"never an answer":      {echo(1, func(q []byte) { q[2] &^= 0x80 }), "udp", late("")},
		"other identity":       {echo(1, func(q []byte) { q[0]++ }), "udp", late("")},
		"other question":       {echo(1, func(q []byte) { q[13] = 'b' }), "udp", late("")},
		"flood of others":      {echo(150, func(q []byte) { q[0]++ }), "udp", down(probes.ClassProtocol, "answers other questions")},
		"truncated, no TCP":    {echo(1, func(q []byte) { q[2] |= 0x02 }), "udp", down(probes.ClassConnect, "refused")},
		"TCP, silent":          {speak(t, hold), "tcp", late("no first byte")},
		"TCP, half":            {holding(t, "\xff\xffhalf"), "tcp", late("no last byte")},
		"TCP, byte by byte":    {speak(t, dribble("\xff")), "tcp", late("no last byte")},
		"TCP, endless":         {speak(t, wireEndless("\xff\xff")), "tcp", invalid},
		"TCP, closes":          {speak(t, func(net.Conn) {}), "tcp", down(probes.ClassConnect, "closed")},
		"TCP, not DNS":         {speak(t, func(c net.Conn) { c.Write([]byte("HTTP/1.1 400 Bad\r\n\r\n")) }), "tcp", down(probes.ClassConnect, "closed")},
		"thousands of answers": {zone(manyAddresses(3000)...), "tcp", up().within(8 << 20)},
	} {
		t.Run(name, func(t *testing.T) {
			probe := ask("a.example", "A", test.server)
			probe.Transport = test.transport
			test.want.of(t, probe, loopback())
		})
	}
}

// resolving is an HTTP prober that looks names up at a server of the test, as
// if that were the system's resolver.
type resolving struct {
	*probes.HTTP
	server string
}

func (r resolving) Observe(ctx context.Context, from *probes.Vantage) (probes.Observation, error) {
	return probes.ObserveBy(ctx, r.server, r.HTTP, from)
}

// What becomes of a probe by HTTP where the name of its host, or of one that it
// is sent to, leads nowhere good.
func TestHostileNames(t *testing.T) {
	zone := map[string][]dns.RR{}
	for _, line := range slices.Concat([]string{
		"loop.example. 60 CNAME pool.example.", "pool.example. 60 CNAME loop.example.",
		"metadata.example. 0 A 169.254.169.254", "inside.example. 0 A 10.0.0.1", "inside.example. 0 AAAA fd00::1",
		"mapped.example. 0 AAAA ::ffff:169.254.169.254",
	}, manyAddresses(3000)) {
		r := records(t, line)[0]
		zone[r.Header().Name] = append(zone[r.Header().Name], r)
	}
	for i := range 3000 {
		zone["private.example."] = append(zone["private.example."], records(t, fmt.Sprintf("private.example. 60 A 10.0.%d.%d", i>>8, i&255))...)
	}
	server := nameServer(t, func(m *dns.Msg, network string) {
		q := m.Question[0]
		m.RecursionAvailable = true
		switch {
		case q.Name == "broken.example.":
			m.Rcode = dns.RcodeServerFailure
		case zone[q.Name] == nil:
			m.Rcode = dns.RcodeNameError
		}
		for _, r := range zone[q.Name] {
			if r.Header().Rrtype == q.Qtype || r.Header().Rrtype == dns.TypeCNAME {
				m.Answer = append(m.Answer, r)
			}
		}
		m.Compress = true
		if network == "udp" {
			m.Truncate(dns.MinMsgSize)
		}
	})
	silent := datagrams(t, func([]byte) [][]byte { return nil })
	_, port, err := net.SplitHostPort(refusing(t))
	if err != nil {
		t.Fatal(err)
	}
	atDeadline := unknown(probes.ClassLocal, "our resolver gave no answer")
	atDeadline.late = true
	for name, test := range map[string]struct {
		server, url string
		want        verdict
	}{
		"NXDOMAIN":                         {server, "http://none.example/", down(probes.ClassDNS, "the name none.example does not resolve")},
		"SERVFAIL":                         {server, "http://broken.example/", unknown(probes.ClassLocal, "our resolver gave no answer for broken.example")},
		"timeout":                          {silent, "http://a.example/", atDeadline},
		"CNAME loop":                       {server, "http://loop.example/", down(probes.ClassDNS, "does not resolve")},
		"rebinding":                        {server, "http://metadata.example/latest", unknown(probes.ClassForbidden, "169.254.169.254")},
		"rebinding, both families":         {server, "http://inside.example/", unknown(probes.ClassForbidden, "the network policy does not allow")},
		"rebinding, mapped":                {server, "http://mapped.example/", unknown(probes.ClassForbidden, "169.254.169.254")},
		"rebinding, redirected":            {server, redirecting(t, "http://metadata.example/"), unknown(probes.ClassForbidden, "169.254.169.254")},
		"redirected, decimal":              {server, redirecting(t, "http://2852039166/"), down(probes.ClassDNS, "2852039166 does not resolve")},
		"redirected, octal":                {server, redirecting(t, "http://0251.0376.0251.0376/"), down(probes.ClassDNS, "does not resolve")},
		"redirected, hexadecimal":          {server, redirecting(t, "http://0xa9fea9fe/"), down(probes.ClassDNS, "does not resolve")},
		"thousands of addresses":           {server, "http://a.example:" + port + "/", down(probes.ClassConnect, "refused").within(32 << 20)},
		"thousands of forbidden addresses": {server, "http://private.example/", unknown(probes.ClassForbidden, "10.0.").within(32 << 20)},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.of(t, resolving{get(t, test.url), test.server}, loopback())
		})
	}
}

// manyAddresses returns as many records of a.example, of the loopback network.
func manyAddresses(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("a.example. 60 A 127.1.%d.%d", i>>8, i&255))
	}
	return lines
}

// aliases returns a chain of as many, which begins at a.example.
func aliases(n int) []string {
	lines := []string{"a.example. 60 CNAME b0.example."}
	for i := range n {
		lines = append(lines, fmt.Sprintf("b%d.example. 60 CNAME b%d.example.", i, i+1))
	}
	return lines
}
