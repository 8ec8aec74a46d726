package push

import (
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// phpTime is how PHP's date('c') writes a time: with an offset, also for UTC.
const phpTime = "2006-01-02T15:04:05-07:00"

// What OpenRegister writes into the object `openregister` of every event.
const (
	defaultApp     = `"openregister"`
	defaultVersion = `"1.0.0"`
)

// appendOpenRegister appends OpenRegister's standard payload.
func appendOpenRegister(dst []byte, in *input) ([]byte, error) {
	data, err := in.data()
	if err != nil {
		return dst, err
	}
	dst = append(dst, `{"event":`...)
	dst = strictjson.AppendQuote(dst, in.eventName())
	dst = append(dst, `,"webhook":`...)
	dst = appendHook(dst, in)
	dst = append(dst, `,"data":`...)
	dst = append(dst, data...)
	dst = append(dst, `,"timestamp":"`...)
	dst = appendPHPTime(dst, in.at)
	dst = append(dst, `","attempt":`...)
	dst = strconv.AppendInt(dst, int64(in.attempt), 10)
	return append(dst, '}'), nil
}

// eventName is the name under which OpenRegister's receivers know the type.
func (in *input) eventName() string {
	if in.message.Class != "" {
		return in.message.Class
	}
	return in.message.Type
}

// data gives the event's data: null when it has none, and its base64 text when
// it is binary, because the payload has no other place for it.
func (in *input) data() ([]byte, error) {
	doc, start, err := in.event()
	if err != nil {
		return nil, err
	}
	for _, name := range [...]string{"data", "data_base64"} {
		if i := strictjson.FindMember(doc, start, name); i >= 0 {
			return doc[i:strictjson.Skip(doc, i)], nil
		}
	}
	return []byte("null"), nil
}

func appendHook(dst []byte, in *input) []byte {
	dst = append(dst, `{"id":`...)
	dst = strictjson.AppendQuote(dst, in.hookID)
	dst = append(dst, `,"name":`...)
	dst = strictjson.AppendQuote(dst, in.hookName)
	return append(dst, '}')
}

func appendPHPTime(dst []byte, at time.Time) []byte {
	return at.UTC().AppendFormat(dst, phpTime)
}

// appendOpenRegisterEvent appends the event as OpenRegister would send it. The
// attributes openregisterapp and openregisterversion move into the object
// `openregister`, attributes that are null are left out, and data that is an
// object, or none, gets webhook and attempt. Other data has no place for them.
func appendOpenRegisterEvent(dst []byte, in *input) ([]byte, error) {
	doc, start, err := in.event()
	if err != nil {
		return dst, err
	}
	w := openRegisterWriter{in: in, dst: append(dst, '{'), app: []byte(defaultApp), version: []byte(defaultVersion)}
	w.open = len(w.dst)
	for c := strictjson.Enter(doc, start); c.Valid(); c.Next() {
		w.member(&c)
	}
	w.text("source", in.source)
	w.text("subject", in.subject)
	if in.addsSequence(doc, start) {
		w.dst = appendSequence(appendComma(w.dst, w.open), in.message.Seq)
	}
	if w.data != nil || strictjson.FindMember(doc, start, "data_base64") < 0 {
		w.dst = appendMergedData(append(appendComma(w.dst, w.open), `"data":`...), w.data, in)
	}
	w.dst = append(append(appendComma(w.dst, w.open), `"openregister":{"app":`...), w.app...)
	w.dst = append(append(w.dst, `,"version":`...), w.version...)
	return append(w.dst, "}}"...), nil
}

// openRegisterWriter copies the attributes that stay where they are.
type openRegisterWriter struct {
	in                 *input
	dst                []byte
	open               int // where the members begin
	app, version, data []byte
}

func (w *openRegisterWriter) member(c *strictjson.Cursor) {
	value := c.Value()
	switch {
	case c.NameIs("data"):
		w.data = value
	case strictjson.KindOf(value) == strictjson.Null, c.NameIs("openregister"),
		c.NameIs("source") && w.in.source != "", c.NameIs("subject") && w.in.subject != "":
	case c.NameIs("openregisterapp"):
		w.app = value
	case c.NameIs("openregisterversion"):
		w.version = value
	default:
		w.dst = appendMember(w.dst, w.open, c.Name(), value)
	}
}

// text appends an attribute, unless it is empty.
func (w *openRegisterWriter) text(name, text string) {
	if text != "" {
		w.dst = append(append(append(appendComma(w.dst, w.open), '"'), name...), `":`...)
		w.dst = strictjson.AppendQuote(w.dst, text)
	}
}

// appendMergedData appends data with webhook and attempt, which replace members
// of the same name as PHP's array_merge does.
func appendMergedData(dst, data []byte, in *input) []byte {
	kind := strictjson.KindOf(data)
	if data != nil && kind != strictjson.Object && kind != strictjson.Null {
		return append(dst, data...)
	}
	dst = append(dst, '{')
	open := len(dst)
	if kind == strictjson.Object {
		for c := strictjson.Enter(data, skipSpace(data, 0)); c.Valid(); c.Next() {
			if !c.NameIs("webhook") && !c.NameIs("attempt") {
				dst = appendMember(dst, open, c.Name(), c.Value())
			}
		}
	}
	dst = append(appendComma(dst, open), `"webhook":`...)
	dst = append(appendHook(dst, in), `,"attempt":`...)
	return append(strconv.AppendInt(dst, int64(in.attempt), 10), '}')
}

func appendMember(dst []byte, open int, name, value []byte) []byte {
	dst = append(append(appendComma(dst, open), name...), ':')
	return append(dst, value...)
}

// appendComma separates a member from the one before, if there is one since
// open.
func appendComma(dst []byte, open int) []byte {
	if len(dst) > open {
		return append(dst, ',')
	}
	return dst
}
