package apply

import (
	"bytes"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// appendToken appends a name token as a reference token of a pointer (RFC 6901 section 3).
func appendToken(dst, token []byte) []byte {
	inner := token[1 : len(token)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return appendEscaped(dst, inner)
	}
	name, _ := strictjson.Unquote(token)
	return appendEscaped(dst, name)
}

// appendEscaped writes ~ as ~0 and / as ~1.
func appendEscaped[T []byte | string](dst []byte, name T) []byte {
	for i := range len(name) {
		switch name[i] {
		case '~':
			dst = append(dst, '~', '0')
		case '/':
			dst = append(dst, '~', '1')
		default:
			dst = append(dst, name[i])
		}
	}
	return dst
}

// appendPointer appends keys as a pointer.
func appendPointer(dst []byte, keys []string) []byte {
	for _, key := range keys {
		dst = appendEscaped(append(dst, '/'), key)
	}
	return dst
}

// pointerTo writes keys as a pointer.
func pointerTo(keys []string) string { return string(appendPointer(nil, keys)) }

// tokensOf reads a pointer: "" is the whole document and has no tokens, "/" has one, the empty name. It reports false for
// what is no pointer: text that begins with anything but a slash, and a tilde that neither 0 nor 1 follows.
func tokensOf(pointer string) ([]string, bool) {
	if pointer == "" {
		return nil, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		for rest := token; ; {
			_, after, found := strings.Cut(rest, "~")
			if !found {
				break
			}
			if after == "" || after[0] != '0' && after[0] != '1' {
				return nil, false
			}
			rest = after
		}
		// In this order, or else ~01 would become a slash (RFC 6901 section 4).
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens, true
}
