package webhook

import (
	"sync"

	"github.com/voorpoort/voorpoort/event"
)

// The types for which it is remembered which patterns cover them. A type may
// be named by the client's path (preset rest), so without a bound a client
// could fill the memory.
const (
	maxWildcardTypes = 4096
	maxWildcardName  = 256 // bytes of a type's name
)

// wildcards are the hooks with patterns that have wildcards, by pattern.
type wildcards struct {
	patterns []*pattern // each text once
	buckets  []*bucket  // one for each pattern

	mu    sync.RWMutex
	known map[event.Type][]*bucket
}

// covering gives the buckets of the patterns that cover a type.
func (w *wildcards) covering(t event.Type) []*bucket {
	if len(w.patterns) == 0 {
		return nil
	}
	w.mu.RLock()
	buckets, ok := w.known[t]
	w.mu.RUnlock()
	if ok {
		return buckets
	}
	for i, p := range w.patterns {
		if p.matches(t.Name) || t.Class != "" && p.matches(t.Class) {
			buckets = append(buckets, w.buckets[i])
		}
	}
	w.keep(t, buckets)
	return buckets
}

// keep remembers the answer for a type. When there are too many it forgets all
// of them: the types in use come back with the next requests.
func (w *wildcards) keep(t event.Type, buckets []*bucket) {
	if len(t.Name) > maxWildcardName {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil || len(w.known) >= maxWildcardTypes {
		w.known = make(map[event.Type][]*bucket)
	}
	w.known[t] = buckets
}
