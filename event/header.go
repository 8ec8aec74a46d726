package event

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// DefaultHeaders gives the names of the header fields that events tell when nothing else is configured: what a receiver
// needs to understand the body and to correlate, and nothing that proves who the client is.
func DefaultHeaders() []string {
	return []string{
		"Accept", "Accept-Language", "Content-Language", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
		"If-Unmodified-Since", "Prefer", "Traceparent", "Tracestate", "User-Agent", "X-Correlation-Id", "X-Request-Id",
		"X-Requested-With",
	}
}

// header is an entry of the allow-list.
type header struct {
	name   string // canonical
	member []byte // the name as JSON, with the colon
}

// compileHeaders prepares an allow-list. Repeated names count once.
func compileHeaders(names []string) ([]header, error) {
	if names == nil {
		names = DefaultHeaders()
	}
	headers := make([]header, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if !isToken(name) {
			return nil, fmt.Errorf("%q is not the name of a header field", name)
		}
		name = http.CanonicalHeaderKey(name)
		if seen[name] {
			continue
		}
		seen[name] = true
		headers = append(headers, header{name: name, member: append(strictjson.AppendQuote(nil, name), ':')})
	}
	return headers, nil
}

// appendHeaders appends the allowed fields as a JSON object. A field with several values is told as one list, as RFC 9110
// section 5.3 permits.
func appendHeaders(dst []byte, allowed []header, fields http.Header) []byte {
	dst = append(dst, '{')
	start := len(dst)
	for i := range allowed {
		values := fields[allowed[i].name]
		if len(values) == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, allowed[i].member...)
		dst = strictjson.AppendQuote(dst, joined(values))
	}
	return append(dst, '}')
}

// joined is the one value of a field, or its values as a list.
func joined(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values, ", ")
}

// isToken reports whether s is a token (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := lower(s[i])
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
