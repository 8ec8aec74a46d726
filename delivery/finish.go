package delivery

import (
	"context"
	"time"
)

// patience is how often outcomes are refused together before each is tried by
// itself: one that the store can never take must not keep the others. It is
// given up when it was refused as often again.
const patience = 3

// finished is an outcome that waits to be stored. Its lease is renewed until
// it is.
type finished struct {
	Outcome
	held *held
}

// Outcomes of a lane that makes many calls at a time wait a moment for others:
// a store takes many at once for little more than it takes one.
const (
	gatherFrom = 8 // calls at the same time
	gatherFor  = time.Millisecond
)

// finish stores the outcomes of a lane that wait. One goroutine does it at a
// time for each lane; what comes meanwhile goes with its next round. It does not
// give up before the engine ends.
func (e *Engine) finish(q *queue) {
	e.mu.Lock()
	defer e.unlock()
	if q.finishing {
		return
	}
	q.finishing = true
	e.drainOutcomes(q)
}

// finishBeside has another goroutine store what waits, for a lane whose calls go
// on. The engine's lock is held.
func (e *Engine) finishBeside(q *queue) {
	if q.finishing || len(q.outcomes) == 0 {
		return
	}
	q.finishing = true
	e.active++
	go func() {
		e.mu.Lock()
		e.drainOutcomes(q)
		e.unlock()
		e.leave()
	}()
}

// drainOutcomes stores until nothing waits. The engine's lock is held, but not
// while the store is used.
func (e *Engine) drainOutcomes(q *queue) {
	for len(q.outcomes) > 0 {
		if q.gathers() {
			e.unlock()
			sleep(e.uses, gatherFor)
			e.mu.Lock()
		}
		batch := q.outcomes
		q.outcomes = nil
		e.unlock()
		e.storeOutcomes(q, batch)
		e.renewal.end(batch)
		e.mu.Lock()
		q.stuck = false
		for i := range batch {
			q.follow(&batch[i].Outcome)
		}
		if len(q.outcomes) > 0 {
			e.place(q)
		}
	}
	q.finishing = false
	e.place(q)
}

// gathers is whether outcomes wait for others: not while a later delivery may
// wait for them.
func (q *queue) gathers() bool {
	return q.slots >= gatherFrom && len(q.outcomes) < q.slots && q.at != nil && q.at.lane.Order.Policy == Unordered
}

// follow notes when an outcome makes something due again: the delivery itself,
// or the next of its key.
func (q *queue) follow(o *Outcome) {
	switch {
	case o.Verdict == Retry, o.Verdict == Restore:
		q.expect(latest(o.Due, time.Now()))
	case q.at != nil && q.at.lane.Order.Policy != Unordered:
		q.expect(time.Now())
	}
}

// storeOutcomes returns when the outcomes are stored, or the engine ends. The
// lane leases nothing while they cannot be.
func (e *Engine) storeOutcomes(q *queue, batch []finished) {
	outcomes := make([]Outcome, len(batch))
	for i := range batch {
		outcomes[i] = batch[i].Outcome
	}
	blamed, refused := false, error(nil)
	for wait := storeBackoff(); len(outcomes) > 0; {
		err := e.storeOnce(q, outcomes)
		if err == nil {
			return
		}
		if blamed && wait.failures >= 2*patience {
			refused = err
			break
		}
		e.mu.Lock()
		q.stuck = true
		e.place(q)
		e.unlock()
		if !sleep(e.uses, wait.next()) {
			return
		}
		if wait.failures >= patience && len(outcomes) > 1 {
			left := e.storeSingly(q, outcomes)
			blamed = blamed || len(left) < len(outcomes)
			outcomes = left
		}
	}
	for i := range outcomes {
		e.opt.Observer.OutcomeLost(&outcomes[i], false, refused)
	}
	e.health.note(q.finishUse, nil) // it is theirs: the store takes others
}

func (e *Engine) storeOnce(q *queue, outcomes []Outcome) error {
	return e.use(e.uses, q.finishUse, func(ctx context.Context) error {
		return e.store.Finish(ctx, outcomes...)
	})
}

// storeSingly gives the outcomes that the store still does not take. If it took
// others, the fault is theirs: they go on without their row of the log. If that
// does not help they are given up: their leases end, and they are attempted
// again.
func (e *Engine) storeSingly(q *queue, outcomes []Outcome) (left []Outcome) {
	var refused error
	for i, o := range outcomes {
		if err := e.storeOnce(q, outcomes[i:i+1]); err != nil {
			left, refused = append(left, o), err
		}
		if i+1 == patience && len(left) == patience {
			return outcomes // it is the store: not one of the first was taken
		}
	}
	if len(left) < len(outcomes) {
		for i := range left {
			if left[i].Attempt != nil {
				e.opt.Observer.OutcomeLost(&left[i], true, refused)
				left[i].Attempt = nil
			}
		}
	}
	return left
}
