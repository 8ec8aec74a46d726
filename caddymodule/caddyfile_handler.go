package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// parseHandler reads the directive:
//
//	voorpoort [<matcher>] [<preset...>] {
//		rule <resource> <path> { ... }
//		alias <parameter> <name> <other name...>
//		setting <preset> <name> <value...>
//		budget <duration>
//		max_body <size>
//		unparsed reject|pass-as-base64
//		method_override strip|honour|reject
//		relax_path <kind...>
//		guarantee at-least-once|on-response
//		public_url <url>
//		recover_header <name> <value>
//	}
func parseHandler(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	handler := new(Handler)
	return handler, handler.UnmarshalCaddyfile(h.Dispenser)
}

// UnmarshalCaddyfile reads the directive; the grammar stands at parseHandler.
func (h *Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	for d.Next() {
		h.Presets = append(h.Presets, d.RemainingArgs()...)
		if err := handlerWords.parseBlock(d, "voorpoort", h); err != nil {
			return err
		}
	}
	return nil
}

var handlerWords = words[*Handler]{
	"rule": func(d *caddyfile.Dispenser, h *Handler) error {
		rule, err := parseRule(d)
		h.Rules = append(h.Rules, rule)
		return err
	},
	"setting": func(d *caddyfile.Dispenser, h *Handler) error { return parseSetting(d, &h.Settings) },
	"alias":   func(d *caddyfile.Dispenser, h *Handler) error { return parseAlias(d, &h.Aliases) },
	"budget": func(d *caddyfile.Dispenser, h *Handler) (err error) {
		h.Budget, err = duration(d)
		return err
	},
	"max_body": func(d *caddyfile.Dispenser, h *Handler) (err error) {
		h.MaxBody, err = size(d)
		return err
	},
	"unparsed": func(d *caddyfile.Dispenser, h *Handler) (err error) {
		h.Unparsed, err = one(d)
		return err
	},
	"method_override": func(d *caddyfile.Dispenser, h *Handler) (err error) {
		h.MethodOverride, err = one(d)
		return err
	},
	"guarantee": func(d *caddyfile.Dispenser, h *Handler) (err error) {
		h.Guarantee, err = oneOf(d, guarantees...)
		return err
	},
	"public_url": func(d *caddyfile.Dispenser, h *Handler) (err error) {
		h.PublicURL, err = one(d)
		return err
	},
	"recover_header": func(d *caddyfile.Dispenser, h *Handler) error {
		return parseHeaderPair(d, &h.RecoverHeader)
	},
	"relax_path": func(d *caddyfile.Dispenser, h *Handler) error {
		kinds, err := some(d)
		h.RelaxPath = append(h.RelaxPath, kinds...)
		return err
	},
}

// Interface guard.
var _ caddyfile.Unmarshaler = (*Handler)(nil)
