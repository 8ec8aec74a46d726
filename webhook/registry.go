package webhook

// Candidates are the interceptors that may concern an event, by the way they
// are called. Each list is sorted by order, then name, and must not be changed.
// Their filters have not been evaluated: [Hook.Matches] does that, on the body
// as it is when the hook's turn comes.
type Candidates struct {
	Mutating   []*Hook // processResponse: one after another
	Validating []*Hook // side by side, on the final body
	Shadow     []*Hook // mode shadow, whatever processResponse says
}

// Registry holds the webhooks in force.
type Registry struct{}

// Snapshot is one immutable state of a registry.
type Snapshot struct{}
