package event

import "context"

// applies evaluates whether there is such an event.
func (e *Event) applies(ctx context.Context, ex *Exchange) (bool, error) {
	c := e.kind.after
	if holds, err := e.holds(ctx, ex, c.when); !holds {
		return false, err
	}
	holds, err := e.holds(ctx, ex, c.require)
	if err == nil && !holds {
		ex.warn(Warning{Rule: e.Rule(), Type: e.Type, Reason: "require"})
	}
	return holds, err
}

// holds evaluates a condition; none holds.
func (e *Event) holds(ctx context.Context, ex *Exchange, p *program) (bool, error) {
	if p == nil {
		return true, nil
	}
	if err := e.resolve(ctx, ex, p.fetches); err != nil {
		return false, err
	}
	holds, err := p.evalBool(ctx, e, e.Request.Body)
	if err != nil {
		return false, &EvaluationError{Rule: e.Rule(), Field: p.field, Err: err}
	}
	return holds, nil
}

// text evaluates an expression that gives a text.
func (e *Event) text(ctx context.Context, ex *Exchange, p *program) (string, error) {
	if err := e.resolve(ctx, ex, p.fetches); err != nil {
		return "", err
	}
	text, err := p.evalString(ctx, e)
	if err != nil {
		return "", &EvaluationError{Rule: e.Rule(), Field: p.field, Err: err}
	}
	return attributeText(text), nil
}

// complete sets subject, ordering key and the result of a data expression.
func (e *Event) complete(ctx context.Context, ex *Exchange) (err error) {
	if err = e.addAfterSubject(ctx, ex); err != nil {
		return err
	}
	if err = e.addKey(ctx, ex); err != nil {
		return err
	}
	p := e.action.dataFor(e.kind.after)
	if p == nil {
		return nil
	}
	if err := e.resolve(ctx, ex, p.fetches); err != nil {
		return err
	}
	data, err := p.evalJSON(ctx, e, e.Request.Body)
	if err != nil {
		return &EvaluationError{Rule: e.Rule(), Field: p.field, Err: err}
	}
	e.data.Store(&computedData{json: data})
	return nil
}

// addAfterSubject sets the subject: the event's own, then the action's, then the rule's.
func (e *Event) addAfterSubject(ctx context.Context, ex *Exchange) (err error) {
	c := e.kind.after
	switch {
	case c.subjectBy != nil:
		e.Subject, err = e.text(ctx, ex, c.subjectBy)
		return err
	case c.hasSubject:
		e.Subject = e.filled(c.subject)
	case e.action.hasSubject:
		e.Subject = e.filled(e.action.subject)
	}
	if e.Subject != "" {
		return nil
	}
	if by := e.action.rule.subjectBy; by != nil {
		e.Subject, err = e.text(ctx, ex, by)
		return err
	}
	e.Subject = e.action.rule.subject.subject(&e.match)
	return nil
}

// addKey sets the ordering key.
func (e *Event) addKey(ctx context.Context, ex *Exchange) (err error) {
	c := e.kind.after
	switch {
	case c.keyBy != nil:
		e.Key, err = e.text(ctx, ex, c.keyBy)
		return err
	case c.hasKey:
		e.Key = e.filled(c.key)
	}
	if e.Key == "" {
		e.Key = e.Subject
	}
	return nil
}

// filled fills a template that may name the thing that was made; empty if it does and nobody knows.
func (e *Event) filled(t template) string {
	at := len(e.action.rule.path.params)
	if !t.names(at) {
		return t.subject(&e.match)
	}
	id := e.facts.newID()
	if id == "" {
		return ""
	}
	return t.subjectWith(&e.match, at, id)
}
