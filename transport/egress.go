package transport

import (
	"context"
	"net/netip"
)

// Egress says to which addresses connections may be made when somebody who is
// not the operator chooses the name. Its Guard fits Options.Guard, which is
// asked after name resolution about the very address that is dialed next: a
// name that resolves to something else later gains nothing.
//
// The zero value permits public addresses only. Denied are loopback, private
// (RFC 1918, RFC 4193), shared (RFC 6598), link-local (which holds the metadata
// services of clouds), multicast, documentation, benchmarking, translation and
// reserved networks, as the IANA special-purpose registries have them (RFC
// 6890), every IPv6 address outside 2000::/3, and IPv6 forms that lead to a
// denied IPv4 address: IPv4-mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056).
type Egress struct {
	// Allow are networks that are permitted although they are denied
	// otherwise. An IPv4 network also permits the IPv6 forms of its addresses.
	Allow []netip.Prefix
}

// EgressError says that an address is not allowed. It names the network, not
// the address, because whoever chose the name may read it.
type EgressError struct {
	Addr    netip.Addr
	Network netip.Prefix // the denied network that holds the address
	Kind    string       // what the network is for, such as "loopback"
}

func (e *EgressError) Error() string { return "address in " + e.Network.String() + " (" + e.Kind + ")" }

// Guard permits an address or returns an *EgressError.
func (e Egress) Guard(_ context.Context, address netip.AddrPort) error {
	// A zone would hide the address from Prefix.Contains.
	addr := address.Addr().Unmap().WithZone("")
	inner, embedded := embeddedIPv4(addr)
	network, denied := deniedNetwork(addr)
	if !denied && embedded {
		network, denied = deniedNetwork(inner)
	}
	if !denied || e.allows(addr) || embedded && e.allows(inner) {
		return nil
	}

	return &EgressError{Addr: addr, Network: network.prefix, Kind: network.kind}
}

func (e Egress) allows(addr netip.Addr) bool {
	for _, prefix := range e.Allow {
		if unmapped(prefix).Contains(addr) {
			return true
		}
	}

	return false
}

// unmapped turns a network of IPv4-mapped addresses into the IPv4 network, which
// is how addresses are compared here.
func unmapped(prefix netip.Prefix) netip.Prefix {
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}

	return prefix
}

// embeddedIPv4 gives the IPv4 address that packets to addr may end up at.
func embeddedIPv4(addr netip.Addr) (netip.Addr, bool) {
	bytes := addr.As16()
	switch {
	case nat64.Contains(addr):
		return netip.AddrFrom4([4]byte(bytes[12:16])), true
	case sixToFour.Contains(addr):
		return netip.AddrFrom4([4]byte(bytes[2:6])), true
	}

	return netip.Addr{}, false
}

func deniedNetwork(addr netip.Addr) (specialNetwork, bool) {
	for _, network := range specialNetworks {
		if network.prefix.Contains(addr) {
			return network, true
		}
	}
	if addr.Is4() || globalUnicast.Contains(addr) || nat64.Contains(addr) {
		return specialNetwork{}, false
	}

	return specialNetwork{everything, "not public"}, true
}

var (
	nat64         = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour     = netip.MustParsePrefix("2002::/16")
	globalUnicast = netip.MustParsePrefix("2000::/3")
	everything    = netip.MustParsePrefix("::/0")
)

type specialNetwork struct {
	prefix netip.Prefix
	kind   string
}

// specialNetworks are the networks that are denied. IPv6 networks outside
// globalUnicast are here only for the sake of their names.
var specialNetworks = []specialNetwork{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "protocol assignments"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},
	{netip.MustParsePrefix("192.88.99.0/24"), "reserved"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},

	{netip.MustParsePrefix("::/128"), "unspecified"},
	{netip.MustParsePrefix("::1/128"), "loopback"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "local translation"},
	{netip.MustParsePrefix("100::/64"), "discard"},
	{netip.MustParsePrefix("2001::/23"), "protocol assignments"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},
	{netip.MustParsePrefix("3fff::/20"), "documentation"},
	{netip.MustParsePrefix("fc00::/7"), "private"},
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
}
