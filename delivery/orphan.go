package delivery

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Recoverer finds out what became of a write whose gateway is gone. With an
// error the hold stays, and is tried again: by another gateway if it is a
// [ForeignError] and the store a [Disclaimer]. It is safe for concurrent use, and
// returns soon after ctx ends.
type Recoverer interface {
	Recover(ctx context.Context, h Hold) (Recovery, error)
}

// Recovery is what a Recoverer found out.
type Recovery struct {
	Messages []Message // that are to be told of the write; none if it did not happen

	// OnKept, if there is one, is called when the store has it: the messages are
	// stored and the hold is gone. It is not called when the store fails, or when
	// somebody else has settled the write meanwhile.
	OnKept func()
}

// Kept tells that the store has it.
func (r Recovery) Kept() {
	if r.OnKept != nil {
		r.OnKept()
	}
}

// ForeignError says of a hold that this gateway cannot settle it, and that another
// on the same store may be able to.
type ForeignError struct{ Err error }

func (e *ForeignError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *ForeignError) Unwrap() error { return e.Err }

// Disclaimer is a store that several gateways share.
type Disclaimer interface {
	// Disclaim makes a hold nobody's, whosever it is: everybody may release it.
	// Orphans of other gateways give it at once, those of this one after a minute
	// at the earliest. It must not be that of a request which is under way.
	// errors.ErrUnsupported says that no other gateway could have it.
	Disclaim(ctx context.Context, hold string) error
}

// Bounds of the work on orphans. What is not claimed stays for other gateways.
const (
	maxOrphans       = 1000 // claimed and not settled: they are in memory
	orphansAtOnce    = 4    // the register has clients to serve as well
	minOrphanBackoff = time.Second
	maxOrphanBackoff = time.Minute
)

// orphan is a claimed hold that is not settled.
type orphan struct {
	hold Hold
	at   time.Time // of the next try
	wait backoff
}

// orphanage has the claimed holds, and is used by one goroutine.
type orphanage struct {
	engine *Engine
	held   []*orphan
	look   time.Time // for more
	wait   backoff   // after a failed look
}

// recoverOrphans settles orphans until ctx ends. What was claimed and not
// settled by then is the store's to give out again.
func (e *Engine) recoverOrphans(ctx context.Context) {
	o := &orphanage{engine: e, wait: storeBackoff(), look: time.Now()}
	for {
		if now := time.Now(); !o.look.After(now) {
			o.claim(ctx, now)
		}
		o.settle(ctx)
		if !sleep(ctx, time.Until(o.next())) {
			return
		}
	}
}

// claim looks for more. It looks again at once while there are more.
func (o *orphanage) claim(ctx context.Context, now time.Time) {
	o.look = now.Add(o.engine.opt.OrphanInterval)
	limit := min(maxOrphans-len(o.held), 100)
	if limit <= 0 {
		return
	}
	var holds []Hold
	err := o.engine.use(ctx, "orphans", func(ctx context.Context) (err error) {
		holds, err = o.engine.store.Orphans(ctx, limit)
		return err
	})
	for _, h := range holds { // also beside an error: they are not given again
		o.held = append(o.held, &orphan{hold: h, at: now, wait: backoff{first: minOrphanBackoff, most: maxOrphanBackoff}})
	}
	if err != nil {
		o.look = now.Add(o.wait.next())
		return
	}
	o.wait.reset()
	if len(holds) == limit {
		o.look = now
	}
}

// next is when there is something to do.
func (o *orphanage) next() time.Time {
	next := o.look
	for _, h := range o.held {
		if h.at.Before(next) {
			next = h.at
		}
	}
	return next
}

// settle tries all that are due, a few at a time, and keeps the others.
func (o *orphanage) settle(ctx context.Context) {
	var due, kept []*orphan
	now := time.Now()
	for _, h := range o.held {
		if h.at.After(now) {
			kept = append(kept, h)
			continue
		}
		due = append(due, h)
	}
	settled := make([]bool, len(due))
	var group sync.WaitGroup
	slots := make(chan struct{}, orphansAtOnce)
	for i, h := range due {
		slots <- struct{}{}
		group.Go(func() {
			settled[i] = o.engine.settleOrphan(ctx, h.hold)
			<-slots
		})
	}
	group.Wait()
	for i, h := range due {
		if !settled[i] {
			h.at = time.Now().Add(h.wait.next())
			kept = append(kept, h)
		}
	}
	o.held = kept
}

// settleOrphan tries one orphan, and tells whether it is off this gateway's hands.
func (e *Engine) settleOrphan(ctx context.Context, h Hold) bool {
	if ctx.Err() != nil {
		return false
	}
	found, err := e.recoverOrphan(ctx, h)
	switch {
	case err == nil:
		found.Kept()
	case errors.Is(err, ErrNoHold):
		err = nil // settled by its owner after all
	}
	if ctx.Err() != nil && err != nil {
		return false
	}
	e.opt.Observer.OrphanTried(h, len(found.Messages), err)
	return err == nil || e.disclaim(ctx, h, err)
}

// disclaim gives a hold back that is not for this gateway.
func (e *Engine) disclaim(ctx context.Context, h Hold, why error) bool {
	var foreign *ForeignError
	shared, ok := e.store.(Disclaimer)
	if !ok || !errors.As(why, &foreign) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, e.opt.StoreTimeout)
	defer cancel()
	return shared.Disclaim(ctx, h.ID) == nil
}

// recoverOrphan asks what became of the write and releases the hold. That a
// hold cannot be released may be the fault of its messages: it does not count as
// a failure of the store.
func (e *Engine) recoverOrphan(ctx context.Context, h Hold) (Recovery, error) {
	timed, cancel := context.WithTimeout(ctx, e.opt.RecoverTimeout)
	defer cancel()
	found, err := e.opt.Recoverer.Recover(timed, h)
	if err != nil {
		return Recovery{}, err
	}
	timed, cancel = context.WithTimeout(ctx, e.opt.StoreTimeout)
	defer cancel()
	return found, e.store.Release(timed, h.ID, found.Messages...)
}
