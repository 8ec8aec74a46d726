package delivery

import (
	"slices"
	"sync"
	"time"
)

// generation is what was attached together.
type generation struct{ attachments []*attachment }

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
	e.mu.Lock()
	g := e.attach(lanes)
	e.tellUnknown()
	e.unlock()
	return sync.OnceFunc(func() { e.detach(g) })
}

// AttachEach is Attach for lanes that come together and go one by one: for each
// it gives what detaches it.
func (e *Engine) AttachEach(lanes []Lane) (detach []func()) {
	if len(lanes) == 0 {
		return nil
	}
	detach = make([]func(), len(lanes))
	e.mu.Lock()
	for i := range lanes {
		g := e.attach(lanes[i : i+1])
		detach[i] = sync.OnceFunc(func() { e.detach(g) })
	}
	e.tellUnknown()
	e.unlock()
	return detach
}

// attach makes a generation of lanes.
func (e *Engine) attach(lanes []Lane) *generation {
	g := &generation{attachments: make([]*attachment, len(lanes))}
	for i, l := range lanes {
		a := newAttachment(l)
		g.attachments[i] = a
		e.attached[l.ID] = append(e.attached[l.ID], a)
	}
	e.generations++
	e.rebind(g)
	return g
}

// tellUnknown tells of lanes that nobody knows, which could not be said before
// the first ones were attached.
func (e *Engine) tellUnknown() {
	if e.unknown {
		return
	}
	e.unknown = true
	now := time.Now()
	for _, q := range e.lanes {
		e.tellState(q, now)
	}
}

func (e *Engine) detach(g *generation) {
	e.mu.Lock()
	if e.generations--; e.generations == 0 {
		e.unknown = false
	}
	for _, a := range g.attachments {
		id := a.lane.ID
		e.attached[id] = slices.DeleteFunc(e.attached[id], func(x *attachment) bool { return x == a })
		if len(e.attached[id]) == 0 {
			delete(e.attached, id)
		}
	}
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
	for _, a := range g.attachments {
		id := a.lane.ID
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
	all := e.attached[lane]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
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
