package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/voorpoort/voorpoort/event"
)

// parseRule reads one rule:
//
//	rule <resource> <path> {
//		on <METHOD[,METHOD...]> <action> [<before type> [<after type>]] { ... }
//		name <name>
//		subject <template>
//		source <URI reference>
//		when <CEL>
//		subject_expression <CEL>
//		data <CEL>
//		correlate <CEL>
//		dataschema <URI>
//		whole_seconds
//		extension <name> <value>
//		setting <name> <value...>
//	}
//
// What may stand in the block of `on` is at parseOn. The path and the subject
// name parameters in braces: /zaken/{zaak}. In a site block Caddy rewrites its
// own shorthands such as {path}, {host} and {uuid} first, so a parameter needs
// another name than those.
func parseRule(d *caddyfile.Dispenser) (event.Rule, error) {
	var r event.Rule
	if !d.AllArgs(&r.Resource, &r.Path) {
		return r, d.ArgErr()
	}
	return r, ruleWords.parseBlock(d, "rule "+r.Resource, &r)
}

var ruleWords = words[*event.Rule]{
	"on":                 parseOn,
	"name":               wordFor(func(r *event.Rule) *string { return &r.Name }),
	"subject":            wordFor(func(r *event.Rule) *string { return &r.Subject }),
	"source":             wordFor(func(r *event.Rule) *string { return &r.Source }),
	"when":               wordFor(func(r *event.Rule) *string { return &r.When }),
	"subject_expression": wordFor(func(r *event.Rule) *string { return &r.SubjectExpression }),
	"data":               wordFor(func(r *event.Rule) *string { return &r.DataExpression }),
	"correlate":          wordFor(func(r *event.Rule) *string { return &r.Correlate }),
	"dataschema":         wordFor(func(r *event.Rule) *string { return &r.DataSchema }),
	"whole_seconds":      flagFor(func(r *event.Rule) *bool { return &r.WholeSeconds }),
	"extension":          parseExtension,
	"setting":            parseRuleSetting,
}

// wordFor reads one argument into a field. A field that has a value already,
// from the line that the block belongs to, is defined twice.
func wordFor[T any](field func(T) *string) func(*caddyfile.Dispenser, T) error {
	return func(d *caddyfile.Dispenser, into T) (err error) {
		target := field(into)
		if *target != "" {
			return duplicate(d, "option", d.Val())
		}
		*target, err = one(d)
		return err
	}
}

// flagFor reads a word that stands alone.
func flagFor[T any](field func(T) *bool) func(*caddyfile.Dispenser, T) error {
	return func(d *caddyfile.Dispenser, into T) error {
		if d.NextArg() {
			return d.ArgErr()
		}
		*field(into) = true
		return nil
	}
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
