package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/strictjson"
)

// parseSetting reads `setting <preset> <name> <value...>`.
func parseSetting(d *caddyfile.Dispenser, settings *event.Settings) error {
	var preset, name string
	if !d.Args(&preset, &name) {
		return d.ArgErr()
	}
	if *settings == nil {
		*settings = event.Settings{}
	}
	values := (*settings)[preset]
	err := putSetting(d, "setting "+preset, name, &values)
	(*settings)[preset] = values
	return err
}

// parseRuleSetting reads `setting <name> <value...>`.
func parseRuleSetting(d *caddyfile.Dispenser, r *event.Rule) error {
	var name string
	if !d.Args(&name) {
		return d.ArgErr()
	}
	return putSetting(d, "setting", name, &r.Settings)
}

// parseExtension reads `extension <name> <value>`.
func parseExtension(d *caddyfile.Dispenser, r *event.Rule) error {
	var name string
	if !d.Args(&name) {
		return d.ArgErr()
	}
	if d.CountRemainingArgs() != 1 {
		return d.ArgErr()
	}
	return putSetting(d, "extension", name, &r.Extensions)
}

// putSetting reads the values of a name that has none yet: one is itself,
// several make a list.
func putSetting(d *caddyfile.Dispenser, what, name string, into *map[string]any) error {
	if _, twice := (*into)[name]; twice {
		return duplicate(d, what, name)
	}
	var values []any
	for d.NextArg() {
		values = append(values, settingValue(d.Token()))
	}
	if len(values) == 0 {
		return d.ArgErr()
	}
	if *into == nil {
		*into = map[string]any{}
	}
	(*into)[name] = values[0]
	if len(values) > 1 {
		(*into)[name] = values
	}
	return nil
}

// settingValue is a number, a boolean or a list if the word is one in JSON and
// has no quotes around it, such as 40, true or ["a"]; and a text otherwise. A
// list of one can only be told from its element in this way.
func settingValue(t caddyfile.Token) any {
	if t.Quoted() {
		return t.Text
	}
	switch strictjson.KindOf([]byte(t.Text)) {
	case strictjson.Number, strictjson.Bool, strictjson.Array:
		var value any
		if json.Unmarshal([]byte(t.Text), &value) == nil {
			return value
		}
	default: // a text
	}
	return t.Text
}
