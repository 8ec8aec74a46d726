package manage

import (
	"sync"
	"time"
)

// nameTable finds webhooks for those who render news.
type nameTable struct {
	byLane directory
	byName map[string]uint64
	made   time.Time
}

// nameCache keeps a nameTable for a second: the list may have thousands of
// webhooks, and news come by all the time.
type nameCache struct {
	mu      sync.Mutex
	current *nameTable
}

func (c *nameCache) table(h *Handler) *nameTable {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil || time.Since(c.current.made) > time.Second {
		c.current = &nameTable{h.directory(), h.numbersByName(), time.Now()}
	}
	return c.current
}

// refNamed is ref, with a name that is known anyway.
func (d directory) refNamed(lane, name string) webhookRef {
	ref := d.ref(lane)
	if ref.Name == nil {
		ref.Name = optional(name)
	}
	return ref
}
