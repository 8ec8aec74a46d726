package request

import (
	"net/url"
	"strings"
)

// overrideParameter is the name that frameworks take a method from.
const overrideParameter = "_method"

// isOverrideName tells whether the still encoded name of a query parameter or
// form field is _method to some register. Case does not count; a name ends at a
// NUL or at an opening bracket; PHP drops spaces at the beginning and reads
// spaces, dots and a lone opening bracket as underscores. It does not allocate.
func isOverrideName(encoded string) bool {
	matched := 0
	for i := 0; i < len(encoded); i++ {
		c := encoded[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(encoded) && isHex(encoded[i+1]) && isHex(encoded[i+2]):
			c = unhex(encoded[i+1])<<4 | unhex(encoded[i+2])
			i += 2
		}
		switch {
		case matched == 0 && isFormSpace(c):
			continue
		case matched == len(overrideParameter):
			// A space at the end is dropped by registers that trim names.
			return c == 0 || c == '[' || isFormSpace(c)
		case matched == 0 && (c == '.' || c == '['):
			c = '_'
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if c != overrideParameter[matched] {
			return false
		}
		matched++
	}
	return matched == len(overrideParameter)
}

func isFormSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// nextParameter cuts the first parameter off a query. Both separators count,
// since some registers still split at semicolons.
func nextParameter(query string) (parameter, rest string, more bool) {
	at := strings.IndexAny(query, "&;")
	if at < 0 {
		return query, "", false
	}
	return query[:at], query[at+1:], true
}

func parameterName(parameter string) string {
	name, _, _ := strings.Cut(parameter, "=")
	return name
}

func hasOverrideParameter(query string) bool {
	for more := query != ""; more; {
		var parameter string
		parameter, query, more = nextParameter(query)
		if isOverrideName(parameterName(parameter)) {
			return true
		}
	}
	return false
}

// takeParameters removes the override from a query or form and gives the rest,
// byte for byte. Where parameters came out, what is left is joined with an
// ampersand if one was there, so that no reader sees two parameters as one.
func (o *overrides) takeParameters(query string) string {
	kept := make([]byte, 0, len(query))
	gap := byte(0) // the separator since the last parameter that was kept
	first := true
	for rest, more := query, true; more; {
		var parameter string
		at := len(query) - len(rest)
		parameter, rest, more = nextParameter(rest)
		if isOverrideName(parameterName(parameter)) {
			o.named = append(o.named, parameterMethod(parameter))
		} else {
			if !first {
				kept = append(kept, gap)
			}
			kept = append(kept, parameter...)
			first, gap = false, 0
		}
		if more && gap != '&' {
			gap = query[at+len(parameter)]
		}
	}
	return string(kept)
}

// parameterMethod gives the method that an override parameter names; what
// cannot be decoded names no method.
func parameterMethod(parameter string) string {
	_, value, _ := strings.Cut(parameter, "=")
	decoded, err := url.QueryUnescape(value)
	if err != nil {
		return ""
	}
	return normalMethod(decoded)
}
