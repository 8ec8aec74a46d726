package delivery

import (
	"context"
	"time"
)

// maxEmptyWait bounds the wait after a lease that gave nothing although
// something was due: the store's clock may be behind ours.
const maxEmptyWait = 100 * time.Millisecond

// turn leases for the slots that a lane was given and makes the calls, the
// first of them in the same goroutine.
func (e *Engine) turn(q *queue, at *attachment, slots int) {
	until := time.Now().Add(at.lane.Timeout + e.opt.LeaseMargin)
	var leases []Lease
	var next time.Time
	err := e.use(e.uses, "lease of "+q.id, func(ctx context.Context) (err error) {
		leases, next, err = e.store.Lease(ctx, q.id, e.limit(q, at, slots), until)
		return err
	})
	calls := e.leased(q, slots, leases, next, err)
	for i, c := range calls {
		if i > 0 {
			go e.run(q, c)
		}
	}
	if len(calls) == 0 {
		e.finish(q) // what was leased in vain
		e.leave()
		return
	}
	e.run(q, calls[0])
}

// limit is how many deliveries are leased: one if it is to probe.
func (e *Engine) limit(q *queue, at *attachment, slots int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.circuit.open() {
		return 1
	}
	return slots * at.lane.Batch
}

// leased takes over what the store gave: calls to make, one for each slot at
// most, and leases to give back if the lane cannot send any more.
func (e *Engine) leased(q *queue, slots int, leases []Lease, next time.Time, err error) []*call {
	e.mu.Lock()
	defer e.unlock()
	now := time.Now()
	q.leasing = false
	q.asked(now, len(leases), next, err)
	var calls []*call
	if !e.stopping && q.sendable(now) {
		calls, leases = q.calls(leases, slots)
	}
	q.giveUp(leases)
	q.at.begin(len(calls))
	e.active += max(len(calls)-1, 0)
	e.giveBack(q, slots-len(calls))
	e.place(q)
	return calls
}

// asked notes what the store said about the lane.
func (q *queue) asked(now time.Time, got int, next time.Time, err error) {
	if err != nil {
		q.storeAt = now.Add(q.store.next())
		q.expect(now)
		return
	}
	q.store.reset()
	q.storeAt = time.Time{}
	q.expect(next)
	if got > 0 || q.due.IsZero() || q.due.After(now) {
		q.empty = 0
		return
	}
	q.storeAt = now.Add(min(time.Millisecond<<q.empty, maxEmptyWait))
	q.empty = min(q.empty+1, 10)
}

// calls divides leases among slots, a batch for each. What is too much, because
// the configuration has changed meanwhile, is left.
func (q *queue) calls(leases []Lease, slots int) (calls []*call, left []Lease) {
	for len(leases) > 0 && len(calls) < slots {
		n := min(len(leases), q.at.lane.Batch)
		calls = append(calls, &call{
			at: q.at, leases: leases[:n:n], epoch: q.circuit.epoch, round: q.limiter.round,
		})
		leases = leases[n:]
	}
	return calls, leases
}

// giveUp returns leases that are not used. They are due at once: whoever can
// send them may.
func (q *queue) giveUp(leases []Lease) {
	for _, l := range leases {
		q.outcomes = append(q.outcomes, finished{Outcome: Outcome{Lease: l, Verdict: Restore}})
	}
}
