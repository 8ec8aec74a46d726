package event

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxPostedAttribute bounds the attributes of an event that are kept beside it: they become keys of a store and of indexes.
const maxPostedAttribute = 1024

// AttributeError says why something is not a CloudEvent.
type AttributeError struct {
	Attribute string // empty when the event as a whole is meant
	Detail    string
}

// Error names the attribute and the fault.
func (e *AttributeError) Error() string {
	if e.Attribute == "" {
		return e.Detail
	}
	return e.Attribute + ": " + e.Detail
}

// Posted reads an event that somebody else made: a CloudEvent (version 1.0) in structured JSON. It happened already, so it is
// one of the phase After. It is told exactly as it was written, and its data are what filters and conditions know as the
// object and as the request's body; it has no request, no rule and no path parameters.
//
// The error holds an *AttributeError for each fault. The bytes must not be changed as long as the event is in use.
func Posted(raw []byte) (*Event, error) {
	raw = bytes.TrimSpace(raw)
	if strictjson.Check(raw, strictjson.DefaultMaxDepth) != nil || strictjson.KindOf(raw) != strictjson.Object {
		return nil, &AttributeError{Detail: "is not one JSON object without duplicate members"}
	}
	p := posted{event: &Event{Phase: After, Request: &Request{}, json: raw, facts: newFacts(&Exchange{Request: &Request{}}, false)}}
	for token, value := range strictjson.Members(raw) {
		name, _ := strictjson.Unquote(token)
		p.member(name, value)
	}
	for _, name := range []string{"specversion", "id", "source", "type"} {
		if !p.has(name) {
			p.fail(name, "is required")
		}
	}
	return p.event, errors.Join(p.faults...)
}

// posted is the reading of one event.
type posted struct {
	event  *Event
	seen   []string
	data   int // of data and data_base64
	faults []error
}

func (p *posted) fail(attribute, format string, args ...any) {
	p.faults = append(p.faults, &AttributeError{Attribute: attribute, Detail: fmt.Sprintf(format, args...)})
}

func (p *posted) has(name string) bool {
	return slices.Contains(p.seen, name)
}

// member takes one member of the event. An attribute that is null is absent (CloudEvents JSON format 1.0.2 section 3.1).
func (p *posted) member(name string, value []byte) {
	kind := strictjson.KindOf(value)
	switch {
	case name == "data" || name == "data_base64":
		p.takeData(name, value)
		return
	case kind == strictjson.Null:
		return
	}
	p.seen = append(p.seen, name)
	if kind == strictjson.Object || kind == strictjson.Array {
		p.fail(name, "must be a text, a whole number, true or false")
		return
	}
	if !attributeName(name) {
		p.fail(name, "is no name of an attribute: lower-case letters and digits only")
		return
	}
	p.attribute(name, value)
}

func (p *posted) takeData(name string, value []byte) {
	if p.data++; p.data > 1 {
		p.fail("", "has both data and data_base64")
	}
	if name == "data" && strictjson.KindOf(value) != strictjson.Null {
		p.event.Request.Body = value
		p.event.facts.body.raw, p.event.facts.answer.raw = value, value
	}
}

// attribute takes what an Event has a field for.
func (p *posted) attribute(name string, value []byte) {
	text, isText := strictjson.Unquote(value)
	switch name {
	case "specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype":
		if !isText || text == "" || len(text) > maxPostedAttribute {
			p.fail(name, "must be a text of 1 to %d bytes", maxPostedAttribute)
			return
		}
	}
	e := p.event
	switch name {
	case "specversion":
		if text != "1.0" {
			p.fail(name, `must be "1.0"`)
		}
	case "id":
		e.ID = text
	case "source":
		e.Source = text
		if err := checkSource(text); err != nil {
			p.fail(name, "must be a URI-reference")
		}
	case "type":
		e.Type.Name = text
	case "subject":
		e.Subject, e.Key = text, text
	case "time":
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			p.fail(name, "must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z")
		}
		e.Time = at.UTC()
	}
}

// attributeName reports whether CloudEvents allows a name (CloudEvents 1.0.2, naming conventions).
func attributeName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// Attribute gives an attribute of the event in its canonical text (CloudEvents 1.0.2, type system): an Integer is "5", a Boolean
// "true". Of an event before the action only those are known that every event has; data are no attribute.
func (e *Event) Attribute(name string) (string, bool) {
	switch name {
	case "id":
		return e.ID, e.ID != ""
	case "source":
		return e.Source, e.Source != ""
	case "type":
		return e.Type.Name, e.Type.Name != ""
	case "subject":
		return e.Subject, e.Subject != ""
	case "specversion":
		return "1.0", true
	}
	if !attributeName(name) || name == "data" || len(e.json) == 0 {
		return "", false
	}
	value, ok := strictjson.Get(e.json, name)
	if !ok {
		return "", false
	}
	switch strictjson.KindOf(value) {
	case strictjson.String:
		return strictjson.Unquote(value)
	case strictjson.Number, strictjson.Bool:
		return string(value), true
	case strictjson.Null, strictjson.Object, strictjson.Array, strictjson.Invalid:
	}
	return "", false
}
