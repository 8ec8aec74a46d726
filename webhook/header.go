package webhook

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// ownHeaders are set by the gateway on every call, or belong to the connection
// and not to the message (RFC 9110 section 7.6.1). A webhook may not set them.
var ownHeaders = []string{
	"Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
	"Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	headerSHA256, headerOpenRegister,
}

// ownPrefixes are the namespaces of Standard Webhooks and of CloudEvents in
// binary mode.
var ownPrefixes = []string{"Webhook-", "Ce-"}

// headers are the custom headers of a hook, ready to be put into a request.
type headers struct {
	names  []string // canonical
	values [][]string
}

func (h *headers) addTo(header http.Header) {
	if h == nil {
		return
	}
	for i, name := range h.names {
		header[name] = h.values[i]
	}
}

// compileHeaders checks the custom headers of a webhook. It gives nil for none.
func compileHeaders(custom []Header, f *faults) *headers {
	if len(custom) == 0 {
		return nil
	}
	if len(custom) > maxHeaders {
		f.add("/headers", "has %d entries; at most %d are allowed", len(custom), maxHeaders)
		return nil
	}
	h := new(headers)
	for _, header := range custom {
		pointer := child("/headers", header.Name)
		name := textproto.CanonicalMIMEHeaderKey(header.Name)
		value := header.Value.Reveal()
		switch {
		case !isToken(header.Name):
			f.add(pointer, "is not a header name (RFC 9110 section 5.1): letters, digits and !#$%%&'*+-.^_`|~")
		case isOwnHeader(name):
			f.add(pointer, "is set by the gateway and cannot be given")
		case slices.Contains(h.names, name):
			f.add(pointer, "is given twice; upper and lower case do not matter in header names")
		case len(value) > maxHeaderValue:
			f.add(pointer, "has a value of more than %d bytes", maxHeaderValue)
		case !isFieldValue(value):
			f.add(pointer, "has a value with a line break or another control character, or with a space at its start or end")
		}
		h.names = append(h.names, name)
		h.values = append(h.values, slices.Clip([]string{value}))
	}
	return h
}

func isOwnHeader(canonical string) bool {
	return slices.Contains(ownHeaders, canonical) ||
		slices.ContainsFunc(ownPrefixes, func(prefix string) bool { return strings.HasPrefix(canonical, prefix) })
}

// isToken tells whether a text is a token (RFC 9110 section 5.6.2).
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}

// isFieldValue tells whether a text is a field value (RFC 9110 section 5.5).
func isFieldValue(text string) bool {
	if strings.Trim(text, " \t") != text {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < ' ' && c != '\t') || c == 0x7f {
			return false
		}
	}
	return true
}
