package event

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// readMethods are not writes; a rule for them would promise what the gateway does not do.
var readMethods = []string{"CONNECT", "GET", "HEAD", "OPTIONS", "TRACE"}

// compiler collects rules into a table and mistakes into a list.
type compiler struct {
	table  *Table
	source string
	names  map[string]bool
	seen   map[Type]bool
	errs   []error
}

// Compile checks a configuration and makes the table. The error joins everything that is wrong, as [*RuleError] and
// [*ExpressionError].
func Compile(cfg Config) (*Table, error) {
	c := &compiler{
		table:  &Table{now: cfg.Now, newID: cfg.NewID},
		source: cfg.Source, names: make(map[string]bool), seen: make(map[Type]bool),
	}
	if c.table.now == nil {
		c.table.now = time.Now
	}
	if c.table.newID == nil {
		c.table.newID = newID
	}
	if err := checkSource(cfg.Source); err != nil {
		c.fail("", "source", err)
	}
	c.headers(cfg.Headers)
	c.aliases(cfg.Aliases)
	for i, r := range cfg.Rules {
		c.own(i, r)
	}
	c.presets(cfg.Presets)
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return c.table, nil
}

// fail records a mistake.
func (c *compiler) fail(rule, field string, err error) {
	var known *ExpressionError
	if errors.As(err, &known) {
		known.Rule = rule
		c.errs = append(c.errs, known)
		return
	}
	c.errs = append(c.errs, &RuleError{Rule: rule, Field: field, Detail: err.Error()})
}

func (c *compiler) headers(names []string) {
	headers, err := compileHeaders(names)
	if err != nil {
		c.fail("", "headers", err)
	}
	c.table.headers = headers
}

func (c *compiler) aliases(aliases Aliases) {
	index, err := compileAliases(aliases)
	if err != nil {
		c.fail("", "aliases", err)
	}
	c.table.aliases = index
}

// own adds a rule of the operator.
func (c *compiler) own(i int, r Rule) {
	name := r.Name
	if name == "" {
		name = fmt.Sprintf("#%d", i+1)
	} else if c.names[name] {
		c.fail(name, "name", fmt.Errorf("is used by another rule; names are unique"))
	}
	c.names[name] = true
	source := r.Source
	if source == "" {
		source = c.source
	}
	c.add(r, compileOptions{name: name, source: source, prefixes: []string{""}})
}

// presets adds the rules of presets.
func (c *compiler) presets(names []string) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			c.fail("", "presets", fmt.Errorf("%q is listed twice", name))
			continue
		}
		p, err := loadPreset(name)
		if err != nil {
			c.fail("", "presets", err)
			continue
		}
		for _, r := range p.Rules {
			source := c.source
			if source == "" {
				source = p.Source
			}
			if r.Extensions == nil {
				r.Extensions = p.Extensions
			}
			c.add(r, compileOptions{name: name + "/" + r.Name, source: source, prefixes: p.Prefixes, preset: true})
		}
	}
}

// compileOptions is what a rule does not say itself.
type compileOptions struct {
	name     string
	source   string
	prefixes []string
	preset   bool
}

// add compiles a rule and puts it into the tree, once for each prefix.
func (c *compiler) add(r Rule, opts compileOptions) {
	before := len(c.errs)
	compiled := c.rule(r, opts)
	actions := c.actions(r, compiled)
	if len(c.errs) > before {
		return
	}
	for _, prefix := range opts.prefixes {
		path, err := parsePattern(prefix + r.Path)
		if err != nil {
			c.fail(opts.name, "path", err)
			return
		}
		c.insert(path, actions)
	}
}

// rule compiles everything but the actions.
func (c *compiler) rule(r Rule, opts compileOptions) *rule {
	compiled := &rule{name: opts.name, preset: opts.preset, source: opts.source}
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
	c.expressions(r, compiled)
	return compiled
}

// expressions compiles the rule's CEL.
func (c *compiler) expressions(r Rule, compiled *rule) {
	if r.Subject != "" && r.SubjectExpression != "" {
		c.fail(compiled.name, "subject_expression", fmt.Errorf("and subject exclude each other"))
	}
	for _, e := range []struct {
		field  string
		source string
		result resultKind
		target **program
	}{
		{"when", r.When, resultBool, &compiled.when},
		{"subject_expression", r.SubjectExpression, resultString, &compiled.subjectBy},
		{"data_expression", r.DataExpression, resultAny, &compiled.dataBy},
	} {
		if e.source == "" {
			continue
		}
		p, err := compileProgram(e.field, e.source, e.result, scopeRule, compiled.path.params)
		if err != nil {
			c.fail(compiled.name, e.field, err)
			continue
		}
		*e.target = p
	}
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
			c.fail(compiled.name, field+"."+part, err)
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

// insert puts actions at the end of a path and notes their types.
func (c *compiler) insert(path pattern, actions []methodAction) {
	n := c.table.tree.insert(path.segments)
	for _, m := range actions {
		leaf := n.addMethod(m.method)
		if last := leaf.last(); last != nil && last.rule.when == nil {
			if !m.action.rule.preset {
				c.fail(m.action.rule.name, "path", fmt.Errorf("%s on this path is already taken by rule %q, which has no \"when\"; "+
					"declare the rule with a condition first, or give that one a condition", m.method, last.rule.name))
			}
			continue // the operator's rules replace those of presets
		}
		leaf.actions = append(leaf.actions, m.action)
		c.note(m.action.before)
		c.note(m.action.after)
	}
}

// last is the action that was declared last.
func (l *methodLeaf) last() *action {
	if len(l.actions) == 0 {
		return nil
	}
	return l.actions[len(l.actions)-1]
}

// note remembers a type for [Table.Types].
func (c *compiler) note(k *kind) {
	if k != nil && !c.seen[k.label] {
		c.seen[k.label] = true
		c.table.types = append(c.table.types, k.label)
	}
}
