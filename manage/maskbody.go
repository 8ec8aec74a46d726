package manage

import (
	"bytes"
	"slices"

	"github.com/voorpoort/voorpoort/strictjson"
)

// The masks are written for a CloudEvent in structured mode. A body of another
// shape has the same things elsewhere: what cannot be told is hidden whole.

// hideEvent gives an event of the store without what the masks point to; nil if
// it is no object of JSON.
func hideEvent(event []byte, masks []mask) []byte {
	if len(masks) == 0 || len(event) == 0 {
		return event
	}
	if strictjson.Check(event, strictjson.DefaultMaxDepth) != nil || strictjson.KindOf(bytes.TrimSpace(event)) != strictjson.Object {
		return nil
	}
	return appendEvent(nil, bytes.TrimSpace(event), masks)
}

// hideRequest gives a body that was sent without what the masks point to. event
// gives the event of the store that it may be made of. It is nil for a body that
// is neither an event, nor a batch of them, nor the event's data alone.
func hideRequest(body []byte, event func() []byte, masks []mask) []byte {
	if len(masks) == 0 || len(body) == 0 {
		return body
	}
	if strictjson.Check(body, strictjson.DefaultMaxDepth) != nil {
		return nil
	}
	body = bytes.TrimSpace(body)
	switch {
	case isEvent(body):
		return appendEvent(nil, body, masks)
	case isBatch(body):
		out := []byte{'['}
		for element := range strictjson.Elements(body) {
			out = appendEvent(comma(out), element, masks)
		}
		return append(out, ']')
	}
	if data, ok := dataOf(event()); ok && bytes.Equal(data, body) {
		return appendData(nil, body, below(masks, "data"))
	}
	return nil
}

// isEvent tells whether a value is a CloudEvent in structured mode, or
// OpenRegister's own payload, which has its data in the same place.
func isEvent(value []byte) bool {
	return hasAll(value, "specversion", "id", "source", "type") || hasAll(value, "event", "webhook", "data", "timestamp", "attempt")
}

func hasAll(value []byte, names ...string) bool {
	if strictjson.KindOf(value) != strictjson.Object {
		return false
	}
	for _, name := range names {
		if _, found := strictjson.Get(value, name); !found {
			return false
		}
	}
	return true
}

func isBatch(value []byte) bool {
	if strictjson.KindOf(value) != strictjson.Array {
		return false
	}
	for element := range strictjson.Elements(value) {
		if !isEvent(element) {
			return false
		}
	}
	return true
}

// dataOf gives the data of an event, as a call in binary mode has it.
func dataOf(event []byte) ([]byte, bool) {
	if !isJSON(event) {
		return nil, false
	}
	return strictjson.Get(event, "data")
}

// appendEvent writes an event. Data in base64 may be what a mask points into.
func appendEvent(out, event []byte, masks []mask) []byte {
	inData := below(masks, "data")
	out = append(out, '{')
	for token, member := range strictjson.Members(event) {
		name, _ := strictjson.Unquote(token)
		out = append(append(comma(out), token...), ':')
		switch {
		case name == "data":
			out = appendData(out, member, inData)
		case name == "data_base64" && len(inData) > 0:
			out = appendMasked(out)
		default:
			out = hider{}.below(out, member, below(masks, name))
		}
	}
	return append(out, '}')
}

// appendData writes data. Into a text no mask can point: it may be of any type.
func appendData(out, data []byte, masks []mask) []byte {
	if len(masks) > 0 && strictjson.KindOf(data) == strictjson.String {
		return appendMasked(out)
	}
	return hider{}.below(out, data, masks)
}

// hideAnswer gives a receiver's answer without what the masks point to, and
// without all members that have the name in which a mask ends, wherever they are:
// receivers repeat what they were sent in shapes of their own.
func hideAnswer(answer []byte, masks []mask) []byte {
	if len(masks) == 0 || len(answer) == 0 {
		return answer
	}
	if strictjson.Check(answer, strictjson.DefaultMaxDepth) != nil {
		return nil
	}
	var h hider
	for _, m := range masks {
		if end := m.end(); end != nil {
			h.everywhere = append(h.everywhere, end)
		}
	}
	return h.value(nil, bytes.TrimSpace(answer), masks)
}

// end is a mask from its last name on; nil if it has none.
func (m mask) end() mask {
	for i, name := range slices.Backward(m) {
		if _, index := strictjson.ArrayIndex(name); name != "*" && !index {
			return m[i:]
		}
	}
	return nil
}
