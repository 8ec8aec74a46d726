package event

import (
	"context"
	"slices"
)

// Match is a request's method and path that some rule names. It is a value without pointers to the request's body and may
// be kept as long as the path.
type Match struct {
	table  *Table
	path   string
	leaf   *methodLeaf
	skip   int // number of more specific leaves
	params [maxParams]span
	chosen *action // nil until it is settled which rule decides
}

// raw is the percent-encoded value of the parameter with the given position.
func (m *Match) raw(i int) string {
	return m.path[m.params[i].start:m.params[i].end]
}

// MayGive reports whether an event of a type that is wanted may come of this match. If not, nobody waits for what
// [Match.Before] or [Match.After] would give, and the body need not be read. Conditions are taken to hold or not to hold.
func (m Match) MayGive(p Phase, wanted func(Type) bool) bool {
	for at, a := range m.possible {
		for _, k := range a.kinds(p) {
			if wanted(k.typeFor(&at)) {
				return true
			}
		}
	}
	return false
}

// possible goes over the actions that [Match.Choose] may find, each with the match that it would be bound to.
func (m Match) possible(yield func(Match, *action) bool) {
	if m.chosen != nil {
		yield(m, m.chosen)
		return
	}
	for {
		for _, a := range m.leaf.actions {
			if !yield(m, a) || a.rule.when == nil {
				return
			}
		}
		next, ok := m.next()
		if !ok {
			return
		}
		m = next
	}
}

// next is the match with the next less specific pattern, for when no condition holds.
func (m *Match) next() (Match, bool) {
	return m.table.find(m.leaf.method, m.path, m.skip+1)
}

// Before gives the event that precedes the register's action: that of the rule which [Match.Choose] finds. It is false if there is
// none or if the action has no such event.
//
// An error is an [*EvaluationError]: an expression could not be evaluated for this request, which must then be refused.
func (m Match) Before(req *Request) (*Event, bool, error) {
	e, err := m.pick(context.Background(), req)
	if e == nil {
		return nil, false, err
	}
	return e.asBefore()
}

// asBefore completes the event that precedes the action, if there is one.
func (e *Event) asBefore() (*Event, bool, error) {
	if e.action.before == nil {
		return nil, false, nil
	}
	e.fill(e.action.before)
	if err := e.addSubject(); err != nil {
		return nil, false, err
	}
	if err := e.Rebase(e.Request.Body); err != nil {
		return nil, false, err
	}
	return e, true, nil
}

// fill sets what follows from the match and the kind of event, with an id and a time of its own.
func (e *Event) fill(k *kind) {
	table := e.match.table
	e.ID, e.Time = table.newID(), table.now()
	e.describe(k)
}

// describe sets what follows from the match and the kind of event.
func (e *Event) describe(k *kind) {
	r := e.action.rule
	e.Type, e.Phase, e.kind = k.typeFor(&e.match), k.phase, k
	e.Source, e.Resource, e.Action = r.source, r.resource.name(&e.match), e.action.name
}

// addSubject sets the subject, by expression or by template.
func (e *Event) addSubject() error {
	r := e.action.rule
	if r.subjectBy == nil {
		e.Subject = r.subject.subject(&e.match)
		return nil
	}
	subject, err := r.subjectBy.evalString(context.Background(), e)
	if err != nil {
		return &EvaluationError{Rule: r.name, Field: "subject_expression", Err: err}
	}
	e.Subject = attributeText(subject)
	return nil
}

// param gives the percent-encoded value of a path parameter of an action's rule.
func (m *Match) param(a *action, name string) (string, bool) {
	if a == nil {
		return "", false
	}
	i := slices.Index(a.rule.path.params, name)
	if i < 0 {
		return "", false
	}
	return m.raw(i), true
}
