package webhook

import "sync/atomic"

// Candidates are the interceptors that may concern an event, by the way they
// are called. Each list is sorted by order, then name, and must not be changed.
// Their filters have not been evaluated: [Hook.Matches] does that, on the body
// as it is when the hook's turn comes.
type Candidates struct {
	Mutating   []*Hook // processResponse: one after another
	Validating []*Hook // side by side, on the final body
	Shadow     []*Hook // mode shadow, whatever processResponse says
}

// Empty tells whether there is no candidate at all.
func (c Candidates) Empty() bool {
	return len(c.Mutating) == 0 && len(c.Validating) == 0 && len(c.Shadow) == 0
}

// Registry holds the webhooks in force. It is safe for concurrent use: readers
// take a snapshot and never wait.
type Registry struct{ current atomic.Pointer[Snapshot] }

// NewRegistry makes a registry of hooks, in any order. Hooks in mode off are
// never candidates, and neither are interceptors that are disabled.
func NewRegistry(hooks []*Hook) *Registry {
	r := new(Registry)
	r.Replace(hooks)
	return r
}

// Snapshot gives the hooks in force now. Use one snapshot for one request.
func (r *Registry) Snapshot() *Snapshot { return r.current.Load() }

// Replace puts other hooks in force. Snapshots taken before do not change.
func (r *Registry) Replace(hooks []*Hook) { r.current.Store(newSnapshot(hooks)) }
