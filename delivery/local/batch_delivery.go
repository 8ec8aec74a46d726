package local

import (
	"bytes"

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

func (b *batch) find(l *lane, seq uint64) (record, delivery.State) {
	r, state, err := find(b.deliveries, l.id, seq)
	b.note(err)
	return r, state
}

func (b *batch) write(l *lane, seq uint64, state delivery.State, r record) {
	b.put(b.deliveries, deliveryKey(l.id, state, seq), r.encode())
}

// pend stores a delivery as pending and schedules it, or has it wait for its key.
func (b *batch) pend(l *lane, seq uint64, r record) {
	c := b.counters(l.id)
	c.Pending++
	if r.key == "" {
		b.write(l, seq, delivery.Pending, r)
		b.schedule(l, slot{r.due, seq})
		return
	}
	r.flags |= flagWaiting
	b.write(l, seq, delivery.Pending, r)
	b.line(l, r.key, seq)
}

// unpend takes a pending delivery out of the index; its key goes on.
func (b *batch) unpend(l *lane, seq uint64, r record) {
	c := b.counters(l.id)
	c.Pending--
	if r.flags.has(flagFailed) {
		c.Retrying--
	}
	b.delete(b.deliveries, deliveryKey(l.id, delivery.Pending, seq))
	if !r.flags.has(flagWaiting) {
		b.unschedule(l, slot{r.due, seq})
	}
}

// settle stores a delivery in a state in which it is not attempted.
func (b *batch) settle(l *lane, seq uint64, state delivery.State, r record, reason string) {
	r.reason = reason
	r.flags &^= flagWaiting | flagFailed
	c := b.counters(l.id)
	switch state {
	case delivery.Dead:
		c.Dead++
	case delivery.Skipped:
		c.Skipped++
	default:
	}
	b.write(l, seq, state, r)
}

// unsettle takes a settled delivery out of the index.
func (b *batch) unsettle(l *lane, seq uint64, state delivery.State) {
	c := b.counters(l.id)
	switch state {
	case delivery.Dead:
		c.Dead--
	case delivery.Skipped:
		c.Skipped--
	default:
	}
	b.delete(b.deliveries, deliveryKey(l.id, state, seq))
}

// Places in the line of a key. At most one delivery of a key is in front: it is
// scheduled, and leased in its turn. It is the first of the line, except while
// one with a lower Seq was replayed during its call.
const (
	waits byte = iota
	inFront
	parks // a dead letter that those behind it wait for
)

// line puts a delivery in the line of its key. Only a new first can be put in
// front; all others have somebody before them.
func (b *batch) line(l *lane, key string, seq uint64) {
	first, _ := b.first(l, key)
	b.put(b.order, orderKey(l.id, key, seq), []byte{waits})
	if first == 0 || seq <= first {
		b.advanceLine(l, key)
	}
}

func inLine(k, prefix []byte) bool {
	return len(k) == len(prefix)+8 && bytes.HasPrefix(k, prefix)
}

// unline takes a delivery out of the line of its key.
func (b *batch) unline(l *lane, seq uint64, key string) {
	if key != "" {
		b.delete(b.order, orderKey(l.id, key, seq))
		b.advanceLine(l, key)
	}
}

// advanceLine puts the first of a line in front, unless it is parked or the one
// in front is being attempted. Behind one that is parked nothing is in front.
func (b *batch) advanceLine(l *lane, key string) {
	first, place := b.first(l, key)
	if first == 0 || place != waits {
		return
	}
	if front := b.front(l, key); front != 0 {
		if !l.withdraw(front) {
			return
		}
		b.step(l, key, front, waits)
	}
	b.step(l, key, first, inFront)
}

// first gives the beginning of a line; Seq is 0 if nobody is in it. A cursor must
// only go forward here: in a tree that a transaction has emptied pages of,
// bbolt's Last does not come to an end.
func (b *batch) first(l *lane, key string) (seq uint64, place byte) {
	k, v := b.order.Cursor().Seek(orderPrefix(l.id, key))
	if !inLine(k, orderPrefix(l.id, key)) {
		return 0, 0
	}
	return seqOf(k), v[0]
}

// front gives the Seq of the one in front, or 0.
func (b *batch) front(l *lane, key string) uint64 {
	prefix := orderPrefix(l.id, key)
	c := b.order.Cursor()
	for k, v := c.Seek(prefix); inLine(k, prefix); k, v = c.Next() {
		if v[0] == inFront {
			return seqOf(k)
		}
	}
	return 0
}

// step moves a pending delivery to the front of its line, or back.
func (b *batch) step(l *lane, key string, seq uint64, place byte) {
	r, state := b.find(l, seq)
	if state != delivery.Pending {
		b.note(errDecode)
		return
	}
	b.put(b.order, orderKey(l.id, key, seq), []byte{place})
	if place == inFront {
		r.flags &^= flagWaiting
		b.schedule(l, slot{r.due, seq})
	} else {
		r.flags |= flagWaiting
		b.unschedule(l, slot{r.due, seq})
	}
	b.write(l, seq, delivery.Pending, r)
}
