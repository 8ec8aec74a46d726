package event

import (
	"strings"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

// fewPairs is how many query parameters are grouped by comparing each with each. More of them are indexed, so that a long query
// costs no more than its length.
const fewPairs = 16

// pair is one query parameter.
type pair struct{ name, value string }

// parseQuery appends the parameters of a raw query to dst. It never fails: a name or value that cannot be decoded to UTF-8
// text is given as it stands in the query.
func parseQuery(dst []pair, raw string) []pair {
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		dst = append(dst, pair{queryText(name), queryText(value)})
	}
	return dst
}

// queryText decodes a name or a value (WHATWG URL standard, application/x-www-form-urlencoded).
func queryText(raw string) string {
	if strings.IndexByte(raw, '%') < 0 && strings.IndexByte(raw, '+') < 0 {
		return strings.ToValidUTF8(raw, "\uFFFD")
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		c, width := decodeByte(raw[i:])
		if c == '%' && width == 1 {
			return strings.ToValidUTF8(raw, "\uFFFD")
		}
		if c == '+' && width == 1 {
			c = ' '
		}
		out = append(out, c)
		i += width
	}
	if !utf8.Valid(out) {
		return strings.ToValidUTF8(raw, "\uFFFD")
	}
	return string(out)
}

// appendQuery appends a raw query as a JSON object: one value as a string, several values of one name as a list.
func appendQuery(dst []byte, raw string) []byte {
	if raw == "" {
		return append(dst, "{}"...)
	}
	var stack [fewPairs]pair
	pairs := parseQuery(stack[:0], raw)
	if len(pairs) > fewPairs {
		return appendManyPairs(dst, pairs)
	}
	dst = append(dst, '{')
	for i, p := range pairs {
		if occurs(pairs[:i], p.name) {
			continue
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendQuote(dst, p.name)
		dst = append(dst, ':')
		if occurs(pairs[i+1:], p.name) {
			dst = appendValues(dst, pairs[i:], p.name)
		} else {
			dst = strictjson.AppendQuote(dst, p.value)
		}
	}
	return append(dst, '}')
}

// occurs reports whether a name is among the pairs.
func occurs(pairs []pair, name string) bool {
	for i := range pairs {
		if pairs[i].name == name {
			return true
		}
	}
	return false
}

// appendValues appends the values of one name as a JSON list.
func appendValues(dst []byte, pairs []pair, name string) []byte {
	dst = append(dst, '[')
	first := true
	for i := range pairs {
		if pairs[i].name != name {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = strictjson.AppendQuote(dst, pairs[i].value)
	}
	return append(dst, ']')
}

// appendManyPairs is appendQuery for long queries.
func appendManyPairs(dst []byte, pairs []pair) []byte {
	values, names := groupPairs(pairs)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendQuote(dst, name)
		dst = append(dst, ':')
		if list := values[name]; len(list) > 1 {
			dst = append(dst, '[')
			for j, value := range list {
				if j > 0 {
					dst = append(dst, ',')
				}
				dst = strictjson.AppendQuote(dst, value)
			}
			dst = append(dst, ']')
		} else {
			dst = strictjson.AppendQuote(dst, list[0])
		}
	}
	return append(dst, '}')
}

// groupPairs collects values by name and gives the names in order of first occurrence.
func groupPairs(pairs []pair) (values map[string][]string, names []string) {
	values = make(map[string][]string, len(pairs))
	for _, p := range pairs {
		if _, seen := values[p.name]; !seen {
			names = append(names, p.name)
		}
		values[p.name] = append(values[p.name], p.value)
	}
	return values, names
}
