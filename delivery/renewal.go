package delivery

import (
	"context"
	"sync"
	"time"
)

// held are the leases of one call, from when they are taken until its outcomes
// are stored. The renewal's lock guards it.
type held struct {
	leases []Lease
	length time.Duration           // of a renewal
	at     time.Time               // of the next renewal: a third of the time has passed
	cancel context.CancelCauseFunc // of the call while it runs

	before, after *held // in the renewal's list, which is a ring
}

// renewal extends the leases of calls that take long, or wait long for their
// turn. It does nothing about leases that are finished within a third of their
// time, which is nearly all.
type renewal struct {
	engine *Engine
	wake   chan struct{}

	mu   sync.Mutex
	ring held      // all that is held; itself it is none
	next time.Time // when the loop looks again; zero if it only waits
}

func newRenewal(e *Engine) *renewal {
	r := &renewal{engine: e, wake: make(chan struct{}, 1)}
	r.ring.before, r.ring.after = &r.ring, &r.ring
	return r
}

// add begins to renew the leases of calls.
func (r *renewal) add(now time.Time, length time.Duration, calls []*call) {
	if len(calls) == 0 {
		return
	}
	at := now.Add(min(length, calls[0].leases[0].Until.Sub(now)) / 3)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range calls {
		h := &c.held
		*h = held{leases: c.leases, length: length, at: at, before: r.ring.before, after: &r.ring}
		h.before.after, r.ring.before = h, h
	}
	if r.next.IsZero() || at.Before(r.next) {
		r.next = at
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// begin notes that the call about some leases begins; cancel is called when all
// of them are lost, which may have happened.
func (r *renewal) begin(h *held, cancel context.CancelCauseFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h.cancel = cancel; h.after == nil {
		cancel(errLeaseLost)
	}
}

// returned notes that the call about some leases has ended. They are kept until its
// outcomes are stored; should they be lost before that, it is no matter of the call
// that its worker makes next.
func (r *renewal) returned(h *held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.cancel = nil
}

// end ends the renewal of what was finished; what has ended before is passed
// over.
func (r *renewal) end(batch []finished) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range batch {
		if h := batch[i].held; h != nil {
			h.remove()
		}
	}
}

// remove takes leases out of the list.
func (h *held) remove() {
	if h.after != nil {
		h.before.after, h.after.before = h.after, h.before
		h.before, h.after = nil, nil
	}
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
	for h := r.ring.after; h != &r.ring; h = h.after {
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
	for h := r.ring.after; h != &r.ring; h = h.after {
		if !h.at.After(now.Add(h.length / 20)) {
			all[h.length] = append(all[h.length], h)
		}
	}
	return all
}

func (r *renewal) extend(ctx context.Context, length time.Duration, due []*held) error {
	e := r.engine
	var leases, lost []Lease
	r.mu.Lock()
	for _, h := range due {
		leases = append(leases, h.leases...)
	}
	r.mu.Unlock()
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
		if len(h.leases) == 0 && h.after != nil {
			if h.cancel != nil {
				h.cancel(errLeaseLost)
			}
			h.remove()
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
