package request

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// ApplyMethodOverride deals with a form field _method, and with a member _method
// at the top of a JSON object whose value names an HTTP method, as the function
// of the same name does for the head of the request. Only a POST is looked at:
// frameworks do the same. wire is the method that the request came with, before
// the head was looked at. It must be called before Restore and Replace.
//
// A multipart body cannot be edited; one with a field _method is refused under
// every policy.
func (b *Body) ApplyMethodOverride(r *http.Request, wire string, policy Override) (effective string, problem *Problem) {
	if !isPost(wire) {
		return r.Method, nil
	}
	var found overrides
	switch {
	case b.Form && hasOverrideParameter(string(b.forward)):
		problem = b.cutFields(&found)
	case b.JSON != nil && !b.Form:
		b.cutMember(&found)
	case (media{name: b.ContentType}).isMultipart() && namesOverride(b.Opaque):
		problem = overrideProblem("This multipart body has a field _method. Send the request with that method.")
	}
	if problem != nil || len(found.named) == 0 {
		return r.Method, problem
	}
	if r.Method != wire { // the head was honoured
		found.named = append(found.named, r.Method)
	}
	effective, problem = found.settle(wire, policy)
	if problem != nil {
		return r.Method, problem
	}
	r.Method = effective
	return effective, nil
}

// cutFields removes the override from a form. When the rest begins like JSON,
// which it did not as long as the override stood before it, its fields are
// written anew: a lenient register would read a document there that no webhook
// has seen.
func (b *Body) cutFields(found *overrides) *Problem {
	rest := []byte(found.takeParameters(string(b.forward)))
	fields, problem := parseForm(rest)
	if problem != nil {
		return problem
	}
	document := fields.json()
	if looksLikeJSON(rest) {
		if rest, problem = fields.encode(document); problem != nil {
			return problem
		}
	}
	b.forward, b.form, b.changed, b.memory = rest, fields, true, nil
	b.JSON = document
	return nil
}

// cutMember removes the override from a JSON object.
func (b *Body) cutMember(found *overrides) {
	if strictjson.KindOf(b.JSON) != strictjson.Object || !mayNameOverride(b.JSON) {
		return
	}
	rest := cutMembers(b.JSON, func(name, value []byte) bool {
		text, _ := strictjson.Unquote(name)
		method, ok := strictjson.Unquote(value)
		if !ok || !strings.EqualFold(text, overrideParameter) || !isMethod(normalMethod(method)) {
			return false
		}
		found.named = append(found.named, normalMethod(method))
		return true
	})
	if len(found.named) > 0 {
		b.JSON, b.forward, b.changed, b.memory = rest, rest, true, nil
	}
}

// isMethod tells whether a value of a member _method is meant as one. Another
// value, in a register of payments say, is data.
func isMethod(method string) bool {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PURGE",
		"LINK", "UNLINK", "COPY", "MOVE", "MKCOL", "LOCK", "UNLOCK", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH":
		return true
	}
	return false
}

// mayNameOverride is a quick look: false means that no name in the document can
// be _method, however it is spelled.
func mayNameOverride(document []byte) bool {
	if bytes.Contains(document, []byte(`\u`)) {
		return true
	}
	for {
		at := bytes.IndexByte(document, '_')
		if at < 0 {
			return false
		}
		document = document[at:]
		if len(document) >= len(overrideParameter) && strings.EqualFold(string(document[:len(overrideParameter)]), overrideParameter) {
			return true
		}
		document = document[1:]
	}
}

// namesOverride tells whether a multipart body may have a field _method: the
// word stands alone, in any case, with or without the escapes that a parameter
// of Content-Disposition can have (RFC 7578 section 5.1, RFC 8187).
func namesOverride(body []byte) bool {
	text := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == '\\':
			continue
		case c == '%' && i+2 < len(body) && isHex(body[i+1]) && isHex(body[i+2]):
			c = unhex(body[i+1])<<4 | unhex(body[i+2])
			i += 2
		}
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '.', c == '[': // to PHP the same as an underscore
			c = '_'
		}
		text = append(text, c)
	}
	for at := 0; ; {
		next := bytes.Index(text[at:], []byte(overrideParameter))
		if next < 0 {
			return false
		}
		start := at + next
		at = start + len(overrideParameter)
		if (start == 0 || !isWord(text[start-1])) && (at == len(text) || !isWord(text[at])) {
			return true
		}
	}
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c >= 0x80
}

// cutMembers removes the members of a JSON object for which drop holds. What
// stays, stays byte for byte.
func cutMembers(object []byte, drop func(name, value []byte) bool) []byte {
	kept := make([]byte, 0, len(object))
	i := skipSpace(object, 0) + 1
	kept = append(kept, object[:i]...)
	head := len(kept)
	for object[skipSpace(object, i)] == '"' {
		start := i
		name := skipSpace(object, i)
		nameEnd := strictjson.Skip(object, name)
		value := skipSpace(object, skipSpace(object, nameEnd)+1)
		valueEnd := strictjson.Skip(object, value)
		i = skipSpace(object, valueEnd)
		if !drop(object[name:nameEnd], object[value:valueEnd]) {
			if len(kept) > head {
				kept = append(kept, ',')
			}
			kept = append(kept, object[start:i]...)
		}
		if object[i] == '}' {
			break
		}
		i++
	}
	return append(kept, object[i:]...)
}

func skipSpace(doc []byte, i int) int {
	for doc[i] == ' ' || doc[i] == '\t' || doc[i] == '\n' || doc[i] == '\r' {
		i++
	}
	return i
}
