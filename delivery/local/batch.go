package local

import (
	"slices"

	"github.com/voorpoort/voorpoort/delivery"
)

// batch is some operations that change the young layer, with what follows from
// it in memory.
type batch struct {
	reader
	young   *layer
	changes []change
}

// change is what becomes of a delivery in a lane's schedule.
type change struct {
	lane *lane
	slot slot
	due  bool // it may be leased at its time; otherwise it leaves the schedule

	// ended tells that it is due again because its lease was finished. Without
	// it a delivery that is leased or finished has been read from the index
	// before memory followed, and the change is behind the times.
	ended bool
}

// newBatch gives a batch for a young layer and the one below it, nil for none.
func newBatch(s *Store, young, old *layer) *batch {
	return &batch{reader: reader{s: s, layers: [2]*layer{young, old}}, young: young}
}

// entry gives a delivery to be changed.
func (b *batch) entry(at place) *entry {
	if e := b.young.deliveries[at]; e != nil {
		return e
	}
	e := &entry{place: at}
	if old := b.reader.entry(1, at); old != nil {
		e.state, e.record = old.state, old.record
	} else {
		e.record, e.state = b.filed(at)
	}
	e.before.state, e.before.due, e.before.slot = e.state, e.due, e.scheduled()
	b.young.put(e)
	return e
}

// fresh gives a delivery of a message that is new.
func (b *batch) fresh(at place) *entry {
	e := &entry{place: at}
	b.young.put(e)
	return e
}

// lane gives a lane, which it makes if it is new.
func (b *batch) lane(name string) *lane {
	if l := b.s.lane(name); l != nil {
		return l
	}
	b.young.next.lane++
	l := newLane(b.s, uint32(b.young.next.lane), name)
	l.complete = true
	b.s.addLane(l)
	b.young.lanes = append(b.young.lanes, l)
	return l
}

// counters gives what is counted of a lane, to be changed.
func (b *batch) counters(lane uint32) *counters {
	c := b.young.counted[lane]
	if c == nil {
		read := b.reader.counters(lane)
		c = &read
		b.young.counted[lane] = c
	}
	return c
}

// all gives what is counted of all lanes together.
func (b *batch) all() *counters { return b.counters(0) }

// schedule has memory follow a delivery that is due.
func (b *batch) schedule(l *lane, s slot) {
	b.changes = append(b.changes, change{lane: l, slot: s, due: true})
}

// unschedule has memory follow a delivery that is not due any more.
func (b *batch) unschedule(l *lane, s slot) {
	b.changes = append(b.changes, change{lane: l, slot: s})
}

func (h *holdOp) apply(b *batch) error {
	b.young.holds[h.ID] = h
	return nil
}

func (op *appendOp) apply(b *batch) error {
	if op.hold != "" {
		if b.young.holds[op.hold] != nil {
			delete(b.young.holds, op.hold)
		} else {
			b.young.settled = append(b.young.settled, holdKey(op.created, op.hold))
		}
	}
	for i := range op.messages {
		b.append(op.stored, &op.messages[i])
	}
	return nil
}

// append stores a message that is not there yet.
func (b *batch) append(stored int64, m *appended) {
	n := name{m.Source, m.ID}
	if b.named(n) {
		return
	}
	b.young.next.message++
	seq := b.young.next.message
	s := &storedMessage{stored: stored, body: m.body, message: m.Message}
	targets := m.Targets
	m.Seq, m.Targets = seq, nil
	for i := range targets {
		t := &targets[i]
		l := b.lane(t.Lane)
		if slices.Contains(s.lanes, l.id) {
			continue // each lane gets it once
		}
		s.lanes = append(s.lanes, l.id)
		b.target(l, seq, stored, t)
	}
	b.young.names[n] = struct{}{}
	b.young.fresh = append(b.young.fresh, fresh{n, seq})
	b.young.messages[seq] = s
	b.all().bytes += messageSize(s.size())
}

// recordOverhead is about what the index adds to a message or a row.
const recordOverhead = 256

func messageSize(n int) int64 { return int64(n) + recordOverhead }

func (b *batch) target(l *lane, seq uint64, stored int64, t *delivery.Target) {
	r := record{due: max(nanos(t.Due), stored), changed: stored, asked: stored, key: t.Key}
	r.first = r.due
	e := b.fresh(place{l.id, seq})
	switch {
	case t.Skip != "":
		b.settle(l, e, delivery.Skipped, r, t.Skip)
	case t.Dead != "":
		b.settle(l, e, delivery.Dead, r, t.Dead)
	default:
		b.pend(l, e, r)
	}
}
