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
	return appendHidden(nil, bytes.TrimSpace(document), masks)
}

// appendHidden writes a value below which masks point to something.
func appendHidden(out, value []byte, masks []mask) []byte {
	if len(masks) == 0 {
		return append(out, value...)
	}
	switch strictjson.KindOf(value) {
	case strictjson.Object:
		out = append(out, '{')
		for token, member := range strictjson.Members(value) {
			name, _ := strictjson.Unquote(token)
			out = append(append(comma(out), token...), ':')
			out = appendBelow(out, member, below(masks, name))
		}
		return append(out, '}')
	case strictjson.Array:
		out = append(out, '[')
		index := 0
		for element := range strictjson.Elements(value) {
			out = appendBelow(comma(out), element, below(masks, fmt.Sprint(index)))
			index++
		}
		return append(out, ']')
	case strictjson.Invalid, strictjson.Null, strictjson.Bool, strictjson.Number, strictjson.String:
	}
	return append(out, value...)
}

// appendBelow writes a value, or what stands for it if a mask ends here.
func appendBelow(out, value []byte, masks []mask) []byte {
	if slices.ContainsFunc(masks, func(m mask) bool { return len(m) == 0 }) {
		return append(out, `"`+masked+`"`...)
	}
	return appendHidden(out, value, masks)
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
