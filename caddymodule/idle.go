package caddymodule

import (
	"slices"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
)

// warnIdleWebhooks tells of webhooks whose events no rule of this handler can
// produce: most often a misspelled type. It is a warning, not an error, since
// another site may have the rules for them.
func (h *Handler) warnIdleWebhooks() {
	types := h.table.Types()
	if slices.ContainsFunc(types, event.Type.Templated) {
		return // the names depend on the requests: nobody can tell yet
	}
	for _, hook := range h.app.hooks.Snapshot().Hooks() {
		if !slices.ContainsFunc(types, hook.Accepts) {
			h.logger.Warn("no rule of this site produces an event that the webhook subscribed to",
				zap.String("webhook", hook.Name))
		}
	}
}
