package probes

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// dnsAsk is one run of a DNS prober.
type dnsAsk struct {
	plan dnsPlan
	wire *wire
	ours bool // the server is the system's
}

// systemResolvers returns the servers that the system is configured with.
func systemResolvers() ([]string, error) {
	const most = 3 // as the system's own library
	config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil, err
	}
	var servers []string
	for _, server := range config.Servers[:min(len(config.Servers), most)] {
		servers = append(servers, net.JoinHostPort(server, config.Port))
	}
	return servers, nil
}

// system asks the system's resolvers, one after the other while they fail. The
// network policy is not for them: they are often in our own network.
func (a *dnsAsk) system(ctx context.Context) *Fault {
	servers, err := a.plan.resolvers()
	if err == nil && len(servers) == 0 {
		err = errors.New("none is configured")
	}
	if err != nil {
		return faultf(ClassLocal, err, "we have no resolver to ask: %v", err)
	}
	a.ours, a.wire.dialer.ControlContext = true, nil
	var fault *Fault
	for i, server := range servers {
		if i > 0 {
			a.wire.again()
		}
		within, cancel := share(ctx, len(servers)-i)
		fault = a.one(within, server)
		cancel()
		if fault == nil || fault.Class != ClassLocal || ctx.Err() != nil {
			break
		}
	}
	return fault
}

// share returns a context that ends when an equal part of the time is used up.
func share(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || parts < 2 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
}

// one asks one server, over UDP first where that is wanted.
func (a *dnsAsk) one(ctx context.Context, server string) *Fault {
	a.wire.to.Host = server
	answer, fault := a.over(ctx, a.plan.transport)
	truncated := fault == nil && answer.truncated && a.plan.transport == "udp"
	if truncated {
		a.wire.again()
		answer, fault = a.over(ctx, "tcp")
	}
	if fault != nil {
		if a.ours && fault.Outcome() == Down {
			return faultf(ClassLocal, fault, "our resolver %s failed: %s", server, fault.Detail)
		}
		return fault
	}
	o := &a.wire.observed
	o.Facts = map[string]any{
		"server": server, "rcode": answer.code, "authenticated": answer.authenticated,
		"authoritative": answer.authoritative, "truncated": truncated, "count": 0,
	}
	return a.judge(answer)
}

func (a *dnsAsk) over(ctx context.Context, network string) (answer dnsAnswer, fault *Fault) {
	id := uint16(rand.Uint32())
	question, err := a.plan.codec.question(id, a.plan.name, a.plan.kind)
	if err != nil {
		return answer, settingsFault(err)
	}
	a.wire.observed.Proto = "dns over " + network
	fault = a.wire.over(ctx, network, nil, func(conn net.Conn) *Fault {
		reader := &heard{Conn: conn, by: a.wire.current}
		read := func() ([]byte, error) { return readDatagram(reader) }
		if network == "tcp" {
			question = append(binary.BigEndian.AppendUint16(nil, uint16(len(question))), question...)
			read = func() ([]byte, error) { return readFramed(reader) }
		}
		if _, err := conn.Write(question); err != nil {
			return a.wire.brokenFault(ctx, err, "DNS")
		}
		var err error
		if answer, err = a.await(id, read); err != nil {
			return a.wire.brokenFault(ctx, err, "DNS")
		}
		a.wire.end()
		return nil
	})
	return answer, fault
}

// await reads until the answer to the question is there. Others may be late
// ones to someone else, or forged; a few of them are let pass.
func (a *dnsAsk) await(id uint16, read func() ([]byte, error)) (dnsAnswer, error) {
	const strays = 100
	for range strays {
		message, err := read()
		if err != nil {
			return dnsAnswer{}, err
		}
		answer, err := a.plan.codec.answer(message)
		if err != nil {
			return dnsAnswer{}, err
		}
		if answer.id == id && answer.response && (answer.name == "" && answer.code != "NOERROR" || answer.name == a.plan.name && answer.kind == a.plan.kind) {
			return answer, nil
		}
	}
	return dnsAnswer{}, errors.New("it answers other questions")
}

func readDatagram(from io.Reader) ([]byte, error) {
	message := make([]byte, dnsPayload+1) // what is longer does not parse
	n, err := from.Read(message)
	return message[:n], err
}

func readFramed(from io.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(from, size[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(from, message)
	return message, err
}

// judge says what the answer tells, and notes its records.
func (a *dnsAsk) judge(answer dnsAnswer) *Fault {
	name, kind := a.plan.name, a.plan.kind
	switch answer.code {
	case "NOERROR":
	case "NXDOMAIN":
		return faultf(ClassDNS, nil, "the name %s does not exist", name)
	default:
		if a.ours {
			return faultf(ClassLocal, nil, "our resolver could not answer for %s (%s)", name, answer.code)
		}
		if answer.code == "REFUSED" || answer.code == "NOTAUTH" {
			return faultf(ClassRight, nil, "the server refuses to answer for %s (%s): it does not serve the name, or not to us", name, answer.code)
		}
		return faultf(ClassDNS, nil, "the server could not answer for %s (%s)", name, answer.code)
	}
	found, end, err := follow(answer.records, name, kind)
	if err != nil {
		return faultf(ClassDNS, err, "%v", err)
	}
	a.note(found)
	switch {
	case len(found) > 0:
		return a.compare(found)
	case end != name && !answer.recursive:
		return faultf(ClassInconclusive, nil, "%s is an alias of %s, of which the server does not know the %s records", name, end, kind)
	case end != name:
		return faultf(ClassDNS, nil, "%s, which %s is an alias of, has no %s records", end, name, kind)
	}
	return faultf(ClassDNS, nil, "the name %s has no %s records", name, kind)
}

// note fills what was observed.
func (a *dnsAsk) note(found []dnsRecord) {
	const shown = 100
	if len(found) == 0 {
		return
	}
	least := found[0].ttl
	values := make([]string, len(found))
	for i, r := range found {
		values[i], least = r.value, min(least, r.ttl)
	}
	o := &a.wire.observed
	o.Body = []byte(strings.Join(values, "\n"))
	o.Facts["answers"], o.Facts["count"], o.Facts["ttl"] = values[:min(len(values), shown)], len(values), int(least)
}

// compare tells whether all that is wanted was found.
func (a *dnsAsk) compare(found []dnsRecord) *Fault {
	there := make(map[string]bool, len(found))
	var all []string
	for _, r := range found {
		there[sameText(a.plan.kind, r.value)] = true
		all = append(all, r.value)
	}
	for _, value := range a.plan.wanted {
		if !there[value] {
			return faultf(ClassAssertion, nil, "%s records of %s: expected: %s; found: %s", a.plan.kind, a.plan.name, value,
				shorten(strings.ToValidUTF8(strings.Join(all[:min(len(all), 10)], ", "), "\uFFFD"), 150))
		}
	}
	return nil
}

// follow returns the records of the type that the name has, itself or by
// aliases, and the name at the end of the aliases.
func follow(records []dnsRecord, name, kind string) (found []dnsRecord, end string, err error) {
	const longest = 16 // chain of aliases that resolvers follow
	aliases := make(map[string]string)
	for _, r := range records {
		if r.kind == "CNAME" && kind != "CNAME" {
			aliases[r.name] = r.value
		}
	}
	end = name
	for steps := 0; aliases[end] != ""; steps++ {
		if steps == longest {
			return nil, end, errors.New("the name " + name + " is an alias that leads round in a loop, or through more than 16 others")
		}
		end = aliases[end]
	}
	for _, r := range records {
		if r.name == end && r.kind == kind {
			found = append(found, r)
		}
	}
	return found, end, nil
}
