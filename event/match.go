package event

import "slices"

// Match is a request's method and path that some rule names. It is a value without pointers to the request's body and may
// be kept as long as the path.
type Match struct {
	table  *Table
	path   string
	leaf   *methodLeaf
	skip   int // number of more specific leaves
	params [maxParams]span
}

// raw is the percent-encoded value of the parameter with the given position.
func (m *Match) raw(i int) string {
	return m.path[m.params[i].start:m.params[i].end]
}

// Interceptable reports whether an action that may apply has an event before it. If not, nothing can come of [Match.Before]
// and the body need not be read.
func (m Match) Interceptable() bool {
	for {
		for _, a := range m.leaf.actions {
			if a.before != nil {
				return true
			}
			if a.rule.when == nil {
				return false
			}
		}
		next, ok := m.next()
		if !ok {
			return false
		}
		m = next
	}
}

// next is the match with the next less specific pattern, for when no condition holds.
func (m *Match) next() (Match, bool) {
	return m.table.find(m.leaf.method, m.path, m.skip+1)
}

// Before gives the event that precedes the register's action: that of the first rule whose condition holds, from the most to
// the least specific pattern and in order of declaration. It is false if none holds or if the action has no such event.
//
// An error is an [*EvaluationError]: an expression could not be evaluated for this request, which must then be refused.
func (m Match) Before(req *Request) (*Event, bool, error) {
	for {
		a, err := m.choose(req)
		if err != nil {
			return nil, false, err
		}
		if a != nil {
			if a.before == nil {
				return nil, false, nil
			}
			e, err := m.event(a, a.before, req)
			return e, err == nil, err
		}
		next, ok := m.next()
		if !ok {
			return nil, false, nil
		}
		m = next
	}
}

// choose gives the first action at this leaf whose condition holds, nil if none does.
func (m *Match) choose(req *Request) (*action, error) {
	var e *Event // what conditions see, made only if there is one
	for _, a := range m.leaf.actions {
		if a.rule.when == nil {
			return a, nil
		}
		if e == nil {
			e = &Event{Request: req, match: *m}
		}
		e.action = a
		holds, err := a.rule.when.evalBool(e, req.Body)
		if err != nil {
			return nil, &EvaluationError{Rule: a.rule.name, Field: "when", Err: err}
		}
		if holds {
			return a, nil
		}
	}
	return nil, nil //nolint:nilnil // no action holds: the caller goes on with the next pattern
}

// event makes the event of an action.
func (m *Match) event(a *action, k *kind, req *Request) (*Event, error) {
	e := &Event{
		ID: m.table.newID(), Time: m.table.now(), Type: k.typeFor(m), Source: a.rule.source,
		Resource: a.rule.resource.name(m), Action: a.name, Phase: k.phase,
		Request: req, match: *m, action: a, kind: k,
	}
	if a.rule.subjectBy == nil {
		e.Subject = a.rule.subject.subject(m)
	} else {
		subject, err := a.rule.subjectBy.evalString(e, req.Body)
		if err != nil {
			return nil, &EvaluationError{Rule: a.rule.name, Field: "subject_expression", Err: err}
		}
		e.Subject = attributeText(subject)
	}
	if err := e.Rebase(req.Body); err != nil {
		return nil, err
	}
	return e, nil
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
