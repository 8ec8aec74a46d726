package caddymodule

import (
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/voorpoort/voorpoort/event"
)

// parseOn reads what methods do:
//
//	on <METHOD[,METHOD...]> <action> [<before type> [<after type>]] {
//		before <type>
//		before_class <class>
//		before_image
//		after <type>
//		after_class <class>
//		after_subject <template>
//		after_data <CEL>
//		lookup <name> {
//			path <CEL>
//			phase before|after
//			optional
//		}
//		after_event <type> {
//			class <class>
//			for_each <CEL>
//			when <CEL>
//			require <CEL>
//			subject <template>
//			subject_expression <CEL>
//			data <CEL>
//			key <template>
//			key_expression <CEL>
//		}
//	}
func parseOn(d *caddyfile.Dispenser, r *event.Rule) error {
	args := d.RemainingArgs()
	if len(args) < 2 || len(args) > 4 {
		return d.ArgErr()
	}
	methods, err := newMethods(d, r, args[0])
	if err != nil {
		return err
	}
	action := event.Action{Name: args[1]}
	if len(args) > 2 {
		action.Before = args[2]
	}
	if len(args) > 3 {
		action.After = args[3]
	}
	if err := actionWords.parseBlock(d, "on "+args[0], &action); err != nil {
		return err
	}
	for _, method := range methods {
		r.Actions[method] = action
	}
	return nil
}

// newMethods reads a list of methods, none of which the rule has yet.
func newMethods(d *caddyfile.Dispenser, r *event.Rule, list string) ([]string, error) {
	methods := strings.Split(strings.ToUpper(list), ",")
	if r.Actions == nil {
		r.Actions = map[string]event.Action{}
	}
	for _, method := range methods {
		if _, twice := r.Actions[method]; twice {
			return nil, duplicate(d, "on", method)
		}
		r.Actions[method] = event.Action{}
	}
	return methods, nil
}

var actionWords = words[*event.Action]{
	"before":        wordFor(func(a *event.Action) *string { return &a.Before }),
	"before_class":  wordFor(func(a *event.Action) *string { return &a.BeforeClass }),
	"before_image":  flagFor(func(a *event.Action) *bool { return &a.BeforeImage }),
	"after":         wordFor(func(a *event.Action) *string { return &a.After }),
	"after_class":   wordFor(func(a *event.Action) *string { return &a.AfterClass }),
	"after_subject": wordFor(func(a *event.Action) *string { return &a.AfterSubject }),
	"after_data":    wordFor(func(a *event.Action) *string { return &a.AfterDataExpression }),
	"after_event":   parseAfterEvent,
	"lookup":        parseLookup,
}

func parseAfterEvent(d *caddyfile.Dispenser, a *event.Action) error {
	var e event.AfterEvent
	if !d.AllArgs(&e.Type) {
		return d.ArgErr()
	}
	err := afterEventWords.parseBlock(d, "after_event "+e.Type, &e)
	a.AfterEvents = append(a.AfterEvents, e)
	return err
}

var afterEventWords = words[*event.AfterEvent]{
	"class":              wordFor(func(e *event.AfterEvent) *string { return &e.Class }),
	"for_each":           wordFor(func(e *event.AfterEvent) *string { return &e.ForEach }),
	"when":               wordFor(func(e *event.AfterEvent) *string { return &e.When }),
	"require":            wordFor(func(e *event.AfterEvent) *string { return &e.Require }),
	"subject":            wordFor(func(e *event.AfterEvent) *string { return &e.Subject }),
	"subject_expression": wordFor(func(e *event.AfterEvent) *string { return &e.SubjectExpression }),
	"data":               wordFor(func(e *event.AfterEvent) *string { return &e.DataExpression }),
	"key":                wordFor(func(e *event.AfterEvent) *string { return &e.Key }),
	"key_expression":     wordFor(func(e *event.AfterEvent) *string { return &e.KeyExpression }),
}

func parseLookup(d *caddyfile.Dispenser, a *event.Action) error {
	var name string
	if !d.AllArgs(&name) {
		return d.ArgErr()
	}
	if _, twice := a.Lookups[name]; twice {
		return duplicate(d, "lookup", name)
	}
	var l event.Lookup
	if err := lookupWords.parseBlock(d, "lookup "+name, &l); err != nil {
		return err
	}
	if a.Lookups == nil {
		a.Lookups = map[string]event.Lookup{}
	}
	a.Lookups[name] = l
	return nil
}

var lookupWords = words[*event.Lookup]{
	"path": wordFor(func(l *event.Lookup) *string { return &l.PathExpression }),
	"phase": func(d *caddyfile.Dispenser, l *event.Lookup) (err error) {
		l.Phase, err = oneOf(d, event.Before.String(), event.After.String())
		return err
	},
	"optional": flagFor(func(l *event.Lookup) *bool { return &l.Optional }),
}
