package event

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

// defaultSource is the source of events when nothing else is configured. It is never derived from the Host header, which
// the client chooses.
const defaultSource = "/voorpoort"

// maxTypeName bounds type names: they become index keys and metric labels.
const maxTypeName = 255

// checkSource accepts a URI-reference (RFC 3986 section 4.1) in its own characters.
func checkSource(source string) error {
	for i := range len(source) {
		if c := source[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return fmt.Errorf("%q is not a URI-reference: character %q must be percent-encoded", source, c)
		}
	}
	if _, err := url.Parse(source); err != nil {
		return fmt.Errorf("%q is not a URI-reference, such as urn:nld:oin:00000001003214345000:systeem:register or /apps/openregister", source)
	}
	return nil
}

// appendDataSchema appends the member dataschema with a comma before it.
func appendDataSchema(dst []byte, schema string) ([]byte, error) {
	if schema == "" {
		return dst, nil
	}
	if err := checkSource(schema); err != nil {
		return dst, err
	}
	if parsed, err := url.Parse(schema); err != nil || !parsed.IsAbs() {
		return dst, fmt.Errorf("%q is not an absolute URI, such as https://register.example.nl/schemas/object.json", schema)
	}
	return strictjson.AppendQuote(append(dst, `,"dataschema":`...), schema), nil
}

// checkTypeName accepts the fixed parts of a CloudEvents type.
func checkTypeName(name string) error {
	for i := range len(name) {
		c := name[i]
		if !typeByte(lower(c)) && c != ':' && c != '/' {
			return fmt.Errorf("%q: a type consists of letters, digits, dots, hyphens, underscores, colons and slashes, and of path parameters in braces", name)
		}
	}
	return nil
}

// typeByte reports whether a byte may come from a request into a type name.
func typeByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_'
}

// allowedRune reports whether a character may stand in a CloudEvents string (CloudEvents 1.0.2, type system: no control
// characters and no Unicode non-characters).
func allowedRune(r rune) bool {
	switch {
	case unicode.IsControl(r), r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return false
	default:
		return true
	}
}

// appendAttribute appends s as the value of a string attribute: what must not stand there is percent-encoded, byte by byte.
// The bytes in also are encoded too.
func appendAttribute(dst []byte, s, also string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c < 0x7f && strings.IndexByte(also, c) < 0 {
			dst = append(dst, c)
			i++
			continue
		}
		r, width := utf8.DecodeRuneInString(s[i:])
		bad := !allowedRune(r) || r == utf8.RuneError && width == 1
		if bad || strings.IndexByte(also, s[i]) >= 0 {
			dst = appendPercent(dst, s[i:i+width])
		} else {
			dst = append(dst, s[i:i+width]...)
		}
		i += width
	}
	return dst
}

// appendPercent percent-encodes every byte of s.
func appendPercent(dst []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		dst = append(dst, '%', digits[s[i]>>4], digits[s[i]&15])
	}
	return dst
}

// attributeText makes a subject of any text: empty stays empty, and a text of nothing but blanks, which receivers treat as
// empty although it is there, is encoded.
func attributeText(s string) string {
	if s != "" && strings.TrimSpace(s) == "" {
		return string(appendPercent(nil, s))
	}
	for _, r := range s {
		if !allowedRune(r) || r == utf8.RuneError {
			return string(appendAttribute(nil, s, ""))
		}
	}
	return s
}

// coreAttributes are the names that an extension must not take.
var coreAttributes = []string{
	"data", "datacontenttype", "dataschema", "id", "source", "specversion", "subject", "time", "type",
}

// ownExtensions are the attributes that the gateway sets itself.
var ownExtensions = []string{"beforeimage", "flagged", "outcome", "recovered"}

// checkExtensionName accepts what CloudEvents 1.0.2 allows: lower-case letters and digits, at most 20 of them.
func checkExtensionName(name string) error {
	if slices.Contains(coreAttributes, name) {
		return fmt.Errorf("%q is an attribute of CloudEvents itself", name)
	}
	if slices.Contains(ownExtensions, name) {
		return fmt.Errorf("%q is an attribute that the gateway sets itself", name)
	}
	valid := name != "" && len(name) <= 20
	for i := range len(name) {
		c := name[i]
		valid = valid && ('a' <= c && c <= 'z' || '0' <= c && c <= '9')
	}
	if !valid {
		return fmt.Errorf("%q: a name consists of 1 to 20 lower-case letters and digits", name)
	}
	return nil
}

// appendExtensions appends members for extension attributes, each with a comma before it, in order of name.
func appendExtensions(dst []byte, extensions map[string]any) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		if err := checkExtensionName(name); err != nil {
			return dst, err
		}
		dst = append(dst, ',')
		dst = strictjson.AppendQuote(dst, name)
		dst = append(dst, ':')
		var err error
		if dst, err = appendExtensionValue(dst, extensions[name]); err != nil {
			return dst, fmt.Errorf("%q: %w", name, err)
		}
	}
	return dst, nil
}

// appendExtensionValue appends a value of one of the types that CloudEvents allows and a configuration can hold.
func appendExtensionValue(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return appendInt32(dst, float64(v))
	case float64:
		return appendInt32(dst, v)
	case string:
		if strings.TrimSpace(v) == "" || attributeText(v) != v {
			return dst, fmt.Errorf("%q: a string has at least one visible character and no control characters", v)
		}
		return strictjson.AppendQuote(dst, v), nil
	default:
		return dst, fmt.Errorf("a value is a string, a bool or a 32-bit integer")
	}
}

// appendInt32 appends an integer in the range of CloudEvents.
func appendInt32(dst []byte, v float64) ([]byte, error) {
	if v != math.Trunc(v) || v < math.MinInt32 || v > math.MaxInt32 {
		return dst, fmt.Errorf("%v: a number is an integer from -2147483648 to 2147483647", v)
	}
	return strconv.AppendInt(dst, int64(v), 10), nil
}
