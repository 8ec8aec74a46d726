package caddymodule

import (
	"maps"
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
	meant := g.meant(i)
	if len(meant) == 0 {
		return nil, false
	}
	return meant[0], true
}

// agree tells whether all gates that may have held a write would send the same
// recover_header: with several sites under the same rules it would else go to
// another site's register.
func (g *gates) agree(i *settle.Intent) bool {
	meant := g.meant(i)
	for _, h := range meant {
		if !maps.Equal(h.recoverHeader, meant[0].recoverHeader) {
			return false
		}
	}
	return true
}

// meant are the gates that may have held a write: those with its fingerprint, or
// if there is none those whose rules say the same of it.
func (g *gates) meant(i *settle.Intent) []*Handler {
	g.mu.Lock()
	defer g.mu.Unlock()
	var same, alike []*Handler
	for _, h := range g.all {
		if h.fingerprint == i.Handler {
			same = append(same, h)
		} else if _, ok := h.table.Recall(i.Method, i.Path, i.Rule); ok {
			alike = append(alike, h)
		}
	}
	if len(same) > 0 {
		return same
	}
	return alike
}
