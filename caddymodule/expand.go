package caddymodule

import (
	"github.com/caddyserver/caddy/v2"

	"github.com/voorpoort/voorpoort/webhook"
)

// expand replaces the placeholders in what an operator wrote, once, while the
// configuration is loaded. Nothing that comes from a request is ever expanded.
// An unset variable or an unreadable file is an error: an empty secret would
// sign nothing.
func expand(w webhook.Webhook) (webhook.Webhook, error) {
	replacer := caddy.NewReplacer()
	var fault error
	expanded := w.Expand(func(text string) string {
		value, err := replacer.ReplaceOrErr(text, true, true)
		if err != nil && fault == nil {
			fault = err
		}
		return value
	})
	return expanded, fault
}
