package caddymodule

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// parseStore reads `store <kind> ...`: a module of the namespace voorpoort.stores.
func parseStore(d *caddyfile.Dispenser) (json.RawMessage, error) {
	if !d.NextArg() {
		return nil, d.ArgErr()
	}
	kind := d.Val()
	if _, err := caddy.GetModule(storageNamespace + "." + kind); err != nil {
		return nil, d.Errf("store %q is not known; it is one of: %s", kind, strings.Join(storageKinds(), ", "))
	}
	module, err := caddyfile.UnmarshalModule(d, storageNamespace+"."+kind)
	if err != nil {
		return nil, err
	}
	return caddyconfig.JSONModuleObject(module, storageKey, kind, nil), nil
}

// storageKinds are the names of the stores that this program has.
func storageKinds() []string {
	modules := caddy.GetModules(storageNamespace)
	kinds := make([]string, 0, len(modules))
	for _, m := range modules {
		kinds = append(kinds, m.ID.Name())
	}
	return kinds
}

// parseStoreDown reads `on_store_down reject|spool [<path>]|allow`.
func parseStoreDown(d *caddyfile.Dispenser, a *App) error {
	args := d.RemainingArgs()
	if len(args) == 0 {
		return d.ArgErr()
	}
	policy, rest := args[0], args[1:]
	switch {
	case !slices.Contains(storeDownPolicies, policy):
		return d.Errf("on_store_down %q is not known; it is one of: %s", policy, strings.Join(storeDownPolicies, ", "))
	case len(rest) > 1, len(rest) == 1 && policy != storeDownSpool:
		return d.ArgErr()
	}
	a.OnStoreDown, a.Spool = policy, nil
	if len(rest) == 1 {
		a.Spool = &Spool{Path: rest[0]}
	}
	return nil
}

// parseRetention reads `retention <age> [<size>]`.
func parseRetention(d *caddyfile.Dispenser) (*Retention, error) {
	args := d.RemainingArgs()
	if len(args) == 0 || len(args) > 2 {
		return nil, d.ArgErr()
	}
	age, err := caddy.ParseDuration(args[0])
	if err != nil || age <= 0 {
		return nil, d.Errf("retention %q is not a duration above zero; write for example 30d or 72h", args[0])
	}
	r := &Retention{Age: caddy.Duration(age)}
	if len(args) == 2 {
		bytes, err := parseSize(args[1])
		if err != nil {
			return nil, d.Errf("retention: %v", err)
		}
		r.Size = bytes
	}
	return r, nil
}

// parseHeaderPair reads `<name> <value>`.
func parseHeaderPair(d *caddyfile.Dispenser, into *map[string]string) error {
	var name, value string
	word := d.Val()
	if !d.AllArgs(&name, &value) {
		return d.ArgErr()
	}
	if *into == nil {
		*into = map[string]string{}
	}
	if _, twice := (*into)[name]; twice {
		return duplicate(d, word, name)
	}
	(*into)[name] = value
	return nil
}

// checkRetention refuses what would lose events that are still to be delivered
// a second time by hand, or nothing at all.
func checkRetention(r *Retention) error {
	switch {
	case r == nil:
		return nil
	case r.Age < 0 || r.Size < 0:
		return fmt.Errorf("retention: age and size cannot be negative")
	case int64(r.Age) == math.MaxInt64:
		return fmt.Errorf("retention: age is too long")
	}
	return nil
}
