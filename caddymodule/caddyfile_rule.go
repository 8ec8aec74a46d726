package caddymodule

import (
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/voorpoort/voorpoort/event"
)

// parseRule reads one rule:
//
//	rule <resource> <path> {
//		on <METHOD> <action> [<before type> [<after type>]]
//		name <name>
//		subject <template>
//		source <URI reference>
//		when <CEL>
//		subject_expression <CEL>
//		data <CEL>
//		correlate <CEL>
//	}
//
// The path and the subject name parameters in braces: /zaken/{zaak}. In a site
// block Caddy rewrites its own shorthands such as {path}, {host} and {method}
// first, so a parameter needs another name than those.
func parseRule(d *caddyfile.Dispenser) (event.Rule, error) {
	var r event.Rule
	if !d.AllArgs(&r.Resource, &r.Path) {
		return r, d.ArgErr()
	}
	return r, ruleWords.parseBlock(d, "rule "+r.Resource, &r)
}

var ruleWords = words[*event.Rule]{
	"name":               ruleText(func(r *event.Rule) *string { return &r.Name }),
	"subject":            ruleText(func(r *event.Rule) *string { return &r.Subject }),
	"source":             ruleText(func(r *event.Rule) *string { return &r.Source }),
	"when":               ruleText(func(r *event.Rule) *string { return &r.When }),
	"subject_expression": ruleText(func(r *event.Rule) *string { return &r.SubjectExpression }),
	"data":               ruleText(func(r *event.Rule) *string { return &r.DataExpression }),
	"correlate":          ruleText(func(r *event.Rule) *string { return &r.Correlate }),
	"on":                 parseOn,
}

func ruleText(field func(*event.Rule) *string) func(*caddyfile.Dispenser, *event.Rule) error {
	return func(d *caddyfile.Dispenser, r *event.Rule) (err error) {
		*field(r), err = one(d)
		return err
	}
}

func parseOn(d *caddyfile.Dispenser, r *event.Rule) error {
	args := d.RemainingArgs()
	if len(args) < 2 || len(args) > 4 {
		return d.ArgErr()
	}
	method := strings.ToUpper(args[0])
	if _, twice := r.Actions[method]; twice {
		return duplicate(d, "on", method)
	}
	if r.Actions == nil {
		r.Actions = map[string]event.Action{}
	}
	action := event.Action{Name: args[1]}
	if len(args) > 2 {
		action.Before = args[2]
	}
	if len(args) > 3 {
		action.After = args[3]
	}
	r.Actions[method] = action
	return nil
}

// parseAlias reads `alias <parameter> <name> <other name...>`: names that the
// register takes for the same thing.
func parseAlias(d *caddyfile.Dispenser, aliases *event.Aliases) error {
	args := d.RemainingArgs()
	if len(args) < 3 {
		return d.ArgErr()
	}
	if *aliases == nil {
		*aliases = event.Aliases{}
	}
	(*aliases)[args[0]] = append((*aliases)[args[0]], args[1:])
	return nil
}

// parseSetting reads `setting <preset> <name> <value...>`. A value that is a
// number or a boolean is one; several make a list.
func parseSetting(d *caddyfile.Dispenser, settings *event.Settings) error {
	args := d.RemainingArgs()
	if len(args) < 3 {
		return d.ArgErr()
	}
	preset, name := args[0], args[1]
	if *settings == nil {
		*settings = event.Settings{}
	}
	if (*settings)[preset] == nil {
		(*settings)[preset] = map[string]any{}
	}
	if _, twice := (*settings)[preset][name]; twice {
		return duplicate(d, "setting "+preset, name)
	}
	values := make([]any, 0, len(args)-2)
	for _, text := range args[2:] {
		values = append(values, settingValue(text))
	}
	(*settings)[preset][name] = values[0]
	if len(values) > 1 {
		(*settings)[preset][name] = values
	}
	return nil
}

func settingValue(text string) any {
	if number, err := strconv.Atoi(text); err == nil {
		return number
	}
	if truth, err := strconv.ParseBool(text); err == nil && len(text) > 1 {
		return truth
	}
	return text
}
