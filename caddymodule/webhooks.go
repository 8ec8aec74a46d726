package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/webhook"
)

// compileWebhooks turns the webhooks of a configuration into hooks. All faults
// of all webhooks are told at once, each with its place.
func compileWebhooks(raw []json.RawMessage) ([]catalogue.Fixed, error) {
	var (
		hooks []catalogue.Fixed
		names = map[string]bool{}
		lanes = map[string]string{}
		fault []error
	)
	for i, document := range raw {
		w, h, err := compileWebhook(document)
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
		hooks = append(hooks, catalogue.Fixed{Webhook: w, Hook: h})
	}
	return hooks, errors.Join(fault...)
}

func compileWebhook(document json.RawMessage) (webhook.Webhook, *webhook.Hook, error) {
	w, err := webhook.Parse(document)
	if err != nil {
		return w, nil, err
	}
	if w, err = expand(w); err != nil {
		return w, nil, fmt.Errorf("webhook %q: %w", w.Name, err)
	}
	h, err := webhook.Compile(w, webhook.Defaults{})
	return w, h, err
}
