package event

import (
	"fmt"
	"strings"
)

// RuleError is a mistake in the configuration. Rule is empty when the mistake is not in a rule.
type RuleError struct {
	Rule   string // name of the rule, or "#3" for the third when it has none; a preset's rule is "preset/rule"
	Field  string // the JSON name of the field, such as "actions.POST.before"
	Detail string // what is wrong and what is allowed
}

// Error names the rule, the field, what is wrong and what is allowed.
func (e *RuleError) Error() string {
	var b strings.Builder
	if e.Rule != "" {
		fmt.Fprintf(&b, "rule %q: ", e.Rule)
	}
	b.WriteString(e.Field)
	b.WriteString(": ")
	b.WriteString(e.Detail)
	return b.String()
}

// ExpressionError is a mistake in a CEL expression, found when the configuration is loaded.
type ExpressionError struct {
	Rule         string // name of the rule; empty for the condition of a webhook
	Field        string // the JSON name, such as "when" or "actions.POST.after_events[0].when"
	Line, Column int    // position in the expression, both counted from 1; zero when the whole expression is meant
	Detail       string
}

// Error names the rule, the field and the position in the expression.
func (e *ExpressionError) Error() string {
	var b strings.Builder
	if e.Rule != "" {
		fmt.Fprintf(&b, "rule %q: ", e.Rule)
	}
	b.WriteString(e.Field)
	if e.Line > 0 {
		fmt.Fprintf(&b, ": line %d, column %d", e.Line, e.Column)
	}
	b.WriteString(": ")
	b.WriteString(e.Detail)
	return b.String()
}

// EvaluationError says that an expression could not be evaluated for a request. It is neither true nor false: whoever
// asked must refuse the request, because a rule or a webhook that silently does not apply is a way round it.
type EvaluationError struct {
	Rule  string // name of the rule; empty for the condition of a webhook
	Field string
	Err   error
}

// Error names the rule and the field; CEL's own messages hold names of keys and types, never values of the body.
func (e *EvaluationError) Error() string {
	if e.Rule != "" {
		return fmt.Sprintf("evaluating %s of rule %q: %v", e.Field, e.Rule, e.Err)
	}
	return fmt.Sprintf("evaluating %s: %v", e.Field, e.Err)
}

// Unwrap gives CEL's error.
func (e *EvaluationError) Unwrap() error { return e.Err }
