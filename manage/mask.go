package manage

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// masked is what stands for what is hidden, as in OpenRegister.
const masked = "***"

// mask is a JSON Pointer (RFC 6901) of something that is hidden; "*" stands for
// any one member or element.
type mask []string

var pointerReader = strings.NewReplacer("~1", "/", "~0", "~")

func parseMasks(pointers []string) ([]mask, error) {
	var masks []mask
	for _, pointer := range pointers {
		rest, ok := strings.CutPrefix(pointer, "/")
		if !ok {
			return nil, fmt.Errorf("%q cannot be hidden: a JSON Pointer begins with /", pointer)
		}
		steps := strings.Split(rest, "/")
		for i := range steps {
			steps[i] = pointerReader.Replace(steps[i])
		}
		masks = append(masks, steps)
	}
	return masks, nil
}

// hider writes documents without what masks point to.
type hider struct {
	// everywhere are masks that hold from any object on, not from the document.
	everywhere []mask
}

// hide gives a document of JSON with what the masks point to replaced by "***".
// It is nil when there are masks and the document is not JSON, so that nobody
// can say where in it something is. The document is not changed.
func hide(document []byte, masks []mask) []byte {
	if len(masks) == 0 || len(document) == 0 {
		return document
	}
	if strictjson.Check(document, strictjson.DefaultMaxDepth) != nil {
		return nil
	}
	return hider{}.value(nil, bytes.TrimSpace(document), masks)
}

// value writes a value below which masks point to something.
func (h hider) value(out, value []byte, masks []mask) []byte {
	if len(masks)+len(h.everywhere) == 0 {
		return append(out, value...)
	}
	switch strictjson.KindOf(value) {
	case strictjson.Object:
		out = append(out, '{')
		for token, member := range strictjson.Members(value) {
			name, _ := strictjson.Unquote(token)
			out = append(append(comma(out), token...), ':')
			out = h.below(out, member, append(below(masks, name), below(h.everywhere, name)...))
		}
		return append(out, '}')
	case strictjson.Array:
		out = append(out, '[')
		index := 0
		for element := range strictjson.Elements(value) {
			out = h.below(comma(out), element, below(masks, fmt.Sprint(index)))
			index++
		}
		return append(out, ']')
	case strictjson.String:
		if isDocument(value) {
			return appendMasked(out)
		}
	case strictjson.Invalid, strictjson.Null, strictjson.Bool, strictjson.Number:
	}
	return append(out, value...)
}

// below writes a value, or what stands for it if a mask ends here.
func (h hider) below(out, value []byte, masks []mask) []byte {
	if slices.ContainsFunc(masks, func(m mask) bool { return len(m) == 0 }) {
		return appendMasked(out)
	}
	return h.value(out, value, masks)
}

func appendMasked(out []byte) []byte { return append(out, `"`+masked+`"`...) }

// isDocument tells whether a text is a document of JSON or XML, into which no
// mask can point.
func isDocument(token []byte) bool {
	text, _ := strictjson.Unquote(token)
	text = strings.TrimSpace(text)
	return text != "" && strings.IndexByte("{[<", text[0]) >= 0
}

// below gives what the masks say about a member or an element.
func below(masks []mask, name string) (rest []mask) {
	for _, m := range masks {
		if m[0] == "*" || m[0] == name {
			rest = append(rest, m[1:])
		}
	}
	return rest
}

func comma(out []byte) []byte {
	if last := out[len(out)-1]; last != '{' && last != '[' {
		return append(out, ',')
	}
	return out
}

// CheckRedact says which of Config.Redact is no JSON Pointer.
func CheckRedact(pointers []string) error {
	_, err := parseMasks(pointers)
	return err
}
