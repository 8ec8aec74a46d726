package caddymodule

import (
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// warnDoubts tells of what is allowed in a webhook and probably not meant under
// the rules of this handler, such as a misspelled type. These are warnings, not
// errors, since another site may have the rules that make sense of it.
func (h *Handler) warnDoubts() {
	for _, hook := range h.app.hooks.Snapshot().All() {
		h.warnDoubt(hook)
	}
}

func (h *Handler) warnDoubt(hook *webhook.Hook) {
	if hook.Disabled || hook.Mode == webhook.Off {
		return
	}
	before, after, params := h.table.TypesOf(event.Before), h.table.TypesOf(event.After), h.table.Params()
	for _, doubt := range hook.Warnings(before, after, params) {
		h.logger.Warn("a webhook may not do what it is meant to",
			zap.String("webhook", hook.Name), zap.String("doubt", doubt))
	}
}

// warnDoubt does so for a webhook that came while the gateway runs.
func (g *gates) warnDoubt(hook *webhook.Hook) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range g.all {
		h.warnDoubt(hook)
	}
}
