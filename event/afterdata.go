package event

import (
	"slices"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// objectMembers are the names in an object document that no path parameter may take.
var objectMembers = []string{"objectType", "action", "object", "objectMissing", "written", "before"}

// render writes the event once and checks what can only be checked then.
func (e *Event) render(ex *Exchange) error {
	computed := e.data.Load()
	limit := ex.maxEvent()
	size := len(e.facts.object()) + len(e.facts.before.raw)
	if e.facts.response == nil {
		size += len(e.Request.Body)
	}
	if computed != nil {
		size = len(computed.json)
	}
	if limit > 0 && size > limit {
		return ErrTooLarge
	}
	dst := e.appendHead(make([]byte, 0, size+1024), ex)
	if computed != nil {
		dst = append(dst, computed.json...)
	} else {
		dst = e.appendObject(dst)
	}
	dst = append(dst, '}')
	if limit > 0 && len(dst) > limit {
		return ErrTooLarge
	}
	e.json = dst
	return ex.Profile.judge(e, ex)
}

// appendUnbuilt appends an envelope whose data names the thing but does not hold it.
func (e *Event) appendUnbuilt(dst []byte, ex *Exchange) []byte {
	dst = e.appendHead(dst, ex)
	return append(append(e.appendNames(dst), '}'), '}')
}

// appendHead appends all attributes, up to the data.
func (e *Event) appendHead(dst []byte, ex *Exchange) []byte {
	dst = e.appendAttributes(dst)
	if e.facts.before.raw != nil && e.facts.quality != "" {
		dst = append(dst, `,"beforeimage":`...)
		dst = strictjson.AppendQuote(dst, string(e.facts.quality))
	}
	if ex.Recovered {
		dst = append(dst, `,"recovered":true`...)
	}
	if ex.Outcome != "" {
		dst = append(dst, `,"outcome":`...)
		dst = strictjson.AppendQuote(dst, attributeText(ex.Outcome))
	}
	if len(ex.Flags) > 0 {
		dst = append(dst, `,"flagged":`...)
		dst = strictjson.AppendQuote(dst, attributeText(strings.Join(ex.Flags, ",")))
	}
	return append(dst, `,"data":`...)
}

// appendObject appends the object document.
func (e *Event) appendObject(dst []byte) []byte {
	f := e.facts
	dst = append(e.appendNames(dst), `,"object":`...)
	object := f.object()
	dst = appendOrNull(dst, object)
	if len(object) == 0 {
		dst = append(dst, `,"objectMissing":"`...)
		dst = append(append(dst, f.missing()...), '"')
		dst = e.appendWritten(dst)
	}
	if len(f.before.raw) > 0 {
		dst = append(append(dst, `,"before":`...), f.before.raw...)
	}
	return append(dst, '}')
}

// appendWritten appends what the client wrote, when nobody saw what the register made of it: a person who has to judge the
// write, and a receiver that is told of it all the same, would have nothing else to go by.
func (e *Event) appendWritten(dst []byte) []byte {
	if e.facts.response != nil || e.facts.deleted || len(e.Request.Body) == 0 {
		return dst
	}
	return append(append(dst, `,"written":`...), e.Request.Body...)
}

// missing says why there is no object.
func (f *facts) missing() string {
	if f.deleted {
		return "unknown"
	}
	return f.response.missing()
}

// appendNames appends the beginning of an object document: what the thing is, and the path parameters.
func (e *Event) appendNames(dst []byte) []byte {
	dst = append(dst, `{"objectType":`...)
	dst = strictjson.AppendQuote(dst, e.Resource)
	dst = append(dst, `,"action":`...)
	dst = strictjson.AppendQuote(dst, e.Type.verb())
	for i, name := range e.action.rule.path.params {
		if slices.Contains(objectMembers, name) {
			continue
		}
		dst = append(dst, ',')
		dst = strictjson.AppendQuote(dst, name)
		dst = append(dst, ':')
		dst = strictjson.AppendQuote(dst, valid(decodeSegment(e.match.raw(i))))
	}
	return dst
}
