package event

import "strings"

// Type is what happened, or is about to happen, to a resource. One type has two names and a webhook may subscribe to
// either.
type Type struct {
	// Name is the CloudEvents type, such as "object.creating". In [Table.TypesOf] it may hold a path parameter in
	// braces ("{collection}.creating"); in an [Event] it never does.
	Name string `json:"name"`

	// Class is the other system's name for the same event, such as `OCA\OpenRegister\Event\ObjectCreatingEvent`.
	// Empty if there is none. It serves matching; it is never written into an event.
	Class string `json:"class,omitempty"`
}

// verb is the last part of the type's name: "creating" in "object.creating".
func (t Type) verb() string {
	return t.Name[strings.LastIndexByte(t.Name, '.')+1:]
}

// Phase tells on which side of the register's decision an event lies.
type Phase uint8

const (
	// Before is the question: the register has not seen the request yet.
	Before Phase = iota
	// After is the fact: the register has answered with success.
	After
)

// String gives "before" or "after".
func (p Phase) String() string {
	if p == After {
		return "after"
	}
	return "before"
}
