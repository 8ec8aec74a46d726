package request

import (
	"net/http"
	"strings"
)

// DropTunnels removes the offer to go on in another version of HTTP, or in TLS,
// from the header of a request. A register that accepts it would from then on
// hear requests from the client that no gate has seen, whatever the path of the
// first one was; and since a server may always ignore the offer (RFC 9110
// section 7.8), removing it breaks nothing. Offers of other protocols, such as
// websocket, stay.
//
// It is meant for every request, also those that no rule names. Without an
// offer it costs one look.
func DropTunnels(header http.Header) {
	offers := header["Upgrade"]
	if len(offers) == 0 {
		return
	}
	var kept []string
	for _, offer := range offers {
		for protocol := range strings.SplitSeq(offer, ",") {
			if protocol = strings.TrimSpace(protocol); protocol != "" && !isTunnel(protocol) {
				kept = append(kept, protocol)
			}
		}
	}
	if len(kept) == 0 {
		dropUpgrade(header)
		return
	}
	header["Upgrade"] = []string{strings.Join(kept, ", ")}
	header.Del("HTTP2-Settings")
}

// isTunnel tells whether requests of HTTP can be made over a protocol: HTTP
// itself in any version (h2c, h2, HTTP/2.0), its forerunner SPDY, and TLS.
func isTunnel(protocol string) bool {
	name, _, _ := strings.Cut(strings.ToLower(protocol), "/")
	switch name {
	case "http", "spdy", "tls":
		return true
	}
	return strings.HasPrefix(name, "h2") || strings.HasPrefix(name, "h3")
}
