package probes

import (
	"fmt"
	"net/netip"
	"slices"
)

// forbidden is the error of an address that the network policy refuses.
type forbidden struct{ addr netip.Addr }

func (f *forbidden) Error() string {
	return fmt.Sprintf("the network policy does not allow %s", f.addr)
}

// reserved are the blocks of IPv4, and those inside IPv6's global unicast
// space, that no public service has its address in (IANA special-purpose
// registries).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("10.0.0.0/8"),      // private
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local, cloud metadata
	netip.MustParsePrefix("172.16.0.0/12"),   // private
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, withdrawn
	netip.MustParsePrefix("192.168.0.0/16"),  // private
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/3"),     // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4, withdrawn
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96") // carries an IPv4 address in its last 32 bits
)

// permits reports whether the policy allows to connect to the address: a
// public one, or one in a private range that is allowed all the same. An
// address that carries an IPv4 one (mapped, NAT64) is judged by that.
func (v *Vantage) permits(addr netip.Addr) bool {
	addr = addr.Unmap()
	if v.allows(addr) {
		return true
	}
	if addr.Zone() != "" {
		return false
	}
	if nat64.Contains(addr) {
		wide := addr.As16()
		addr = netip.AddrFrom4([4]byte(wide[12:]))
		if v.allows(addr) {
			return true
		}
	}
	if addr.Is6() && !globalUnicast.Contains(addr) {
		return false
	}
	return addr.IsValid() && !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func (v *Vantage) allows(addr netip.Addr) bool {
	return slices.ContainsFunc(v.AllowPrivate, func(p netip.Prefix) bool { return p.Contains(addr.WithZone("")) })
}
