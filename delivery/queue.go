package delivery

import "time"

// queue is what the engine knows of one lane while it runs. It outlives
// configurations; the engine's lock guards it.
type queue struct {
	id string
	at *attachment // the lane's configuration; nil if nobody knows it

	version string // of the configuration that the state below comes from
	limiter limiter
	circuit circuit
	until   time.Time // end of a pause that the receiver asked for; zero for none
	gone    bool

	due     time.Time // earliest that is known of; zero for nothing
	storeAt time.Time // not leased before: the store failed
	store   backoff
	empty   int // leases in a row that gave nothing although something was due

	reserve []*call // leased for, and not begun
	ahead   int     // how many calls more than begin at once are leased for

	leasing   bool // a turn is asking the store
	slots     int  // of the engine that this lane has
	outcomes  []finished
	finishing bool // a goroutine is storing outcomes
	stuck     bool // they cannot be stored: leasing now could send again what was sent

	leaseUse, finishUse string // names of these uses of the store

	told LaneState // what observers were told last
	heap int       // place in the heap of due lanes, from 1; 0 for none
	turn bool      // is among the ready lanes
}

func newQueue(id string) *queue {
	return &queue{
		id: id, store: storeBackoff(), told: LaneOpen,
		leaseUse: "lease of " + id, finishUse: "outcomes of " + id,
	}
}

// wakeAt is when the lane can be worked on; false is: not before something else
// changes.
func (q *queue) wakeAt() (time.Time, bool) {
	switch {
	case q.at == nil || q.at.lane.Pull || q.gone || q.stuck:
		return time.Time{}, false
	case len(q.reserve) > 0 && q.room() > 0:
		return q.paused(), true
	case q.leasing || q.due.IsZero() || q.room() <= 0 && !q.low():
		return time.Time{}, false
	}
	return latest(q.due, q.storeAt, q.paused()), true
}

// leasable is whether the store can be asked now for what is due.
func (q *queue) leasable(now time.Time) bool {
	return !q.leasing && !q.due.IsZero() && !latest(q.due, q.storeAt).After(now)
}

// low is whether the calls that run will soon have nothing to follow them.
func (q *queue) low() bool {
	return q.ahead > 0 && q.slots > 0 && !q.circuit.open() && 2*len(q.reserve) < q.ahead
}

// paused is the end of the current or latest pause.
func (q *queue) paused() time.Time { return latest(q.until, q.circuit.until) }

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// room is how many more calls may begin.
func (q *queue) room() int {
	if q.circuit.open() {
		return 1 - q.slots
	}
	return q.limiter.calls() - q.slots
}

// sendable is whether a call may begin now that has been leased for.
func (q *queue) sendable(now time.Time) bool {
	return q.at != nil && !q.at.lane.Pull && !q.gone && !q.paused().After(now)
}

// expect notes that something is due at a time.
func (q *queue) expect(due time.Time) {
	if due.IsZero() {
		return
	}
	if q.due.IsZero() || due.Before(q.due) {
		q.due = due
	}
}

// pause leaves the lane alone for a while; a longer pause stays.
func (q *queue) pause(until time.Time) {
	if until.After(q.until) {
		q.until = until
	}
}

// learn takes over what a call's result says about the receiver. Calls of an
// older configuration say nothing about the present one.
func (q *queue) learn(c *call, what response, r *Result, now time.Time) {
	if q.at == nil || q.version != c.at.lane.Version {
		return
	}
	switch what {
	case taken:
		q.circuit.succeed()
		q.limiter.grow()
	case failed, overloaded:
		q.limiter.shrink(c.round, what == overloaded)
		q.circuit.fail(q.at.lane.Breaker, c.epoch, now)
	case refused:
		q.circuit.fail(q.at.lane.Breaker, c.epoch, now)
	case throttled:
		q.limiter.shrink(c.round, false)
		q.pause(now.Add(throttle(r)))
	case gone:
		q.gone = true
	case unacceptable, interrupted:
	}
}

// renew forgets what was learnt about a receiver.
func (q *queue) renew() {
	round := q.limiter.round + 1
	q.limiter, q.circuit = newLimiter(q.at.lane.MaxConcurrent), circuit{epoch: q.circuit.epoch + 1}
	q.limiter.round = round
	q.until, q.gone = time.Time{}, false
}

// abandoned is whether nothing is known of the lane that is worth keeping.
func (q *queue) abandoned() bool {
	return q.at == nil && q.due.IsZero() && q.slots == 0 && !q.leasing && !q.finishing && len(q.outcomes) == 0 && len(q.reserve) == 0
}

func (q *queue) state(now time.Time) LaneState {
	switch {
	case q.at == nil:
		return LaneUnknown
	case q.gone:
		return LaneGone
	case q.circuit.until.After(now):
		return LaneBroken
	case q.until.After(now):
		return LaneThrottled
	case q.circuit.open():
		return LaneProbing
	}
	return LaneOpen
}

func (q *queue) status(now time.Time) LaneStatus {
	s := LaneStatus{
		Lane: q.id, State: q.state(now), Failures: q.circuit.failures,
		Calls: q.slots, Limit: q.limiter.calls(), Due: q.due,
	}
	if until := q.paused(); until.After(now) {
		s.Until = until
	}
	if q.at != nil {
		s.Name = q.at.lane.Name
	}
	if q.circuit.open() {
		s.Limit = 1
	}
	return s
}
