package event

import "fmt"

// action is a rule together with one of its methods.
type action struct {
	rule   *rule
	name   string
	before *kind
	after  *kind
}

// kind is one type of event that an action can give, with the constant part of its envelope.
type kind struct {
	phase Phase
	name  template
	class string
	label Type   // as configured
	head  []byte // from the opening brace of the envelope up to the type or, if the type is fixed, behind it
}

// kind is what the action gives in a phase, nil for nothing.
func (a *action) kind(p Phase) *kind {
	if p == After {
		return a.after
	}
	return a.before
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
	if a.Name == "" {
		return nil, "name", fmt.Errorf("is missing: create, update, delete, or a name of your own together with before or after")
	}
	if _, standard := standardVerbs[a.Name]; standard && resource == "" && (a.Before == "" || a.After == "") {
		return nil, "name", fmt.Errorf("%q has derived types only if the rule has a resource: set resource, or both before and after", a.Name)
	}
	a = a.withDefaults(resource)
	if a.Before == "" && a.After == "" {
		return nil, "before", fmt.Errorf("action %q has no derived types (create, update and delete have): set before, after or both", a.Name)
	}
	compiled := &action{rule: r, name: a.Name}
	var err error
	if compiled.before, err = r.compileKind(Before, a.Before, a.BeforeClass); err != nil {
		return nil, "before", err
	}
	if compiled.after, err = r.compileKind(After, a.After, a.AfterClass); err != nil {
		return nil, "after", err
	}
	return compiled, "", nil
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
