package caddymodule

import (
	"strings"

	"github.com/voorpoort/voorpoort/event"
)

// types are those of the events that the rules of all sites can give, each once.
func (c *cockpit) types() (before, after []event.Type) {
	for _, h := range c.app.gates.list() {
		before = addTypes(before, h.table.TypesOf(event.Before))
		after = addTypes(after, h.table.TypesOf(event.After))
	}
	return before, after
}

// sources are those of the events that the rules of all sites give, and of what
// the gateway tells of itself.
func (c *cockpit) sources() []string {
	all := []string{c.app.source()}
	for _, h := range c.app.gates.list() {
		all = append(all, h.table.Sources()...)
	}
	return all
}

func addTypes(known, more []event.Type) []event.Type {
	seen := make(map[string]bool, len(known)+len(more))
	for _, t := range known {
		seen[t.Name] = true
	}
	for _, t := range more {
		if !seen[t.Name] {
			known, seen[t.Name] = append(known, t), true
		}
	}
	return known
}

// storeKind is the kind of store, for people: local or redis.
func (c *cockpit) storeKind() string {
	kind, _, _ := strings.Cut(c.app.storage.Resource(), " ")
	return kind
}
