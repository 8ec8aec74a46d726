package event

import (
	"net/http"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// activation gives the variables of one evaluation, each made when it is asked for.
type activation struct {
	event     *Event
	body      any  // decoded, if the expression names it
	before    any  // likewise
	answer    any  // likewise
	allowList bool // headers beyond the allow-list must not get into the result
}

// decode makes the documents that the expression names.
func (a *activation) decode(uses usage, body []byte) (err error) {
	if uses&usesBody != 0 {
		if a.body, err = a.event.decode(body); err != nil {
			return err
		}
	}
	a.before, a.answer = types.NullValue, types.NullValue
	f := a.event.facts
	if f == nil {
		return nil
	}
	if uses&usesBefore != 0 {
		if a.before, err = f.before.decoded(); err != nil {
			return err
		}
	}
	if uses&usesAfter != 0 {
		a.answer, err = f.answer.decoded()
	}
	return err
}

// Parent is part of CEL's interface; there is no outer scope.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName gives the value of a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	e := a.event
	switch name {
	case "request.method":
		return valid(e.method()), true
	case "request.path":
		return valid(e.Request.Path), true
	case "request.query":
		values, _ := groupPairs(parseQuery(nil, e.Request.Query))
		return values, true
	case "request.headers":
		return fieldValues(e.Request.Header, a.requestHeader), true
	case "request.body":
		return a.body, true
	case "params":
		return e.params(), true
	case "settings":
		return e.settings(), true
	case "before":
		return a.before, true
	}
	if value, ok := a.resolveAfter(name); ok {
		return value, true
	}
	return e.attribute(name) // the compiler lets conditions only name these
}

// resolveAfter gives what is known when the register has acted.
func (a *activation) resolveAfter(name string) (any, bool) {
	switch name {
	case "after":
		if f := a.event.facts; f != nil && f.deleted {
			return types.NullValue, true
		}
		return a.answer, true
	case "response":
		return a.response(), true
	case "response.status":
		return a.status(), true
	case "response.headers":
		return a.responseHeaders(), true
	case "response.body":
		return a.answer, true
	}
	f := a.event.facts
	if f == nil {
		return nil, false
	}
	switch name {
	case "public_url":
		return valid(f.publicURL), true
	case "fetched":
		return f.values(), true
	case "item":
		if a.event.item == nil {
			return types.NullValue, true
		}
		return a.event.item, true
	}
	return nil, false
}

// response is the whole answer, null while there is none.
func (a *activation) response() any {
	if a.event.Response() == nil {
		return types.NullValue
	}
	return map[string]any{"status": a.status(), "headers": a.responseHeaders(), "body": a.answer}
}

// status is zero while there is no answer.
func (a *activation) status() int64 {
	if r := a.event.Response(); r != nil {
		return int64(r.Status)
	}
	return 0
}

func (a *activation) responseHeaders() map[string]string {
	if r := a.event.Response(); r != nil {
		return fieldValues(r.Header, a.responseHeader)
	}
	return map[string]string{}
}

// requestHeader reports whether the expression may see a field of the request.
func (a *activation) requestHeader(name string) bool {
	return !a.allowList || slices.ContainsFunc(a.event.allowedHeaders(), func(h header) bool { return h.name == name })
}

// answerHeaders are the fields of an answer that say what has been made and how it can be found.
var answerHeaders = []string{"Content-Language", "Content-Location", "Content-Type", "Etag", "Last-Modified", "Location"}

// responseHeader reports whether the expression may see a field of the answer.
func (a *activation) responseHeader(name string) bool {
	return slices.Contains(answerHeaders, name) || a.requestHeader(name)
}

// fieldValues gives header fields under lower-case names.
func fieldValues(fields http.Header, allowed func(string) bool) map[string]string {
	out := make(map[string]string, len(fields))
	for name, values := range fields {
		if len(values) > 0 && allowed(name) {
			out[strings.ToLower(name)] = valid(joined(values))
		}
	}
	return out
}

// params gives the path parameters, decoded once.
func (e *Event) params() map[string]string {
	if e.action == nil {
		return map[string]string{}
	}
	names := e.action.rule.path.params
	out := make(map[string]string, len(names))
	for i, name := range names {
		out[name] = valid(decodeSegment(e.match.raw(i)))
	}
	return out
}

// settings gives what the rule or its preset was set to.
func (e *Event) settings() map[string]any {
	if e.action == nil {
		return map[string]any{}
	}
	return e.action.rule.settings
}

// attribute gives a variable of the event.
func (e *Event) attribute(name string) (any, bool) {
	switch name {
	case "event.type":
		return e.Type.Name, true
	case "event.source":
		return e.Source, true
	case "event.subject":
		return e.Subject, true
	case "event.resource":
		return e.Resource, true
	case "event.action":
		return e.Action, true
	case "event.phase":
		return e.Phase.String(), true
	case "event.time":
		return e.Time, true
	default:
		return nil, false
	}
}

// valid replaces bytes that are not UTF-8, which CEL's strings cannot hold.
func valid(s string) string {
	return strings.ToValidUTF8(s, "\uFFFD")
}
