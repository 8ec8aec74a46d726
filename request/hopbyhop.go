package request

import (
	"net/http"
	"strings"
)

// DropHopByHop removes the fields that Connection names, which no intermediary
// forwards (RFC 9110 section 7.6.1), and their names from Connection. The proxy
// behind the gate would do the same, but after the webhooks have seen the
// fields; and it would remove those too that the gate has set in the meantime,
// if a client named them.
//
// It is meant for a request on a path that some rule names, before anything
// else reads its header. Without such names it costs no allocation.
func DropHopByHop(header http.Header) {
	if !namesFields(header["Connection"]) {
		return
	}
	var kept []string
	for _, value := range header["Connection"] {
		for option := range strings.SplitSeq(value, ",") {
			switch option = strings.TrimSpace(option); {
			case option == "":
			case isConnectionOption(option):
				kept = append(kept, option)
			default:
				header.Del(option)
			}
		}
	}
	delete(header, "Connection")
	if len(kept) > 0 {
		header["Connection"] = []string{strings.Join(kept, ", ")}
	}
}

// namesFields tells whether a Connection has more in it than its own options.
func namesFields(values []string) bool {
	for _, value := range values {
		for option := range strings.SplitSeq(value, ",") {
			if !isConnectionOption(strings.TrimSpace(option)) {
				return true
			}
		}
	}
	return false
}

// isConnectionOption tells whether a name in Connection is an option and no
// field. Upgrade is both, and is left for CheckStreaming to judge.
func isConnectionOption(name string) bool {
	return strings.EqualFold(name, "keep-alive") || strings.EqualFold(name, "close") || strings.EqualFold(name, "upgrade")
}
