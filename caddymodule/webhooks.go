package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/voorpoort/voorpoort/webhook"
)

// compileWebhooks turns the webhooks of a configuration into hooks. All faults
// of all webhooks are told at once, each with its place.
func compileWebhooks(raw []json.RawMessage) ([]*webhook.Hook, error) {
	var (
		hooks []*webhook.Hook
		names = map[string]bool{}
		fault []error
	)
	for i, document := range raw {
		h, err := compileWebhook(document)
		if err != nil {
			fault = append(fault, fmt.Errorf("webhooks[%d]%s: %w", i, nameOf(document), err))
			continue
		}
		if names[h.Name] {
			fault = append(fault, fmt.Errorf("webhooks[%d]: the name %q is used twice", i, h.Name))
		}
		names[h.Name] = true
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
		return nil, err
	}
	return webhook.Compile(w, webhook.Defaults{})
}

// nameOf names a webhook in an error, when its document can be read at all.
func nameOf(document json.RawMessage) string {
	var named struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(document, &named) != nil || strings.TrimSpace(named.Name) == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", named.Name)
}
