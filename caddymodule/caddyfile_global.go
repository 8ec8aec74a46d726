package caddymodule

import (
	"encoding/json"
	"fmt"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// parseGlobalOption reads the global option:
//
//	voorpoort {
//		source <URI reference>
//		preset <name...>
//		rule <resource> <path> { ... }
//		alias <parameter> <name> <other name...>
//		setting <preset> <name> <value...>
//		headers <name...>
//		webhook <name> { ... }
//		budget <duration>
//		max_body <size>
//		max_answer <size>
//		max_depth <number>
//		max_buffered <size>
//		max_shadow <number>
//		store local [<path>]
//		store redis <url> { ... }
//		on_store_down reject|spool [<path>]|allow
//		retention <age> [<size>]
//		egress_allow <cidr...>
//		public_url <url>
//		profile off|warn|strict
//		recover_after <duration>
//		recover_horizon <duration>
//		operator <webhook name...>
//		encryption_key <key> [<previous...>]
//	}
//
// It may be given more than once; the parts add up.
func parseGlobalOption(d *caddyfile.Dispenser, existing any) (any, error) {
	app := new(App)
	if before, ok := existing.(httpcaddyfile.App); ok {
		if err := json.Unmarshal(before.Value, app); err != nil {
			return nil, fmt.Errorf("merging voorpoort options: %w", err)
		}
	}
	if err := app.UnmarshalCaddyfile(d); err != nil {
		return nil, err
	}
	return httpcaddyfile.App{Name: appName, Value: caddyconfig.JSON(app, nil)}, nil
}

// UnmarshalCaddyfile reads the global option's blocks; the grammar stands at
// parseGlobalOption.
func (a *App) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	for d.Next() {
		if d.NextArg() {
			return d.ArgErr()
		}
		if err := globalWords.parseBlock(d, "voorpoort", a); err != nil {
			return err
		}
	}
	return nil
}

var globalWords = words[*App]{
	"source": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.Source, err = one(d)
		return err
	},
	"preset": func(d *caddyfile.Dispenser, a *App) error {
		names, err := some(d)
		a.Presets = append(a.Presets, names...)
		return err
	},
	"headers": func(d *caddyfile.Dispenser, a *App) error {
		names, err := some(d)
		a.Headers = append(a.Headers, names...)
		return err
	},
	"rule": func(d *caddyfile.Dispenser, a *App) error {
		rule, err := parseRule(d)
		a.Rules = append(a.Rules, rule)
		return err
	},
	"setting": func(d *caddyfile.Dispenser, a *App) error { return parseSetting(d, &a.Settings) },
	"alias":   func(d *caddyfile.Dispenser, a *App) error { return parseAlias(d, &a.Aliases) },
	"webhook": func(d *caddyfile.Dispenser, a *App) error {
		_, raw, err := parseWebhook(d)
		a.Webhooks = append(a.Webhooks, raw)
		return err
	},
	"budget": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.Budget, err = duration(d)
		return err
	},
	"max_body": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.MaxBody, err = size(d)
		return err
	},
	"max_answer": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.MaxAnswer, err = size(d)
		return err
	},
	"max_buffered": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.MaxBuffered, err = size(d)
		return err
	},
	"max_depth": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.MaxDepth, err = count(d)
		return err
	},
	"max_shadow": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.MaxShadow, err = count(d)
		return err
	},
	"store": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.StoreRaw, err = parseStore(d)
		return err
	},
	"on_store_down": parseStoreDown,
	"retention": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.Retention, err = parseRetention(d)
		return err
	},
	"egress_allow": func(d *caddyfile.Dispenser, a *App) error {
		prefixes, err := some(d)
		a.EgressAllow = append(a.EgressAllow, prefixes...)
		return err
	},
	"public_url": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.PublicURL, err = one(d)
		return err
	},
	"profile": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.Profile, err = oneOf(d, "off", "warn", "strict")
		return err
	},
	"operator": func(d *caddyfile.Dispenser, a *App) error {
		names, err := some(d)
		a.Operator = append(a.Operator, names...)
		return err
	},
	"encryption_key": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.EncryptionKey, err = some(d)
		return err
	},
	"recover_after": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.RecoverAfter, err = duration(d)
		return err
	},
	"recover_horizon": func(d *caddyfile.Dispenser, a *App) (err error) {
		a.RecoverHorizon, err = duration(d)
		return err
	},
}

// Interface guard.
var _ caddyfile.Unmarshaler = (*App)(nil)
