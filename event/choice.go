package event

import "context"

// Choose settles which rule decides for the request: the first whose condition holds, from the most to the least specific
// pattern and in order of declaration. The match that it gives is bound to that rule, whatever webhooks make of the body:
// [Match.Before] and [Match.After] do not choose again. It is false if no condition holds.
//
// An error is an [*EvaluationError]: an expression could not be evaluated for this request, which must then be refused.
func (m Match) Choose(req *Request) (Match, bool, error) {
	if m.chosen != nil {
		return m, true, nil
	}
	if first := m.leaf.actions; len(first) > 0 && first[0].rule.when == nil { // as most are: nothing is asked
		m.chosen = first[0]
		return m, true, nil
	}
	e, err := m.pick(context.Background(), req)
	if e == nil {
		return Match{}, false, err
	}
	return e.match, true, nil
}

// pick is Choose that gives what conditions have seen of the request: an event without attributes, nil if no condition holds.
func (m Match) pick(ctx context.Context, req *Request) (*Event, error) {
	e := &Event{Request: req}
	for at, a := range m.possible {
		e.match, e.action = at, a
		e.match.chosen = a
		if a.rule.when == nil || m.chosen != nil {
			return e, nil
		}
		holds, err := a.rule.when.evalBool(ctx, e, req.Body)
		if err != nil {
			return nil, &EvaluationError{Rule: a.rule.name, Field: "when", Err: err}
		}
		if holds {
			return e, nil
		}
	}
	return nil, nil // nobody decides
}

// Rule is the name of the rule to which the match is bound; empty before [Match.Choose].
func (m Match) Rule() string {
	if m.chosen == nil {
		return ""
	}
	return m.chosen.rule.name
}

// Recall gives the match that [Match.Choose] gave for a method, a path and a rule of this name: what a hold keeps of it. It is false
// if the configuration no longer has that rule for them.
func (t *Table) Recall(method, path, rule string) (Match, bool) {
	m, ok := t.Match(method, path)
	for ok {
		for _, a := range m.leaf.actions {
			if a.rule.name == rule {
				m.chosen = a
				return m, true
			}
		}
		m, ok = m.next()
	}
	return Match{}, false
}
