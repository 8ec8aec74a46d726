package event

import (
	"errors"
	"fmt"
	"slices"
)

// conditional is what an after-event depends on, compiled. The zero value is an event that always follows.
type conditional struct {
	forEach, when, require   *program
	subjectBy, keyBy, dataBy *program
	subject, key             template
	hasSubject, hasKey       bool

	uses usage // of these, of what the action and the rule add, and of the lookups
}

// programs are the expressions that there are.
func (c *conditional) programs() []*program {
	all := []*program{c.forEach, c.when, c.require, c.subjectBy, c.keyBy, c.dataBy}
	return slices.DeleteFunc(all, func(p *program) bool { return p == nil })
}

// compileAfter compiles an event of a list. The error's field is relative to it.
func (a *action) compileAfter(config AfterEvent) (*kind, string, error) {
	if config.Type == "" {
		return nil, "type", errors.New("is missing")
	}
	k, err := a.rule.compileKind(After, config.Type, config.Class)
	if err != nil {
		return nil, "type", err
	}
	k.after = &conditional{hasSubject: config.Subject != "", hasKey: config.Key != ""}
	if config.Subject != "" && config.SubjectExpression != "" {
		return nil, "subject_expression", errors.New("and subject exclude each other")
	}
	if config.Key != "" && config.KeyExpression != "" {
		return nil, "key_expression", errors.New("and key exclude each other")
	}
	if k.after.subject, err = parseTemplate(config.Subject, append(slices.Clone(a.rule.path.params), newIDParam)); err != nil {
		return nil, "subject", err
	}
	if k.after.key, err = parseTemplate(config.Key, append(slices.Clone(a.rule.path.params), newIDParam)); err != nil {
		return nil, "key", err
	}
	field, err := a.compileExpressions(config, k.after)
	return k, field, err
}

// compileExpressions compiles the CEL of an event.
func (a *action) compileExpressions(config AfterEvent, c *conditional) (string, error) {
	for _, e := range []struct {
		field  string
		source string
		result resultKind
		target **program
	}{
		{"for_each", config.ForEach, resultAny, &c.forEach},
		{"when", config.When, resultBool, &c.when},
		{"require", config.Require, resultBool, &c.require},
		{"subject_expression", config.SubjectExpression, resultString, &c.subjectBy},
		{"data_expression", config.DataExpression, resultAny, &c.dataBy},
		{"key_expression", config.KeyExpression, resultString, &c.keyBy},
	} {
		if e.source == "" {
			continue
		}
		p, err := a.rule.compileAfterProgram(e.field, e.source, e.result, a.lookupNames())
		if err != nil {
			return e.field, err
		}
		*e.target = p
	}
	return "", nil
}

// lookupNames are the names that expressions may fetch.
func (a *action) lookupNames() []string {
	names := make([]string, len(a.lookups))
	for i, l := range a.lookups {
		names[i] = l.name
	}
	return names
}

// inField puts the place of an expression before its field.
func inField(err error, field string) error {
	if known, ok := errors.AsType[*ExpressionError](err); ok {
		known.Field = fmt.Sprintf("%s.%s", field, known.Field)
	}
	return err
}
