package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/voorpoort/voorpoort/webhook"
)

// compileWebhooks turns the webhooks of a configuration into hooks. All faults
// of all webhooks are told at once, each with its place.
func compileWebhooks(raw []json.RawMessage) ([]*webhook.Hook, error) {
	var (
		hooks []*webhook.Hook
		names = map[string]bool{}
		lanes = map[string]string{}
		fault []error
	)
	for i, document := range raw {
		h, err := compileWebhook(document)
		if err != nil {
			fault = append(fault, fmt.Errorf("webhooks[%d]: %w", i, err))
			continue
		}
		if names[h.Name] {
			fault = append(fault, fmt.Errorf("webhooks[%d]: the name %q is used twice", i, h.Name))
		}
		if other, taken := lanes[h.Lane()]; taken && !names[h.Name] {
			fault = append(fault, fmt.Errorf("webhooks[%d]: webhook %q has the uuid of %q", i, h.Name, other))
		}
		names[h.Name], lanes[h.Lane()] = true, h.Name
		hooks = append(hooks, h)
	}
	return hooks, errors.Join(fault...)
}

func compileWebhook(document json.RawMessage) (*webhook.Hook, error) {
	w, err := webhook.Parse(document)
	if err != nil {
		return nil, err
	}
	if w, err = expand(w); err != nil {
		return nil, fmt.Errorf("webhook %q: %w", w.Name, err)
	}
	return webhook.Compile(w, webhook.Defaults{})
}
