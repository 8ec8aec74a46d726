package caddymodule

import (
	"fmt"
	"slices"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// checkOperator says which webhook that the operator has chosen cannot be told of
// anything.
func checkOperator(names []string, hooks []*webhook.Hook) error {
	for _, name := range names {
		at := slices.IndexFunc(hooks, func(h *webhook.Hook) bool { return h.Name == name })
		if at < 0 {
			return fmt.Errorf("operator: there is no webhook %q in the configuration", name)
		}
		if !hooks[at].Subscribes {
			return fmt.Errorf("operator: webhook %q is asked before writes; events for the operator need one that is told afterwards, without intercept", name)
		}
	}
	return nil
}

// operatorTargets are the queues of the webhooks that the operator has chosen.
// None of them is told of itself.
func (a *App) operatorTargets(about string) (targets []delivery.Target) {
	for _, h := range a.inForce().All() {
		if !slices.Contains(a.Operator, h.Name) || h.Lane() == about {
			continue
		}
		target := delivery.Target{Lane: h.Lane()}
		if h.Disabled {
			target.Skip = "the webhook was disabled"
		}
		targets = append(targets, target)
	}
	return targets
}
