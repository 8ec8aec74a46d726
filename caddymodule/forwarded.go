package caddymodule

import (
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// addForwarded tells the upstream whom the request came from, as reverse_proxy
// does. What the client says of that itself counts only when it is one of the
// server's trusted proxies.
func addForwarded(in *http.Request, out http.Header) {
	trusted, _ := caddyhttp.GetVar(in.Context(), caddyhttp.TrustedProxyVarKey).(bool)
	client, _, err := net.SplitHostPort(in.RemoteAddr)
	if err != nil && (in.RemoteAddr != "@" || !trusted) {
		return // nobody knows, and nobody may say
	}
	client, _, _ = strings.Cut(client, "%") // an IPv6 zone means nothing elsewhere
	scheme, host := "http", in.Host
	if in.TLS != nil {
		scheme = "https"
	}
	if trusted {
		if prior := strings.Join(in.Header["X-Forwarded-For"], ", "); prior != "" {
			client = strings.TrimSuffix(prior+", "+client, ", ")
		}
		scheme = lastOr(in.Header["X-Forwarded-Proto"], scheme)
		host = lastOr(in.Header["X-Forwarded-Host"], host)
		if forwarded, ok := in.Header["Forwarded"]; ok {
			out["Forwarded"] = forwarded
		}
	}
	// One array for the three values; each is one that cannot grow into the next.
	fields := [3]string{client, scheme, host}
	if client != "" {
		out["X-Forwarded-For"] = fields[0:1:1]
	}
	out["X-Forwarded-Proto"] = fields[1:2:2]
	out["X-Forwarded-Host"] = fields[2:3:3]
}

func lastOr(values []string, otherwise string) string {
	if len(values) == 0 || values[len(values)-1] == "" {
		return otherwise
	}
	return values[len(values)-1]
}

// addVia names the gateway in a message that passes it, as RFC 9110, 7.6.3 wants.
func addVia(h http.Header, major, minor int) {
	h["Via"] = append(h["Via"], via(major, minor))
}

func via(major, minor int) string {
	if major == 1 && minor == 1 {
		return "1.1 Caddy"
	}
	return strconv.Itoa(major) + "." + strconv.Itoa(minor) + " Caddy"
}
