package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/voorpoort/voorpoort/strictjson"
)

// parseFilter reads `filter <path> <value...>`. A value without quotes that is
// a JSON number, true, false or null is that; anything else is a text. Quotes
// make a text of anything: filter data.code "12".
func parseFilter(d *caddyfile.Dispenser, w document) error {
	if !d.NextArg() {
		return d.ArgErr()
	}
	path := d.Val()
	if _, twice := w.sub("filters")[path]; twice {
		return duplicate(d, "filter", path)
	}
	var values []any
	for d.NextArg() {
		values = append(values, literal(d.Token()))
	}
	switch len(values) {
	case 0:
		return d.ArgErr()
	case 1:
		w.sub("filters")[path] = values[0]
	default:
		w.sub("filters")[path] = values
	}
	return nil
}

func literal(t caddyfile.Token) any {
	if t.Quoted() {
		return t.Text
	}
	switch strictjson.KindOf([]byte(t.Text)) {
	case strictjson.Number, strictjson.Bool, strictjson.Null:
		if strictjson.Check([]byte(t.Text), 1) == nil {
			return json.RawMessage(t.Text)
		}
	default: // a text
	}
	return t.Text
}
