package event

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// readMethods are not writes; a rule for them would promise what the gateway does not do.
var readMethods = []string{"CONNECT", "GET", "HEAD", "OPTIONS", "TRACE"}

// rule is a compiled [Rule].
type rule struct {
	name         string
	preset       bool
	path         pattern
	resource     template
	subject      template
	source       string
	extensions   []byte // members for the envelope, each with a comma before it
	settings     map[string]any
	wholeSeconds bool
	when         *program
	subjectBy    *program
	dataBy       *program
	correlate    *program
}

// rule compiles everything but the actions.
func (c *compiler) rule(r Rule, opts compileOptions) *rule {
	compiled := &rule{name: opts.name, preset: opts.preset, source: opts.source, wholeSeconds: r.WholeSeconds}
	if compiled.source == "" {
		compiled.source = defaultSource
	}
	var err error
	if compiled.path, err = parsePattern(r.Path); err != nil {
		c.fail(opts.name, "path", err)
	}
	if err = checkSource(compiled.source); err != nil {
		c.fail(opts.name, "source", err)
	}
	if compiled.resource, err = parseTemplate(r.Resource, compiled.path.params); err == nil {
		err = compiled.resource.checkName()
	}
	if err != nil {
		c.fail(opts.name, "resource", err)
	}
	if compiled.subject, err = parseTemplate(r.Subject, compiled.path.params); err != nil {
		c.fail(opts.name, "subject", err)
	}
	if compiled.extensions, err = appendExtensions(nil, r.Extensions); err != nil {
		c.fail(opts.name, "extensions", err)
	}
	if compiled.extensions, err = appendDataSchema(compiled.extensions, r.DataSchema); err != nil {
		c.fail(opts.name, "dataschema", err)
	}
	if compiled.settings, err = compileSettings(r.Settings, opts.settings); err != nil {
		c.fail(opts.name, "settings", err)
	}
	c.expressions(r, compiled)
	return compiled
}

// expressions compiles the rule's CEL.
func (c *compiler) expressions(r Rule, compiled *rule) {
	if r.Subject != "" && r.SubjectExpression != "" {
		c.fail(compiled.name, "subject_expression", fmt.Errorf("and subject exclude each other"))
	}
	if err := checkCorrelate(r); err != nil {
		c.fail(compiled.name, "correlate", err)
	}
	for _, e := range []struct {
		field  string
		source string
		result resultKind
		scope  scope
		target **program
	}{
		{"when", r.When, resultBool, scopeRule, &compiled.when},
		{"subject_expression", r.SubjectExpression, resultString, scopeRule, &compiled.subjectBy},
		{"data_expression", r.DataExpression, resultAny, scopeRule, &compiled.dataBy},
		{"correlate", r.Correlate, resultString, scopeCorrelate, &compiled.correlate},
	} {
		if e.source == "" {
			continue
		}
		p, err := compileProgram(e.field, e.source, e.result, e.scope, compiled.names(nil))
		if err != nil {
			c.fail(compiled.name, e.field, err)
			continue
		}
		*e.target = p
	}
}

// names are what the rule's expressions may refer to.
func (r *rule) names(lookups []string) names {
	return names{params: r.path.params, lookups: lookups, settings: slices.Sorted(maps.Keys(r.settings))}
}

// compileAfterProgram compiles an expression of an after-event or a lookup.
func (r *rule) compileAfterProgram(field, source string, result resultKind, lookups []string) (*program, error) {
	return compileProgram(field, source, result, scopeAfter, r.names(lookups))
}

// methodAction is an action and its method.
type methodAction struct {
	method string
	action *action
}

// actions compiles the actions of a rule, in order of method.
func (c *compiler) actions(r Rule, compiled *rule) []methodAction {
	if len(r.Actions) == 0 {
		c.fail(compiled.name, "actions", fmt.Errorf(`is missing: an object from HTTP method to action, such as {"POST": {"name": "create"}}`))
	}
	var out []methodAction
	seen := make(map[string]bool, len(r.Actions))
	for _, method := range slices.Sorted(maps.Keys(r.Actions)) {
		field := "actions." + method
		upper := strings.ToUpper(method)
		if err := checkMethod(upper); err != nil {
			c.fail(compiled.name, field, err)
			continue
		}
		if seen[upper] {
			c.fail(compiled.name, field, fmt.Errorf("occurs twice; methods compare without regard to case"))
		}
		seen[upper] = true
		a, part, err := compiled.compileAction(r.Actions[method], r.Resource)
		if err != nil {
			c.fail(compiled.name, field+"."+part, inField(err, field))
			continue
		}
		out = append(out, methodAction{upper, a})
	}
	return out
}

// checkMethod accepts tokens (RFC 9110 section 9.1) that are not known to be reads.
func checkMethod(method string) error {
	if slices.Contains(readMethods, method) {
		return fmt.Errorf("is not a write; use POST, PUT, PATCH, DELETE or a method of your own")
	}
	if !isToken(method) {
		return fmt.Errorf("is not an HTTP method")
	}
	return nil
}
