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

// MayGive reports whether an event of a type that is wanted may come of this match. If not, nobody waits for what
// [Match.Before] would give, and the body need not be read. Conditions are taken to hold or not to hold.
func (m Match) MayGive(p Phase, wanted func(Type) bool) bool {
	for {
		for _, a := range m.leaf.actions {
			if k := a.kind(p); k != nil && wanted(k.typeFor(&m)) {
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
		e, err := m.choose(req)
		if err != nil {
			return nil, false, err
		}
		if e != nil {
			return e.asBefore()
		}
		next, ok := m.next()
		if !ok {
			return nil, false, nil
		}
		m = next
	}
}

// choose finds the first action at this leaf whose condition holds and gives what conditions have seen of the request, nil if
// none holds.
func (m *Match) choose(req *Request) (*Event, error) {
	e := &Event{Request: req, match: *m}
	for _, a := range m.leaf.actions {
		e.action = a
		if a.rule.when == nil {
			return e, nil
		}
		holds, err := a.rule.when.evalBool(e, req.Body)
		if err != nil {
			return nil, &EvaluationError{Rule: a.rule.name, Field: "when", Err: err}
		}
		if holds {
			return e, nil
		}
	}
	return nil, nil // the caller goes on with the next pattern
}

// asBefore completes the event that precedes the action, if there is one.
func (e *Event) asBefore() (*Event, bool, error) {
	k := e.action.kind(Before)
	if k == nil {
		return nil, false, nil
	}
	e.fill(k)
	if err := e.addSubject(); err != nil {
		return nil, false, err
	}
	if err := e.Rebase(e.Request.Body); err != nil {
		return nil, false, err
	}
	return e, true, nil
}

// fill sets what follows from the match and the kind of event.
func (e *Event) fill(k *kind) {
	table, r := e.match.table, e.action.rule
	e.ID, e.Time = table.newID(), table.now()
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
	subject, err := r.subjectBy.evalString(e, e.Request.Body)
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
