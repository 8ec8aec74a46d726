package event

import (
	"context"
	"errors"
)

// Correlate gives the path, with query, at which the resource that a POST creates can be read back, for when nobody saw the
// answer: what [Rule.Correlate] makes of the request as it goes to the register. It is percent-encoded, absolute and without
// an authority, as it can stand in a request line. It is false when the rule does not say, when the expression gives "", and
// when the method is not POST. The rule is the one that [Match.Choose] finds.
//
// An error is an [*EvaluationError]: the expression could not be evaluated for this request, or gives what is not such a path.
func (m Match) Correlate(r *Request) (path string, ok bool, err error) {
	ctx := context.Background()
	e, err := m.pick(ctx, r)
	if e == nil || e.action.rule.correlate == nil || e.method() != "POST" {
		return "", false, err
	}
	rule := e.action.rule
	path, err = rule.correlate.evalString(ctx, e)
	if err == nil && path != "" {
		err = checkRegisterPath(path)
	}
	if err != nil {
		return "", false, &EvaluationError{Rule: rule.name, Field: rule.correlate.field, Err: err}
	}
	return path, path != "", nil
}

// checkCorrelate refuses a correlation where no request is correlated.
func checkCorrelate(r Rule) error {
	if r.Correlate == "" {
		return nil
	}
	for method := range r.Actions {
		if upperMethod(method) == "POST" {
			return nil
		}
	}
	return errors.New("finds what a POST has created, but the rule has no action for POST")
}
