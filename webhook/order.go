package webhook

import "cmp"

// OrderPolicy says what happens to the later events of a subject when an
// earlier one cannot be delivered. It is for ordered webhooks.
type OrderPolicy string

// The order policies.
const (
	// OrderPark makes a dead letter of the event that failed for good, and the
	// later ones of its subject wait until that is replayed or discarded. The
	// default.
	OrderPark OrderPolicy = "park"

	// OrderHold keeps trying the first event until it is delivered: it never
	// becomes a dead letter.
	OrderHold OrderPolicy = "hold"

	// OrderSkip lets the later events go on after skipAfter failed attempts of
	// the first, which becomes a dead letter.
	OrderSkip OrderPolicy = "skip-after"
)

var orderPolicies = []OrderPolicy{OrderPark, OrderHold, OrderSkip}

// Limits of the calls of one webhook.
const (
	MaxSkipAfter       = MaxRetries + 1 // attempts
	DefaultConcurrency = 16             // calls at the same time
	MaxConcurrency     = 256            // a webhook must not take all sockets of the machine
)

// compileOrder takes over `ordered`, `orderPolicy` and `skipAfter`.
func (h *Hook) compileOrder(w *Webhook, f *faults) {
	h.Ordered, h.SkipAfter = w.Ordered, w.SkipAfter
	policy := oneOf(cmp.Or(w.OrderPolicy, OrderPark), orderPolicies, "/orderPolicy", f)
	if w.OrderPolicy != "" && !w.Ordered {
		f.add("/orderPolicy", "needs ordered to be true")
	}
	if policy == OrderHold && (w.Configuration.DisableRetries || w.MaxRetries != nil && *w.MaxRetries == 0) {
		f.add("/orderPolicy", "hold attempts the first event until it is taken; without retries take park or skip-after")
	}
	switch {
	case policy == OrderSkip:
		within(w.SkipAfter, 1, MaxSkipAfter, "/skipAfter", f)
	case w.SkipAfter != 0:
		f.add("/skipAfter", "is only for orderPolicy %q", OrderSkip)
	}
	if w.Ordered {
		h.OrderPolicy = policy
	}
	h.Concurrency = within(cmp.Or(w.Concurrency, DefaultConcurrency), 1, MaxConcurrency, "/concurrency", f)
}
