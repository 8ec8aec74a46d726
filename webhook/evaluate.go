package webhook

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/strictjson"
)

// holds tells whether the filter lets an event through. body is the request
// body as it is now: JSON that has passed strictjson.Check, or empty.
func (f *filter) holds(e *event.Event, body []byte) bool {
	switch f.path.root {
	case rootObjectType:
		return f.holdsOptional(e.Resource)
	case rootAction:
		return f.holdsAny(e.ActionNames())
	case rootObject:
		if e.Phase == event.After {
			return f.holdsThing(e.Object())
		}
		return f.holdsThing(body)
	case rootData:
		return f.holdsThing(body)
	case rootBefore:
		return f.holdsAt(e.BeforeImage(), f.path.keys)
	case rootStatus, rootAnswerHeader, rootAnswer:
		return f.holdsResponse(e, body)
	case rootNamed:
		return f.holdsNamed(e, body)
	case rootRequestBody, rootMethod, rootPath, rootQuery, rootHeader:
		return f.holdsRequest(e.Request, body)
	case rootNothing:
	}
	return f.null
}

// holdsThing looks in a document, and once more with the first word as a
// member.
func (f *filter) holdsThing(document []byte) bool {
	if value, ok := strictjson.Get(document, f.path.keys...); ok {
		return f.holdsJSON(value)
	}
	return f.holdsAt(document, f.path.all)
}

// holdsAt looks in a document, which may be empty.
func (f *filter) holdsAt(document []byte, keys []string) bool {
	value, ok := strictjson.Get(document, keys...)
	if !ok {
		return f.null
	}
	return f.holdsJSON(value)
}

// holdsResponse looks in the register's answer.
func (f *filter) holdsResponse(e *event.Event, body []byte) bool {
	if e.Phase == event.Before {
		return f.holdsAt(body, f.path.all)
	}
	r := e.Response()
	switch {
	case r == nil:
		return f.null
	case f.path.root == rootStatus:
		var digits [20]byte
		return f.holdsJSON(strconv.AppendInt(digits[:0], int64(r.Status), 10))
	case f.path.root == rootAnswerHeader:
		return f.holdsAny(r.Header[f.path.name])
	}
	return f.holdsAt(r.Body, f.path.keys)
}

// holdsNamed looks for a path parameter of the event's rule, then for an
// attribute, then in the body.
func (f *filter) holdsNamed(e *event.Event, body []byte) bool {
	if f.path.name != "" {
		if value, ok := e.Param(f.path.name); ok {
			return f.holdsName(value) || f.holdsAnyName(e.Names(f.path.name))
		}
		if isAttribute(f.path.name) {
			return f.holdsAttribute(e)
		}
	}
	return f.holdsAt(body, f.path.keys)
}

func (f *filter) holdsAttribute(e *event.Event) bool {
	switch f.path.name {
	case "type":
		return f.holdsText(e.Type.Name) || e.Type.Class != "" && f.holdsText(e.Type.Class)
	case "source":
		return f.holdsOptional(e.Source)
	case "subject":
		return f.holdsOptional(e.Subject)
	}
	return f.holdsOptional(e.ID)
}

func (f *filter) holdsRequest(r *event.Request, body []byte) bool {
	switch {
	case r == nil:
		return f.null
	case f.path.root == rootMethod:
		return f.holdsText(r.Method)
	case f.path.root == rootPath:
		return f.holdsText(r.Path)
	case f.path.root == rootQuery:
		return f.holdsQuery(r.Query)
	case f.path.root == rootHeader:
		return f.holdsAny(r.Header[f.path.name])
	}
	return f.holdsAt(body, f.path.keys)
}

// holdsOptional compares with an attribute that is absent when empty.
func (f *filter) holdsOptional(text string) bool {
	if text == "" {
		return f.null
	}
	return f.holdsText(text)
}

// holdsAny compares with several texts, of which one is enough.
func (f *filter) holdsAny(texts []string) bool {
	return slices.ContainsFunc(texts, f.holdsText) || len(texts) == 0 && f.null
}

func (f *filter) holdsAnyName(names []string) bool {
	return slices.ContainsFunc(names, f.holdsName)
}

// holdsQuery compares with every value of a query parameter. A parameter that
// cannot be decoded is compared as it is written.
func (f *filter) holdsQuery(query string) bool {
	found := false
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		if unescapeQuery(name) != f.path.name {
			continue
		}
		if found = true; f.holdsText(unescapeQuery(value)) {
			return true
		}
	}
	return !found && f.null
}

// unescapeQuery decodes a part of a query; it allocates only when there is
// something to decode.
func unescapeQuery(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil {
		return decoded
	}
	return text
}
