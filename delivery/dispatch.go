package delivery

import (
	"context"
	"time"
)

// maxSleep bounds the dispatcher's sleep while something is due later, so that
// a change of the system's clock is noticed.
const maxSleep = time.Minute

// dispatch gives turns to lanes until ctx ends.
func (e *Engine) dispatch(ctx context.Context) {
	timer := time.NewTimer(maxSleep)
	defer timer.Stop()
	for {
		e.mu.Lock()
		e.giveTurns(time.Now())
		var expired <-chan time.Time
		if len(e.due) > 0 {
			timer.Reset(min(max(time.Until(e.due[0].at), 0), maxSleep))
			expired = timer.C
		}
		e.unlock()
		select {
		case <-expired:
		case <-e.wake:
		case <-ctx.Done():
			return
		}
	}
}

// place puts a lane where its state says: among those that are ready, those
// that will be, or nowhere. It is called after each change of the state.
func (e *Engine) place(q *queue) {
	now := time.Now()
	e.tellState(q, now)
	if len(q.reserve) > 0 && !q.sendable(now) {
		e.closeLater(q.giveUpReserve())
		e.finishBeside(q)
	}
	if q.store.failures > 0 && !q.sendable(now) {
		q.store.reset() // nobody asks the store any more: it is not failing for this lane
		e.health.note(q.leaseUse, nil)
	}
	at, ok := q.wakeAt()
	switch {
	case !ok:
		e.due.remove(q)
		if q.abandoned() && !q.turn && e.lanes[q.id] == q {
			delete(e.lanes, q.id)
		}
		return
	case at.After(now):
		e.due.put(q, at)
		if q.heap == 1 {
			e.signal()
		}
		return
	}
	e.due.remove(q)
	if !q.turn {
		q.turn = true
		e.ready = append(e.ready, q)
	}
	if e.free > 0 || q.low() && q.leasable(now) {
		e.signal()
	}
}

// closeLater closes senders when the lock is released.
func (e *Engine) closeLater(unused []Sender) {
	for _, s := range unused {
		e.news.tell(s.Close)
	}
}

// giveTurns goes round the lanes that are ready once, while there are slots.
func (e *Engine) giveTurns(now time.Time) {
	for q := e.due.take(now); q != nil; q = e.due.take(now) {
		e.place(q)
	}
	for n := len(e.ready); n > 0 && !e.stopping; n-- {
		q := e.ready[0]
		e.ready = e.ready[1:]
		q.turn = false
		if at, ok := q.wakeAt(); !ok || at.After(now) {
			e.place(q)
			continue
		}
		slots := e.share(q)
		if slots == 0 && (!q.low() || !q.leasable(now)) {
			q.turn = true
			e.ready = append(e.ready, q)
			continue
		}
		e.begin(q, slots)
	}
}

// share is how many calls a lane may begin in this turn: an equal part of what
// is free, so that lanes take turns when much is due in many of them. The last
// quarter of the slots is for lanes that have less than an equal part of all:
// receivers that hang cannot take the slots that others will need.
func (e *Engine) share(q *queue) int {
	part := max(1, e.free/(len(e.ready)+1))
	unreserved := e.free - e.opt.MaxConcurrent/4
	below := max(1, e.opt.MaxConcurrent/(e.busy+1)) - q.slots
	return max(0, min(q.room(), part, max(unreserved, below)))
}

// begin uses slots for a lane: for calls that it has leased for, and for a turn
// if there is more to lease.
func (e *Engine) begin(q *queue, slots int) {
	now := time.Now()
	e.take(q, slots)
	for _, c := range q.start(slots) {
		slots--
		e.active++
		go e.work(q, c)
	}
	if !q.leasable(now) || slots == 0 && !q.low() {
		e.giveBack(q, slots)
		e.place(q)
		return
	}
	q.leasing = true
	q.due = time.Time{}
	e.active++
	go e.turn(q, q.at, slots)
}

func (e *Engine) take(q *queue, slots int) {
	if q.slots == 0 && slots > 0 {
		e.busy++
	}
	q.slots += slots
	e.free -= slots
}

func (e *Engine) giveBack(q *queue, slots int) {
	if slots == 0 {
		return
	}
	q.slots -= slots
	e.free += slots
	if q.slots == 0 {
		e.busy--
	}
	if len(e.ready) > 0 {
		e.signal()
	}
}

// tellState tells observers of a lane that came into another state.
func (e *Engine) tellState(q *queue, now time.Time) {
	s := q.status(now)
	if s.State == q.told || s.State == LaneUnknown && (!e.unknown || q.due.IsZero()) {
		return
	}
	q.told = s.State
	e.news.tell(func() { e.opt.Observer.LaneChanged(s) })
}
