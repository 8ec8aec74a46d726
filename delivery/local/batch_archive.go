package local

import (
	"slices"

	"github.com/voorpoort/voorpoort/delivery"
)

func (op *replayOp) apply(b *batch) error {
	m := b.stored(op.seq)
	if m == nil {
		return delivery.ErrNotFound
	}
	l := b.lane(op.lane)
	e := b.entry(place{l.id, op.seq})
	due := max(op.due, op.now)
	switch e.state {
	case delivery.Pending:
		b.advance(l, e, due, op.now)
		return nil
	case 0:
		again := *m
		again.lanes = append(slices.Clone(m.lanes), l.id)
		b.young.messages[op.seq] = &again
	default:
		b.unsettle(l, e.state)
	}
	b.pend(l, e, record{due: due, first: due, changed: op.now, asked: op.now, flags: flagReplayed, key: e.key})
	return nil
}

// advance makes a pending delivery due at a time, unless it is being attempted.
func (b *batch) advance(l *lane, e *entry, due, now int64) {
	waiting := e.flags.has(flagWaiting)
	if !waiting && !l.withdraw(e.seq) {
		return
	}
	e.due, e.asked = due, now
	if !waiting {
		b.schedule(l, e.slot())
	}
}

func (op *discardOp) apply(b *batch) error {
	l := b.s.lane(op.lane)
	if l == nil {
		return delivery.ErrNotFound
	}
	e := b.entry(place{l.id, op.seq})
	state := e.state
	switch state {
	case 0:
		return delivery.ErrNotFound
	case delivery.Pending:
		b.unpend(l, e)
	case delivery.Dead:
		b.unsettle(l, state)
	default:
		return nil
	}
	lined := state == delivery.Pending || e.flags.has(flagParked)
	r := e.record
	r.changed = op.now
	r.flags &^= flagParked
	b.settle(l, e, delivery.Discarded, r, op.reason)
	if lined {
		b.unline(l, op.seq, r.key)
	}
	return nil
}

func (op *settleOp) apply(b *batch) error {
	l := b.s.lane(op.lane)
	if l == nil {
		return delivery.ErrNotFound
	}
	e := b.entry(place{l.id, op.seq})
	switch e.state {
	case 0:
		return delivery.ErrNotFound
	case delivery.Pending:
	default:
		return nil
	}
	b.unpend(l, e)
	e.changed = op.now
	b.settle(l, e, delivery.Delivered, e.record, "")
	b.unline(l, op.seq, e.key)
	return nil
}
