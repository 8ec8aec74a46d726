package delivery

import (
	"context"
	"sync"
	"time"
)

// held are the leases of one call, from its beginning until its outcomes are
// stored. The renewal's lock guards it.
type held struct {
	leases []Lease
	length time.Duration // of a renewal
	at     time.Time     // of the next renewal: a third of the time has passed
	cancel context.CancelCauseFunc
}

// renewal extends the leases of calls that take long. It does nothing about
// calls that end within a third of their lease, which is nearly all.
type renewal struct {
	engine *Engine
	wake   chan struct{}

	mu   sync.Mutex
	held map[*held]struct{}
	next time.Time // when the loop looks again; zero if it only waits
}

func newRenewal(e *Engine) *renewal {
	return &renewal{engine: e, wake: make(chan struct{}, 1), held: map[*held]struct{}{}}
}

// add begins to renew leases. cancel is called when all of them are lost.
func (r *renewal) add(leases []Lease, length time.Duration, cancel context.CancelCauseFunc) *held {
	now := time.Now()
	h := &held{leases: leases, length: length, cancel: cancel}
	h.at = now.Add(min(length, leases[0].Until.Sub(now)) / 3)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[h] = struct{}{}
	if r.next.IsZero() || h.at.Before(r.next) {
		r.next = h.at
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
	return h
}

// end ends the renewal; nil and what has ended are passed over.
func (r *renewal) end(h *held) {
	if h == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.held, h)
}

// run renews until ctx ends.
func (r *renewal) run(ctx context.Context) {
	wait := storeBackoff()
	for {
		r.mu.Lock()
		next := r.next
		r.mu.Unlock()
		var expired <-chan time.Time
		if !next.IsZero() {
			expired = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-expired:
			r.renew(ctx, &wait)
		}
	}
}

// renew extends what is due, in one use of the store for each length, and plans
// the next look. What could not be extended is tried again soon.
func (r *renewal) renew(ctx context.Context, wait *backoff) {
	later := time.Now()
	all := r.due(later)
	if len(all) == 0 {
		r.engine.health.note("leases", nil) // what could not be extended has ended
		r.engine.news.deliver()
	}
	for length, due := range all {
		if err := r.extend(ctx, length, due); err != nil {
			later = later.Add(wait.next())
			break
		}
		wait.reset()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = time.Time{}
	for h := range r.held {
		if h.at.Before(later) {
			h.at = later
		}
		if r.next.IsZero() || h.at.Before(r.next) {
			r.next = h.at
		}
	}
}

// due gives what is to be renewed by length: also what would be soon.
func (r *renewal) due(now time.Time) map[time.Duration][]*held {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[time.Duration][]*held{}
	for h := range r.held {
		if !h.at.After(now.Add(h.length / 20)) {
			all[h.length] = append(all[h.length], h)
		}
	}
	return all
}

func (r *renewal) extend(ctx context.Context, length time.Duration, due []*held) error {
	e := r.engine
	var leases, lost []Lease
	for _, h := range due {
		leases = append(leases, h.leases...)
	}
	now := time.Now()
	err := e.use(ctx, "leases", func(ctx context.Context) (err error) {
		lost, err = e.store.Extend(ctx, now.Add(length), leases...)
		return err
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range due {
		h.at = now.Add(length / 3)
		h.lose(lost)
		if len(h.leases) == 0 {
			h.cancel(errLeaseLost)
			delete(r.held, h)
		}
	}
	return nil
}

// lose takes out the leases that are lost.
func (h *held) lose(lost []Lease) {
	if len(lost) == 0 {
		return
	}
	var kept []Lease
	for _, l := range h.leases {
		if !contains(lost, l) {
			kept = append(kept, l)
		}
	}
	h.leases = kept
}

func contains(leases []Lease, l Lease) bool {
	for _, x := range leases {
		if x.Lane == l.Lane && x.Message.Seq == l.Message.Seq && x.Token == l.Token {
			return true
		}
	}
	return false
}
