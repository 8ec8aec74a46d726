package local

import (
	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// states in the order in which a delivery is looked for.
var states = []delivery.State{
	delivery.Pending, delivery.Delivered, delivery.Dead, delivery.Skipped, delivery.Discarded,
}

// find gives a delivery of a lane; state is 0 if there is none.
func find(deliveries *bbolt.Bucket, lane uint32, seq uint64) (record, delivery.State, error) {
	for _, state := range states {
		if raw := deliveries.Get(deliveryKey(lane, state, seq)); raw != nil {
			r, err := decodeRecord(raw)
			return r, state, err
		}
	}
	return record{}, 0, nil
}

// pend makes a delivery pending and schedules it, or has it wait for its key.
func (b *batch) pend(l *lane, e *entry, r record) {
	b.counters(l.id).Pending++
	e.state, e.record = delivery.Pending, r
	if r.key == "" {
		b.schedule(l, e.slot())
		return
	}
	e.flags |= flagWaiting
	b.line(l, r.key, e.seq)
}

// unpend takes a pending delivery out of the index; its key goes on.
func (b *batch) unpend(l *lane, e *entry) {
	c := b.counters(l.id)
	c.Pending--
	if e.flags.has(flagFailed) {
		c.Retrying--
	}
	if !e.flags.has(flagWaiting) {
		b.unschedule(l, e.slot())
	}
}

// settle has a delivery in a state in which it is not attempted.
func (b *batch) settle(l *lane, e *entry, state delivery.State, r record, reason string) {
	r.reason, r.asked = reason, r.changed
	r.flags &^= flagWaiting | flagFailed
	switch state {
	case delivery.Dead:
		b.counters(l.id).Dead++
	case delivery.Skipped:
		b.counters(l.id).Skipped++
	default:
	}
	e.state, e.record = state, r
}

// unsettle does not count a settled delivery any more.
func (b *batch) unsettle(l *lane, state delivery.State) {
	switch state {
	case delivery.Dead:
		b.counters(l.id).Dead--
	case delivery.Skipped:
		b.counters(l.id).Skipped--
	default:
	}
}
