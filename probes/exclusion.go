package probes

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// Host names a host or several: a name or an address such as "www.example.fr", or
// all that end in a domain, such as "*.example.fr" (example.fr itself is not
// among them). Case does not matter.
type Host string

// UnmarshalText reads a pattern such as "*.example.fr".
func (p *Host) UnmarshalText(text []byte) error {
	pattern := plainHost(string(text))
	name := strings.TrimPrefix(pattern, "*.")
	if err := checkHost(name); err != nil || strings.Contains(name, "*") || strings.HasPrefix(name, ".") {
		return fmt.Errorf("%q is not a host: want a form such as www.example.fr or *.example.fr", text)
	}
	if _, err := netip.ParseAddr(name); err == nil && name != pattern {
		return errors.New("an address has no domain, so *. cannot stand before it")
	}
	*p = Host(pattern)
	return nil
}

// Matches reports whether the pattern names the host.
func (p Host) Matches(host string) bool {
	host = plainHost(host)
	if domain, ok := strings.CutPrefix(string(p), "*"); ok {
		return len(host) > len(domain) && strings.HasSuffix(host, domain)
	}
	return host == string(p)
}

// plainHost returns the one form of a host that is compared.
func plainHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(host), "."))
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String()
	}
	return host
}

// HostOf returns the host that a target names, in the one form that hosts are
// compared in; empty when it names none.
func HostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return plainHost(u.Hostname())
}

// excluded returns the fault of asking a host that must not be contacted, by its
// name, before that is looked up; nil for any other.
func (v *Vantage) excluded(host string) *Fault {
	for _, pattern := range v.Exclude {
		if pattern.Matches(host) {
			return faultf(ClassForbidden, nil, "%s is excluded by configuration", plainHost(host))
		}
	}
	if v.Off != nil && v.Off(plainHost(host)) {
		return faultf(ClassForbidden, nil, "%s is switched off", plainHost(host))
	}
	return nil
}
