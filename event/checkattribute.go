package event

import (
	"math"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxAhead is how far clocks may differ.
const maxAhead = 5 * time.Minute

// time checks the attribute time.
func (r *review) time() {
	if !r.has("time") {
		return
	}
	text, _ := r.text("time")
	at, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	if err != nil {
		r.fail("NLV-30", "time", "is not a time with a zone (RFC 3339)")
		return
	}
	if strings.ContainsAny(text, "tz") || strings.HasSuffix(text, "-00:00") {
		r.warn("NLV-31", "time", "has a small t or z, or an unknown offset")
	}
	if at.After(r.checker.time().Add(maxAhead)) {
		r.warn("NLV-32", "time", "lies in the future")
	}
}

// content checks what says how data is to be read.
func (r *review) content() {
	if r.has("datacontenttype") {
		text, _ := r.text("datacontenttype")
		mediaType, _, err := mime.ParseMediaType(text)
		switch {
		case err != nil || !strings.Contains(mediaType, "/"):
			r.fail("NLV-50", "datacontenttype", "is not a media type")
		case !strings.HasSuffix(mediaType, "/json") && !strings.HasSuffix(mediaType, "+json"):
			r.warn("NLV-51", "datacontenttype", "is not JSON")
		}
	}
	if schema, _ := r.text("dataschema"); r.has("dataschema") && !absolute(schema) {
		r.fail("NLV-60", "dataschema", "is not an absolute URI")
	}
	if dataref, _ := r.text("dataref"); r.has("dataref") && !reference(dataref) {
		r.fail("NLV-70", "dataref", "is not a URI-reference")
	}
}

// reference reports whether a text is a URI-reference that is not empty.
func reference(text string) bool { return text != "" && checkSource(text) == nil }

// absolute reports whether a text is a URI with a scheme.
func absolute(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && reference(text) && parsed.IsAbs()
}

// sequence checks the extension sequence.
func (r *review) sequence() {
	sequence, isText := r.text("sequence")
	if r.has("sequence") && (!isText || sequence == "") {
		r.fail("NLV-80", "sequence", "is empty or not a string")
	}
	if !r.has("sequencetype") {
		return
	}
	kind, _ := r.text("sequencetype")
	if kind == "" || !r.has("sequence") {
		r.fail("NLV-81", "sequencetype", "is empty, not a string, or without sequence")
	}
	if !strings.EqualFold(kind, "Integer") {
		return
	}
	if kind != "Integer" {
		r.warn("NLV-82", "sequencetype", `is spelled otherwise than "Integer"`)
	}
	if _, err := strconv.ParseInt(sequence, 10, 32); isText && err != nil {
		r.fail("NLV-83", "sequence", "is not a 32-bit integer")
	}
}

// maxExtensions and maxExtensionBytes keep what becomes header fields in binary mode below the usual limits of servers.
const (
	maxExtensions     = 10
	maxExtensionBytes = 8 << 10
)

// extensions checks names and values of all attributes, and the number of those that are not CloudEvents' own.
func (r *review) extensions() {
	count, size := 0, 0
	for _, name := range r.order {
		if !slices.Contains(coreAttributes, name) && name != "dataref" {
			count++
			size += len(name) + len(r.attributes[name])
		}
		r.name(name)
		if !legalValue(r.attributes[name]) {
			r.fail("NLV-92", shown(name), "is not a string without control characters, a bool or a 32-bit integer")
		}
	}
	if count > maxExtensions || size > maxExtensionBytes {
		r.warn("NLV-93", "", "the event has too many extension attributes")
	}
}

// name checks the name of an attribute.
func (r *review) name(name string) {
	legal := name != ""
	for i := range len(name) {
		c := name[i]
		legal = legal && ('a' <= c && c <= 'z' || '0' <= c && c <= '9')
	}
	switch {
	case !legal:
		r.fail("NLV-90", shown(name), "is not a name of lower-case letters and digits")
	case len(name) > 20:
		r.warn("NLV-91", shown(name), "is a name of more than 20 characters")
	}
}

// shown is a name that is fit for a log.
func shown(name string) string {
	if len(name) > 64 {
		name = name[:64]
	}
	return attributeText(valid(name))
}

// legalValue accepts what CloudEvents allows in attributes.
func legalValue(value []byte) bool {
	switch strictjson.KindOf(value) {
	case strictjson.String:
		text, ok := strictjson.Unquote(value)
		return ok && !strings.ContainsFunc(text, func(c rune) bool { return !allowedRune(c) })
	case strictjson.Bool:
		return true
	case strictjson.Number:
		number, err := strconv.ParseInt(string(value), 10, 64)
		return err == nil && number >= math.MinInt32 && number <= math.MaxInt32
	default:
		return false
	}
}

var (
	uuidPattern  = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	digitPattern = regexp.MustCompile(`[0-9]+`)
)

// people looks for numbers of citizens in attributes, which are logged everywhere. UUIDs and trace contexts are left out: one in
// a thousand has nine digits in a row that pass the test.
func (r *review) people() {
	for _, name := range r.order {
		if slices.Contains([]string{"source", "traceparent", "tracestate"}, name) {
			continue
		}
		text, isText := r.text(name)
		if !isText {
			text = string(r.attributes[name]) // a number is as good as a text for this
		}
		if slices.ContainsFunc(digitPattern.FindAllString(uuidPattern.ReplaceAllString(text, "-"), -1), elevenTest) {
			r.shall("NLV-41", shown(name), "may hold a citizen service number (BSN)")
		}
	}
}

// elevenTest reports whether digits may be a citizen service number: nine, and their weighted sum is divisible by eleven.
func elevenTest(digits string) bool {
	if len(digits) != 9 || digits == "000000000" {
		return false
	}
	sum := -int(digits[8] - '0')
	for i := range 8 {
		sum += (9 - i) * int(digits[i]-'0')
	}
	return sum%11 == 0
}
