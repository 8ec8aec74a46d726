package delivery

import (
	"context"
	"errors"
	"sync"
)

// health knows which of the engine's uses of the store fail at the moment. The
// store counts as failing from the first failure until none of them fails.
type health struct {
	mu      sync.Mutex
	failing map[string]error // by use
	changed func(error)      // called with mu held: nil for recovered
}

// note takes the result of one use of the store. That we stopped is no failure.
func (h *health) note(use string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		if _, failed := h.failing[use]; !failed {
			return
		}
		delete(h.failing, use)
		if len(h.failing) == 0 {
			h.changed(nil)
		}
		return
	}
	if len(h.failing) == 0 {
		h.changed(err)
	}
	h.failing[use] = err
}

// err gives one of the current failures.
func (h *health) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, err := range h.failing {
		return err
	}
	return nil
}
