package probes

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// dnsCodec writes questions of DNS and reads answers. It is all that the prober
// asks of a library.
type dnsCodec interface {
	// question returns a message that asks for the records of the type.
	question(id uint16, name, kind string) ([]byte, error)
	// answer reads a message. It never fails on one that is valid.
	answer(message []byte) (dnsAnswer, error)
}

// dnsAnswer is a message of a server.
type dnsAnswer struct {
	id            uint16
	response      bool
	name, kind    string // of the question that it answers; empty where it repeats none
	code          string // such as "NOERROR"
	authenticated bool   // the server has verified the signatures
	authoritative bool
	recursive     bool // the server asks others
	truncated     bool
	records       []dnsRecord
}

// dnsRecord is one record of an answer. Names have no dot at the end and no
// upper-case letters.
type dnsRecord struct {
	name, kind string
	ttl        uint32 // in seconds
	value      string // as zone files have it, but a TXT record, which is its plain text
}

// dnsPayload is the most bytes of a datagram that we ask for: what passes
// every network in one piece.
const dnsPayload = 1232

// miekgDNS is the codec of github.com/miekg/dns.
type miekgDNS struct{}

func (miekgDNS) question(id uint16, name, kind string) ([]byte, error) {
	number, ok := dns.StringToType[kind]
	if !ok {
		return nil, errors.New("no such type")
	}
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), number)
	m.Id, m.AuthenticatedData = id, true // so that the answer says whether it was verified
	m.SetEdns0(dnsPayload, false)
	return m.Pack()
}

func (miekgDNS) answer(message []byte) (dnsAnswer, error) {
	m := new(dns.Msg)
	if err := m.Unpack(message); err != nil {
		return dnsAnswer{}, err
	}
	a := dnsAnswer{
		id: m.Id, response: m.Response, code: dns.RcodeToString[m.Rcode], authenticated: m.AuthenticatedData,
		authoritative: m.Authoritative, recursive: m.RecursionAvailable, truncated: m.Truncated,
	}
	if a.code == "" {
		a.code = "code " + strconv.Itoa(m.Rcode)
	}
	if len(m.Question) > 0 {
		a.name, a.kind = plainName(m.Question[0].Name), dns.TypeToString[m.Question[0].Qtype]
	}
	for _, r := range m.Answer {
		if value, ok := dnsValue(r); ok {
			h := r.Header()
			a.records = append(a.records, dnsRecord{plainName(h.Name), dns.TypeToString[h.Rrtype], h.Ttl, value})
		}
	}
	return a, nil
}

// dnsValue returns the content of a record of one of the types that are probed.
func dnsValue(record dns.RR) (string, bool) {
	switch r := record.(type) {
	case *dns.A:
		return addressText(r.A), true
	case *dns.AAAA:
		return addressText(r.AAAA), true
	case *dns.CNAME:
		return plainName(r.Target), true
	case *dns.MX:
		return spaced(number(r.Preference), plainName(r.Mx)), true
	case *dns.NS:
		return plainName(r.Ns), true
	case *dns.TXT:
		return strings.Join(r.Txt, ""), true
	case *dns.SOA:
		return spaced(plainName(r.Ns), plainName(r.Mbox), number(r.Serial), number(r.Refresh), number(r.Retry), number(r.Expire), number(r.Minttl)), true
	case *dns.CAA:
		return spaced(number(r.Flag), r.Tag, strconv.Quote(r.Value)), true
	case *dns.SRV:
		return spaced(number(r.Priority), number(r.Weight), number(r.Port), plainName(r.Target)), true
	}
	return "", false
}

func addressText(ip []byte) string {
	addr, _ := netip.AddrFromSlice(ip)
	return addr.Unmap().String()
}

func number[T ~uint8 | ~uint16 | ~uint32](n T) string { return strconv.FormatUint(uint64(n), 10) }

func spaced(parts ...string) string { return strings.Join(parts, " ") }

// plainName writes a name so that two of them can be compared.
func plainName(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}
