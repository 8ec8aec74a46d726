package caddymodule

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// upstream is the address of the one server that a Proxy passes requests on to.
type upstream struct {
	scheme  string // http, https, or empty when the address does not say
	address string // host:port
}

// parseUpstream reads an address: `host:port`, or a URL of http or https with
// nothing but a host and a port.
func parseUpstream(text string) (upstream, error) {
	switch {
	case text == "":
		return upstream{}, fmt.Errorf("an upstream is missing; write for example localhost:9000 or https://register.example")
	case strings.HasPrefix(text, "unix/"), strings.HasPrefix(text, "unix:"), strings.HasPrefix(text, "fd/"):
		return upstream{}, fmt.Errorf("upstream %q is no TCP address; reverse_proxy with transport voorpoort takes sockets", text)
	case !strings.Contains(text, "://"):
		to := upstream{address: text}
		return to, to.check(text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return upstream{}, fmt.Errorf("upstream is no URL; write for example https://register.example:8443") //nolint:nilerr // it may have a password in it
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return upstream{}, fmt.Errorf("upstream has the scheme %q; it can be http or https", u.Scheme)
	}
	if u.User != nil {
		return upstream{}, fmt.Errorf("upstream %q has a user in it; give the register its credentials with request_header", u.Redacted())
	}
	if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return upstream{}, fmt.Errorf("upstream %q may only have a scheme, a host and a port; change paths with rewrite or uri", text)
	}
	to := upstream{scheme: u.Scheme, address: u.Host}
	return to, to.check(text)
}

// check refuses an address that nobody could connect to. A port may be missing.
func (u upstream) check(text string) error {
	host, port, err := net.SplitHostPort(u.address)
	if err != nil {
		host, port = strings.Trim(u.address, "[]"), ""
		if strings.Contains(host, ":") && !isIPAddress(host) {
			return fmt.Errorf("upstream %q is no address; write host:port, an IPv6 address in brackets", text)
		}
	}
	if host == "" && port == "" || host != "" && !isHostName(host) && !isIPAddress(host) {
		return fmt.Errorf("upstream %q is no address; write for example localhost:9000", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return fmt.Errorf("upstream %q: port %q is not a number from 1 to 65535", text, port)
	}
	return nil
}

// isIPAddress tells whether text is an IP address, with or without the zone of a
// link-local one.
func isIPAddress(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && (ip.Zone() == "" || isHostName(ip.Zone()))
}

// isHostName tells whether text has only what names in a network are made of.
// A name in another script is written as the network knows it (xn--...).
func isHostName(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._", r)
	})
}

// complete adds what an address leaves out: the host when it is this machine, as
// in `:9000`, and the port that the scheme stands for.
func (u *upstream) complete() {
	host, port, err := net.SplitHostPort(u.address)
	if err != nil {
		host, port = strings.Trim(u.address, "[]"), ""
	}
	if host == "" {
		host = "localhost"
	}
	if port == "" {
		port = defaultPort[u.scheme]
	}
	u.address = net.JoinHostPort(host, port)
}

var defaultPort = map[string]string{"http": "80", "https": "443"}

// host is what the Host field says of the upstream: without the port when it is
// the scheme's own.
func (u upstream) host() string {
	host, port, _ := net.SplitHostPort(u.address)
	switch {
	case port != defaultPort[u.scheme]:
		return u.address
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}
