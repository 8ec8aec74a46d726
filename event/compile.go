package event

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// compiler collects rules into a table and mistakes into a list.
type compiler struct {
	table  *Table
	source string
	config Config
	names  map[string]bool
	seen   map[Type]bool
	errs   []error
}

// Compile checks a configuration and makes the table. The error joins everything that is wrong, as [*RuleError] and
// [*ExpressionError].
func Compile(cfg Config) (*Table, error) {
	c := &compiler{
		table:  &Table{now: cfg.Now, newID: cfg.NewID},
		source: cfg.Source, config: cfg, names: make(map[string]bool), seen: make(map[Type]bool),
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
	c.settings()
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return c.table, nil
}

// fail records a mistake.
func (c *compiler) fail(rule, field string, err error) {
	if known, ok := errors.AsType[*ExpressionError](err); ok {
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
		if p.NeedsSource && c.source == "" {
			c.table.warnings = append(c.table.warnings, fmt.Sprintf("preset %q gives no events: it needs a source of its own", name))
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
			if r.Settings == nil {
				r.Settings = p.Settings
			}
			c.add(r, compileOptions{
				name: name + "/" + r.Name, source: source, prefixes: p.Prefixes, preset: true, settings: c.config.Settings[name],
			})
		}
	}
}

// settings refuses those of presets that are not there.
func (c *compiler) settings() {
	for _, name := range slices.Sorted(maps.Keys(c.config.Settings)) {
		if !slices.Contains(c.config.Presets, name) {
			c.fail("", "settings", fmt.Errorf("%q is not among the presets of this configuration", name))
		}
	}
}

// compileOptions is what a rule does not say itself.
type compileOptions struct {
	name     string
	source   string
	prefixes []string
	preset   bool
	settings map[string]any // the operator's
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

// insert puts actions at the end of a path and notes their types.
func (c *compiler) insert(path pattern, actions []methodAction) {
	n := c.table.tree.insert(path.segments)
	for _, param := range path.params {
		if !slices.Contains(c.table.params, param) {
			c.table.params = append(c.table.params, param)
		}
	}
	for _, m := range actions {
		if !slices.Contains(c.table.methods, m.method) {
			c.table.methods = append(c.table.methods, m.method)
		}
		leaf := n.addMethod(m.method)
		if last := leaf.last(); last != nil && last.rule.when == nil {
			if !m.action.rule.preset {
				c.fail(m.action.rule.name, "path", fmt.Errorf("%s on this path is already taken by rule %q, which has no \"when\"; "+
					"declare the rule with a condition first, or give that one a condition", m.method, last.rule.name))
			}
			continue // the operator's rules replace those of presets
		}
		leaf.actions = append(leaf.actions, m.action)
		if source := m.action.rule.source; !slices.Contains(c.table.sources, source) {
			c.table.sources = append(c.table.sources, source)
		}
		for _, k := range m.action.afters {
			c.table.links = c.table.links || k.after.uses&usesLinks != 0
		}
		for _, p := range []Phase{Before, After} {
			for _, k := range m.action.kinds(p) {
				c.note(k)
			}
		}
	}
}

// last is the action that was declared last.
func (l *methodLeaf) last() *action {
	if len(l.actions) == 0 {
		return nil
	}
	return l.actions[len(l.actions)-1]
}

// note remembers a type for [Table.TypesOf].
func (c *compiler) note(k *kind) {
	if !c.seen[k.label] {
		c.seen[k.label] = true
		c.table.phases[k.phase] = append(c.table.phases[k.phase], k.label)
	}
}
