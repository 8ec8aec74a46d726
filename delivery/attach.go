package delivery

import (
	"slices"
	"sync"
	"time"
)

// generation is what one configuration attached.
type generation struct {
	attachments []*attachment
	byLane      map[string]*attachment
}

// attachment is a lane of a generation, with the calls that use its sender.
type attachment struct {
	lane     Lane
	bounded  bool // the sender ends its calls in time by itself
	calls    int  // that run or are about to
	detached bool
}

func newAttachment(l Lane) *attachment {
	a := &attachment{lane: l.withDefaults()}
	if s, ok := a.lane.Sender.(BoundedSender); ok {
		a.bounded = s.Timeout() > 0 && s.Timeout() <= a.lane.Timeout
	}
	return a
}

// Attach adds the lanes of a configuration. For each lane the newest
// configuration that has it counts; an older one counts again when the newer is
// detached. Calls that are running end as they began, with the sender that they
// have; what they come to is judged by their own configuration as well.
//
// From now on the senders are the engine's: after detach it closes each when
// its last call has ended. detach does not wait for that, and may be called
// again. Lanes are expected to be valid, see [Lane.Validate], and of two with
// the same ID the last counts.
//
// Deliveries of a lane that no configuration has stay where they are, and
// [Observer] is told once.
func (e *Engine) Attach(lanes []Lane) (detach func()) {
	g := &generation{byLane: make(map[string]*attachment, len(lanes))}
	for _, l := range lanes {
		a := newAttachment(l)
		g.attachments = append(g.attachments, a)
		g.byLane[l.ID] = a
	}
	e.mu.Lock()
	e.generations = append(e.generations, g)
	e.rebind(g)
	for _, q := range e.lanes {
		e.tellState(q, time.Now()) // those that nobody knows
	}
	e.unlock()
	return sync.OnceFunc(func() { e.detach(g) })
}

func (e *Engine) detach(g *generation) {
	e.mu.Lock()
	e.generations = slices.DeleteFunc(e.generations, func(x *generation) bool { return x == g })
	e.rebind(g)
	var unused []Sender
	for _, a := range g.attachments {
		a.detached = true
		if a.calls == 0 && a.lane.Sender != nil {
			unused = append(unused, a.lane.Sender)
		}
	}
	e.unlock()
	for _, s := range unused {
		s.Close()
	}
}

// rebind gives the lanes of a generation that came or went the configuration
// that counts now.
func (e *Engine) rebind(g *generation) {
	for id := range g.byLane {
		q, now := e.queueOf(id), e.current(id)
		if q.at != now { // what was leased for the old one is leased again
			e.closeLater(q.giveUpReserve())
		}
		q.bind(now)
		e.finishBeside(q)
		e.place(q)
	}
}

// current is the configuration of a lane that counts; nil if there is none.
func (e *Engine) current(lane string) *attachment {
	for _, g := range slices.Backward(e.generations) {
		if a := g.byLane[lane]; a != nil {
			return a
		}
	}
	return nil
}

func (q *queue) bind(a *attachment) {
	known := q.limiter.max > 0
	q.at = a
	switch {
	case a == nil:
		return
	case !known || q.version != a.lane.Version:
		q.renew()
	default:
		q.limiter.resize(a.lane.MaxConcurrent)
	}
	q.version = a.lane.Version
	q.expect(time.Now()) // one look; Watch told of the lane only if there was something
}

// begin counts calls in; there are none of a lane that is not attached.
func (a *attachment) begin(calls int) {
	if calls > 0 {
		a.calls += calls
	}
}

// release counts a call out, and gives the sender that is to be closed now.
func (a *attachment) release() Sender {
	a.calls--
	if a.detached && a.calls == 0 {
		return a.lane.Sender
	}
	return nil
}
