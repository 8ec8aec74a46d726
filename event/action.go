package event

import (
	"fmt"
	"maps"
	"slices"
)

// action is a rule together with one of its methods.
type action struct {
	rule        *rule
	name        string
	before      *kind
	befores     []*kind // before, or nothing
	afters      []*kind
	beforeImage bool
	lookups     []*lookup
	subject     template // of events after it; may name the thing that was made
	hasSubject  bool
	dataBy      *program // of events after it
}

// kind is one type of event that an action can give, with the constant part of its envelope.
type kind struct {
	phase Phase
	name  template
	class string
	label Type   // as configured
	head  []byte // from the opening brace of the envelope up to the type or, if the type is fixed, behind it
	after *conditional
}

// kinds are what the action can give in a phase, in order.
func (a *action) kinds(p Phase) []*kind {
	if p == After {
		return a.afters
	}
	return a.befores
}

// typeFor gives the type of a matched request's event.
func (k *kind) typeFor(m *Match) Type {
	if _, fixed := k.name.fixed(); fixed {
		return k.label
	}
	return Type{Name: k.name.name(m), Class: k.class}
}

// compileAction compiles one method of a rule. The error's field is relative to the action.
func (r *rule) compileAction(a Action, resource string) (*action, string, error) {
	if field, err := a.check(resource); err != nil {
		return nil, field, err
	}
	a = a.withDefaults(resource)
	if a.Before == "" && a.After == "" && len(a.AfterEvents) == 0 {
		return nil, "before", fmt.Errorf("action %q has no derived types (create, update and delete have): set before, after or both", a.Name)
	}
	compiled := &action{rule: r, name: a.Name, beforeImage: a.BeforeImage}
	var err error
	if compiled.before, err = r.compileKind(Before, a.Before, a.BeforeClass); err != nil {
		return nil, "before", err
	}
	if compiled.before != nil {
		compiled.befores = []*kind{compiled.before}
	}
	if field, err := compiled.addLookups(a.Lookups); err != nil {
		return nil, field, err
	}
	if field, err := compiled.addAfters(a); err != nil {
		return nil, field, err
	}
	return compiled, "", nil
}

// check refuses what does not go together.
func (a Action) check(resource string) (field string, err error) {
	if a.Name == "" {
		return "name", fmt.Errorf("is missing: create, update, delete, or a name of your own together with before or after")
	}
	after := a.After != "" || len(a.AfterEvents) > 0
	if _, standard := standardVerbs[a.Name]; standard && resource == "" && (a.Before == "" || !after) {
		return "name", fmt.Errorf("%q has derived types only if the rule has a resource: set resource, or both before and after", a.Name)
	}
	if len(a.AfterEvents) > 0 && (a.After != "" || a.AfterClass != "") {
		return "after_events", fmt.Errorf("and after exclude each other")
	}
	return "", nil
}

// addAfters compiles the events that may follow.
func (a *action) addAfters(config Action) (string, error) {
	if config.AfterSubject != "" {
		var err error
		if a.subject, err = parseTemplate(config.AfterSubject, append(slices.Clone(a.rule.path.params), newIDParam)); err != nil {
			return "after_subject", err
		}
		a.hasSubject = true
	}
	if config.AfterDataExpression != "" {
		var err error
		a.dataBy, err = a.rule.compileAfterProgram("after_data_expression", config.AfterDataExpression, resultAny, a.lookupNames())
		if err != nil {
			return "after_data_expression", err
		}
	}
	simple, err := a.rule.compileKind(After, config.After, config.AfterClass)
	if err != nil {
		return "after", err
	}
	if simple != nil {
		simple.after = new(conditional)
		a.afters = []*kind{simple}
	}
	for i, each := range config.AfterEvents {
		field := fmt.Sprintf("after_events[%d]", i)
		k, part, err := a.compileAfter(each)
		if err != nil {
			return field + "." + part, inField(err, field)
		}
		a.afters = append(a.afters, k)
	}
	for _, k := range a.afters {
		a.sumUp(k)
	}
	return "", nil
}

// addLookups compiles the lookups, in order of name.
func (a *action) addLookups(lookups map[string]Lookup) (string, error) {
	if len(lookups) > maxLookups {
		return "lookups", fmt.Errorf("are %d; at most %d are allowed, because each costs a call to the register", len(lookups), maxLookups)
	}
	for _, name := range slices.Sorted(maps.Keys(lookups)) {
		field := "lookups." + name
		l, part, err := a.rule.compileLookup(name, lookups[name])
		if err != nil {
			return field + "." + part, inField(err, field)
		}
		a.lookups = append(a.lookups, l)
	}
	return "", nil
}

// compileKind compiles a type; nil without a name.
func (r *rule) compileKind(phase Phase, name, class string) (*kind, error) {
	if name == "" {
		if class != "" {
			return nil, fmt.Errorf("is missing, but its class %q is given", class)
		}
		return nil, nil // no name, no type
	}
	t, err := parseTemplate(name, r.path.params)
	if err != nil {
		return nil, err
	}
	if err := t.checkName(); err != nil {
		return nil, err
	}
	return &kind{
		phase: phase, name: t, class: class, label: Type{Name: name, Class: class},
		head: envelopeHead(r.source, r.extensions, t),
	}, nil
}
