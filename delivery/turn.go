package delivery

import (
	"context"
	"time"
)

// maxEmptyWait bounds the wait after a lease that gave nothing although
// something was due: the store's clock may be behind ours.
const maxEmptyWait = 100 * time.Millisecond

// turn leases for the slots that a lane was given, and for calls that follow
// them, and makes the calls, the first of them in the same goroutine.
func (e *Engine) turn(q *queue, at *attachment, slots int) {
	until := time.Now().Add(at.lane.Timeout + e.opt.LeaseMargin)
	limit := e.limit(q, at, slots)
	var leases []Lease
	var next time.Time
	err := e.use(e.uses, q.leaseUse, func(ctx context.Context) (err error) {
		leases, next, err = e.store.Lease(ctx, q.id, limit, until)
		return err
	})
	calls := e.leased(q, slots, limit, leases, next, err)
	for i, c := range calls {
		if i > 0 {
			go e.work(q, c)
		}
	}
	if len(calls) == 0 {
		e.finish(q) // what was leased in vain
		e.leave()
		return
	}
	e.work(q, calls[0])
}

// limit is how many deliveries are leased: one if it is to probe.
func (e *Engine) limit(q *queue, at *attachment, slots int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.circuit.open() {
		return 1
	}
	return max(slots+q.ahead-len(q.reserve), 1) * at.lane.Batch
}

// leased takes over what the store gave: calls to make, one for each slot at
// most, calls to make later, and leases to give back if the lane cannot send any
// more.
func (e *Engine) leased(q *queue, slots, limit int, leases []Lease, next time.Time, err error) []*call {
	e.mu.Lock()
	defer e.unlock()
	now := time.Now()
	q.leasing = false
	q.asked(now, len(leases), next, err)
	q.plan(len(leases) == limit)
	if e.stopping || !q.sendable(now) {
		q.giveUp(leases)
	} else {
		calls := q.calls(leases)
		e.renewal.add(now, q.at.lane.Timeout+e.opt.LeaseMargin, calls)
		q.reserve = append(q.reserve, calls...)
		q.at.begin(len(calls))
	}
	calls := q.start(slots)
	e.active += max(len(calls)-1, 0)
	e.giveBack(q, slots-len(calls))
	e.place(q)
	return calls
}

// plan says how many calls ahead are leased for next time: as many as run, when
// there is more to do than can be done at once, and none before that is known.
func (q *queue) plan(more bool) {
	if !more || q.circuit.open() {
		q.ahead = 0
		return
	}
	q.ahead = min(max(2*q.ahead, 1), q.limiter.calls())
}

// start takes calls out of the reserve.
func (q *queue) start(slots int) []*call {
	n := min(slots, len(q.reserve))
	calls := q.reserve[:n:n]
	q.reserve = q.reserve[n:]
	for _, c := range calls {
		c.epoch, c.round = q.circuit.epoch, q.limiter.round
	}
	return calls
}

// following is the next call in a slot whose call has ended; nil if the slot is
// to be given back.
func (e *Engine) following(q *queue, now time.Time) *call {
	if len(q.reserve) == 0 || e.stopping || q.stuck || !q.sendable(now) || q.room() < 0 || e.crowded(q) {
		return nil
	}
	return q.start(1)[0]
}

// crowded is whether other lanes wait for slots of which this one has more than
// its part.
func (e *Engine) crowded(q *queue) bool {
	return len(e.ready) > 0 && q.slots > max(1, e.opt.MaxConcurrent/(e.busy+1))
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

// calls divides leases into calls, a batch for each.
func (q *queue) calls(leases []Lease) (calls []*call) {
	all := make([]call, (len(leases)+q.at.lane.Batch-1)/q.at.lane.Batch)
	calls = make([]*call, len(all))
	for i := range all {
		n := min(len(leases), q.at.lane.Batch)
		all[i].at, all[i].leases = q.at, leases[:n:n]
		calls[i] = &all[i]
		leases = leases[n:]
	}
	return calls
}

// giveUp returns leases that are not used. They are due at once: whoever can
// send them may.
func (q *queue) giveUp(leases []Lease) {
	for _, l := range leases {
		q.outcomes = append(q.outcomes, finished{Outcome: Outcome{Lease: l, Verdict: Restore}})
	}
}

// giveUpReserve returns what was leased for later, and the senders that have no
// calls any more.
func (q *queue) giveUpReserve() (unused []Sender) {
	for _, c := range q.reserve {
		for _, l := range c.leases {
			q.outcomes = append(q.outcomes, finished{held: &c.held, Outcome: Outcome{Lease: l, Verdict: Restore}})
		}
		if s := c.at.release(); s != nil {
			unused = append(unused, s)
		}
	}
	q.reserve = nil
	return unused
}
