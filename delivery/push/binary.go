package push

import (
	"encoding/base64"
	"mime"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Bounds of binary mode. Servers refuse long header fields, commonly from 8 KiB
// on for all of them together; the rest is for the webhook's own fields.
const (
	maxBinaryField  = 2 << 10 // bytes of one name and value
	maxBinaryFields = 6 << 10 // bytes of all
)

// field is a header field, its name in Go's canonical form.
type field struct{ name, value string }

// binaryEvent is an event in binary mode.
type binaryEvent struct {
	body        []byte
	contentType string
	fields      []field
}

// appendBinary appends the body and gives the header fields. It reports false
// for an event that binary mode cannot tell, or that a server would probably
// refuse: one without data or with an empty one, with an attribute that is no
// scalar or has a name that is no attribute's, or with too much of it.
func appendBinary(dst []byte, in *input) (e binaryEvent, ok bool) {
	doc, start, err := in.event()
	if err != nil {
		return e, false
	}
	w := binaryWriter{dst: dst, event: &e}
	for c := strictjson.Enter(doc, start); c.Valid(); c.Next() {
		name, valid := strictjson.Unquote(c.Name())
		if !valid || !w.member(name, c.Value()) {
			return e, false
		}
	}
	if in.addsSequence(doc, start) {
		w.add("sequence", string(appendSequenceText(nil, in.message.Seq)))
	}
	return e, w.finish()
}

// binaryWriter goes over the members of an event once.
type binaryWriter struct {
	dst          []byte
	event        *binaryEvent
	data, base64 []byte // tokens
	size         int    // bytes of all fields
}

// member takes one member and reports whether binary mode has a place for it.
func (w *binaryWriter) member(name string, value []byte) bool {
	kind := strictjson.KindOf(value)
	switch name {
	case "data":
		w.data = value
		return true
	case "data_base64":
		w.base64 = value
		return true
	}
	if kind == strictjson.Null { // an attribute that is not set
		return true
	}
	text, ok := attributeText(value, kind)
	if !ok || !isAttributeName(name) {
		return false
	}
	if name == "datacontenttype" {
		w.event.contentType = text
		return isContentType(text)
	}
	return w.add(name, text)
}

// attributeText gives an attribute's canonical text (CloudEvents 1.0.2, section
// "Type System"). Binary mode cannot tell an empty one from none.
func attributeText(value []byte, kind strictjson.Kind) (string, bool) {
	switch kind {
	case strictjson.String:
		text, ok := strictjson.Unquote(value)
		return text, ok && text != ""
	case strictjson.Number, strictjson.Bool:
		return string(value), true
	default:
		return "", false
	}
}

// isAttributeName tells whether a name is lower-case letters and digits.
func isAttributeName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isAlphanumeric(c) || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return name != ""
}

func isContentType(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= maxBinaryField && strings.TrimSpace(text) == text
}

func (w *binaryWriter) add(name, text string) bool {
	f := field{name: "Ce-" + strings.ToUpper(name[:1]) + name[1:]}
	if len(text) <= maxBinaryField {
		f.value = string(appendFieldValue(nil, text))
	}
	size := len(f.name) + max(len(f.value), len(text))
	w.size += size
	w.event.fields = append(w.event.fields, f)
	return size <= maxBinaryField && w.size <= maxBinaryFields
}

// finish writes the body.
func (w *binaryWriter) finish() bool {
	var ok bool
	switch {
	case w.data != nil && w.base64 != nil:
		return false
	case w.data != nil:
		w.event.body, ok = w.appendData()
	case w.base64 != nil && w.event.contentType != "": // nothing is known of data of an unknown type
		w.event.body, ok = w.appendDecoded()
	}
	return ok && len(w.event.body) > len(w.dst)
}

// appendData appends `data`: a JSON value if the content type is JSON, which it
// is by default, else the text that a string stands for.
func (w *binaryWriter) appendData() ([]byte, bool) {
	if w.event.contentType == "" {
		w.event.contentType = typeJSON
	}
	if isJSON(w.event.contentType) {
		return append(w.dst, w.data...), true
	}
	text, ok := strictjson.Unquote(w.data)
	return append(w.dst, text...), ok
}

func (w *binaryWriter) appendDecoded() ([]byte, bool) {
	text, ok := strictjson.Unquote(w.base64)
	if !ok {
		return nil, false
	}
	body, err := base64.StdEncoding.AppendDecode(w.dst, []byte(text))
	return body, err == nil
}

// isJSON tells whether a content type is JSON: any type/json or type/*+json
// (CloudEvents 1.0.2, JSON event format section 3.1).
func isJSON(contentType string) bool {
	if contentType == typeJSON {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json"))
}
