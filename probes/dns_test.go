package probes_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"observatoire/probes"
)

// nameServer returns the address of a DNS server, over UDP and TCP, that
// answers as the function makes the answer.
func nameServer(t testing.TB, answer func(answer *dns.Msg, network string)) string {
	t.Helper()
	packets, listener := bothOn(t)
	handler := func(network string) dns.HandlerFunc {
		return func(w dns.ResponseWriter, question *dns.Msg) {
			m := new(dns.Msg).SetReply(question)
			answer(m, network)
			w.WriteMsg(m)
		}
	}
	for _, server := range []*dns.Server{
		{PacketConn: packets, Handler: handler("udp")}, {Listener: listener, Handler: handler("tcp")},
	} {
		started, done := make(chan struct{}), make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { defer close(done); server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { server.Shutdown(); <-done })
	}
	return packets.LocalAddr().String()
}

// bothOn listens at the same port over UDP and TCP. A port that is free for one
// may be taken for the other.
func bothOn(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	var last error
	for range 20 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		packets, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return packets, listener
		}
		listener.Close()
		last = err
	}
	t.Fatal(last)
	return nil, nil
}

// datagrams returns the address of a UDP server that sends what answer makes of
// each question.
func datagrams(t *testing.T, answer func(question []byte) [][]byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			for _, message := range answer(buffer[:n]) {
				conn.WriteTo(message, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().String()
}

func records(t testing.TB, lines ...string) (all []dns.RR) {
	t.Helper()
	for _, line := range lines {
		record, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, record)
	}
	return all
}

func ask(name, kind, server string, expected ...string) *probes.DNS {
	return &probes.DNS{Name: name, Type: kind, Server: server, Expect: expected}
}

func TestDNS(t *testing.T) {
	zone := map[string][]dns.RR{}
	for _, line := range []string{
		"a.example. 60 A 192.0.2.1", "a.example. 30 A 192.0.2.2", "a.example. 60 AAAA 2001:db8::1",
		"a.example. 60 MX 10 Mail.Example.", "a.example. 60 NS ns1.example.", `a.example. 60 TXT "v=spf1 " "-all"`,
		"a.example. 60 SOA ns1.example. admin.example. 7 3600 600 86400 60", `a.example. 60 CAA 0 issue "letsencrypt.org"`,
		"_sip._tcp.a.example. 60 SRV 1 2 5060 sip.example.",
		"www.example. 60 CNAME web.example.", "web.example. 60 CNAME a.example.",
		"out.example. 60 CNAME elsewhere.example.",
	} {
		r := records(t, line)[0]
		zone[r.Header().Name] = append(zone[r.Header().Name], r)
	}
	// As resolvers do, all that aliases lead to is in the answer.
	server := nameServer(t, func(m *dns.Msg, _ string) {
		q := m.Question[0]
		m.RecursionAvailable, m.AuthenticatedData = q.Name != "out.example.", true
		if zone[q.Name] == nil {
			m.Rcode = dns.RcodeNameError
		}
		for name, seen := q.Name, map[string]bool{}; !seen[name]; {
			seen[name] = true
			for _, r := range zone[name] {
				alias, isAlias := r.(*dns.CNAME)
				if isAlias || r.Header().Rrtype == q.Qtype {
					m.Answer = append(m.Answer, r)
				}
				if isAlias && q.Qtype != dns.TypeCNAME {
					name = alias.Target
				}
			}
		}
	})
	for name, test := range map[string]struct {
		probe   *probes.DNS
		outcome probes.Outcome
		class   probes.ErrorClass
		want    string // of the answers, or in the detail
	}{
		"A":               {ask("a.example", "A", server, "192.0.2.2"), probes.Up, probes.ClassNone, "192.0.2.1 192.0.2.2"},
		"other case":      {ask("A.Example.", "a", server, "192.0.2.1", "192.0.2.2"), probes.Up, probes.ClassNone, "192.0.2.1 192.0.2.2"},
		"AAAA":            {ask("a.example", "AAAA", server, "2001:DB8:0::1"), probes.Up, probes.ClassNone, "2001:db8::1"},
		"MX":              {ask("a.example", "MX", server, "10  mail.example."), probes.Up, probes.ClassNone, "10 mail.example"},
		"NS":              {ask("a.example", "NS", server, "NS1.example."), probes.Up, probes.ClassNone, "ns1.example"},
		"TXT":             {ask("a.example", "TXT", server, "v=spf1 -all"), probes.Up, probes.ClassNone, "v=spf1 -all"},
		"SOA":             {ask("a.example", "SOA", server), probes.Up, probes.ClassNone, "ns1.example admin.example 7 3600 600 86400 60"},
		"CAA":             {ask("a.example", "CAA", server, `0 issue "letsencrypt.org"`), probes.Up, probes.ClassNone, `0 issue "letsencrypt.org"`},
		"SRV":             {ask("_sip._tcp.a.example", "SRV", server, "1 2 5060 sip.example"), probes.Up, probes.ClassNone, "1 2 5060 sip.example"},
		"CNAME":           {ask("www.example", "CNAME", server, "web.example"), probes.Up, probes.ClassNone, "web.example"},
		"aliases":         {ask("www.example", "A", server), probes.Up, probes.ClassNone, "192.0.2.1 192.0.2.2"},
		"not expected":    {ask("a.example", "A", server, "192.0.2.1", "192.0.2.9"), probes.Down, probes.ClassAssertion, "A records of a.example: expected: 192.0.2.9; found: 192.0.2.1, 192.0.2.2"},
		"TXT, other case": {ask("a.example", "TXT", server, "V=SPF1 -all"), probes.Down, probes.ClassAssertion, "found: v=spf1 -all"},
		"no such name":    {ask("b.example", "A", server), probes.Down, probes.ClassDNS, "the name b.example does not exist"},
		"no such record":  {ask("_sip._tcp.a.example", "A", server), probes.Down, probes.ClassDNS, "has no A records"},
		"alias, without":  {ask("www.example", "SRV", server), probes.Down, probes.ClassDNS, "a.example, which www.example is an alias of, has no SRV records"},
		"alias, unknown":  {ask("out.example", "A", server), probes.Unknown, probes.ClassInconclusive, "alias of elsewhere.example"},
		"by policy":       {ask("a.example", "A", "10.0.0.53"), probes.Unknown, probes.ClassForbidden, "network policy"},
		"by policy, IPv6": {ask("a.example", "A", "[fd00::1]:53"), probes.Unknown, probes.ClassForbidden, "network policy"},
		"refused port":    {ask("a.example", "A", refusing(t)), probes.Down, probes.ClassConnect, "refused"},
	} {
		for _, transport := range []string{"udp", "tcp"} {
			t.Run(name+" "+transport, func(t *testing.T) {
				probe := ask(test.probe.Name, test.probe.Type, test.probe.Server, test.probe.Expect...)
				probe.Transport = transport
				if err := probe.Validate(); err != nil {
					t.Fatal(err)
				}
				expect(t, run(t, probe, loopback()), test.outcome, test.class)
				o, err := probe.Observe(t.Context(), loopback())
				if err != nil {
					if !strings.Contains(err.Error(), test.want) {
						t.Errorf("fault %q, want %q in it", err, test.want)
					}
					return
				}
				answers := o.Facts["answers"].([]string)
				if slices.Sort(answers); strings.Join(answers, " ") != test.want {
					t.Errorf("answers %q, want %q", answers, test.want)
				}
				if o.Facts["rcode"] != "NOERROR" || o.Facts["authenticated"] != true || o.Facts["count"] != len(answers) || o.Proto != "dns over "+transport {
					t.Errorf("facts %v, protocol %s", o.Facts, o.Proto)
				}
				if kind := probe.Type; kind == "A" && o.Facts["ttl"] != 30 {
					t.Errorf("time to live %v, want 30", o.Facts["ttl"])
				}
			})
		}
	}
}

// An answer of thousands of addresses does not fit a datagram: it is asked for
// again over TCP, and kept in part.
func TestDNSManyAnswers(t *testing.T) {
	var lines []string
	for i := range 3000 {
		lines = append(lines, fmt.Sprintf("a.example. 60 A 192.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	all := records(t, lines...)
	server := nameServer(t, func(m *dns.Msg, network string) {
		m.Compress = true
		if m.Answer = all; network == "udp" {
			m.Truncate(dns.MinMsgSize)
		}
	})
	o, err := ask("a.example", "A", server, "192.0.11.183").Observe(t.Context(), loopback())
	if err != nil {
		t.Fatal(err)
	}
	if o.Facts["count"] != 3000 || len(o.Facts["answers"].([]string)) != 100 || o.Facts["truncated"] != true || o.Proto != "dns over tcp" {
		t.Errorf("count %v, %d answers, truncated %v, %s", o.Facts["count"], len(o.Facts["answers"].([]string)), o.Facts["truncated"], o.Proto)
	}
	if o.Phases.Redirect == 0 || o.Phases.Wait == 0 {
		t.Errorf("phases %+v", o.Phases)
	}
	r := run(t, ask("a.example", "A", server, "203.0.113.1"), loopback())
	expect(t, r, probes.Down, probes.ClassAssertion)
}

func FuzzDNSAnswer(f *testing.F) {
	m := new(dns.Msg)
	m.SetQuestion("a.example.", dns.TypeA)
	m.Response, m.Answer = true, records(f, "a.example. 60 CNAME b.example.", "b.example. 60 A 192.0.2.1")
	packed, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed[2:])
	f.Add([]byte{0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0xc0, 12})
	f.Fuzz(func(t *testing.T, rest []byte) {
		if len(rest) > 60000 {
			return
		}
		server := speak(t, func(c net.Conn) {
			question := make([]byte, 512)
			if n, _ := c.Read(question); n > 4 {
				c.Write(binary.BigEndian.AppendUint16(nil, uint16(len(rest)+2)))
				c.Write(append(question[2:4:4], rest...)) // the identity, and what is fuzzed
			}
		})
		r := run(t, &probes.DNS{Name: "a.example", Server: server, Transport: "tcp"}, loopback())
		if r.Class == probes.ClassLocal {
			t.Errorf("%x is a fault of ours: %s", rest, r.Detail)
		}
	})
}
