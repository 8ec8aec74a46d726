package event

import "context"

// Condition is a compiled CEL expression that decides whether a webhook wants an event. It is safe for concurrent use.
type Condition struct {
	program *program
}

// CompileCondition compiles an expression that gives a bool. The error is an [*ExpressionError] with line and column.
//
// Variables: request.method, request.path (percent-encoded), request.query (name to list of values), request.headers (lower-case
// name to value, all fields of the request), request.body (the JSON value, null without a body), params (path parameters, decoded
// once), event.type, event.source, event.subject, event.resource, event.action, event.phase ("before" or "after"), event.time;
// before (the resource before the write), after (the resource after it), response.status, response.headers and response.body,
// of which the status is 0, the headers are empty and the others are null until the register has acted. So is what is not
// known: see [Condition.NeedsBefore].
//
// Naming a member that is not there is an error, not false: ask first, with has(request.body.x), or "x-tenant" in
// request.headers, or write request.body.?x.orValue("").
func CompileCondition(expr string) (*Condition, error) {
	p, err := compileProgram("when", expr, resultBool, scopeCondition, names{})
	if err != nil {
		return nil, err
	}
	return &Condition{program: p}, nil
}

// Eval reports whether the condition holds for the event with the given body. An error is an [*EvaluationError]: the answer is
// unknown and the request must be refused. A limit on its cost bounds the work.
func (c *Condition) Eval(e *Event, body []byte) (bool, error) {
	holds, err := c.program.evalBool(context.Background(), e, body)
	if err != nil {
		return false, &EvaluationError{Field: "when", Err: err}
	}
	return holds, nil
}

// NeedsBefore reports whether the condition names before, so that the resource must be got before the write.
func (c *Condition) NeedsBefore() bool { return c.program.uses&usesBefore != 0 }
