package caddymodule

import (
	"sync"

	"github.com/voorpoort/voorpoort/settle"
)

// gates are the handlers of a configuration, so that a write that was held can
// find the one it came through.
type gates struct {
	mu  sync.Mutex
	all []*Handler
}

func (g *gates) add(h *Handler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, h)
}

// of gives the gate that held a write, or one whose rules say the same of it.
func (g *gates) of(i *settle.Intent) (*Handler, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var other *Handler
	for _, h := range g.all {
		if h.fingerprint == i.Handler {
			return h, true
		}
		if _, ok := h.table.Recall(i.Method, i.Path, i.Rule); ok {
			other = h
		}
	}
	return other, other != nil
}
