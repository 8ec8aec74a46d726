package event

import (
	"strings"
	"sync/atomic"
	"time"

	"cel.dev/cel-go/common/types/ref"
)

// Event is what a request means. It is made by [Match.Before] or [Match.After] and may be read by several goroutines at once.
type Event struct {
	ID       string    // unique for Source; stays the same when a call is repeated
	Time     time.Time // when the gateway recognised the event
	Type     Type
	Source   string // a URI-reference
	Subject  string // what the event is about; may be empty
	Key      string // events with the same key must arrive in order; may be empty
	Resource string // the kind of thing, such as "object"
	Action   string // the verb as configured, such as "create"
	Phase    Phase
	Request  *Request

	// Certain is the ID that the event would have if it were known that the write happened, see [DoubtID]. It is empty unless
	// the outcome is unknown.
	Certain string

	match       Match
	action      *action
	kind        *kind
	decodedBody atomic.Pointer[decodedBody]
	data        atomic.Pointer[computedData]

	facts *facts  // after the action
	item  ref.Val // of for_each, while the event is made
	json  []byte  // after the action
}

// Object is the thing itself as JSON: before the action what the client sends, after it what the register answered or, when it
// was deleted, what it was. It is empty if it is not known.
func (e *Event) Object() []byte {
	switch {
	case e.facts != nil:
		return e.facts.object()
	case e.Request != nil:
		return e.Request.Body
	default:
		return nil
	}
}

// BeforeImage is the thing as it was before the action, as JSON. It is empty if it is not known.
func (e *Event) BeforeImage() []byte {
	if e.facts == nil {
		return nil
	}
	return e.facts.before.raw
}

// Response is what the register answered; nil before the action, or when nobody knows.
func (e *Event) Response() *Response {
	if e.facts == nil {
		return nil
	}
	return e.facts.response
}

// Rule is the name of the rule that gave the event: the operator's, or "preset/rule".
func (e *Event) Rule() string {
	if e.action == nil {
		return ""
	}
	return e.action.rule.name
}

// Param gives the value of a path parameter, percent-decoded once.
func (e *Event) Param(name string) (string, bool) {
	raw, ok := e.match.param(e.action, name)
	if !ok {
		return "", false
	}
	return decodeSegment(raw), true
}

// Names gives all known names of the thing that a path parameter names: the value in the path first, then its lower-case
// form if that differs (registers exist that ignore case), then its aliases. It is empty if the path has no such parameter.
// The slice is the caller's.
func (e *Event) Names(param string) []string {
	value, ok := e.Param(param)
	if !ok {
		return nil
	}
	return e.match.table.aliases.names(param, value)
}

// ActionNames gives the spellings under which filters may name the action: "creating" before, "created" and "create" after.
func (e *Event) ActionNames() []string {
	verb := e.Type.verb()
	if e.Phase == Before || e.Action == "" || strings.EqualFold(verb, e.Action) {
		return []string{verb}
	}
	return []string{verb, e.Action}
}
