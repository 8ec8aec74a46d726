package local

import (
	"slices"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// batch is one transaction of the index with what follows from it in memory once
// it is committed. A batch that fails is thrown away and its operations are
// applied by another.
type batch struct {
	s   *Store
	tx  *bbolt.Tx
	err error // the first failure of the index

	meta, lanes, stats, messages, names, deliveries *bbolt.Bucket
	due, order, holds, log, laneRows, nameRows      *bbolt.Bucket

	counted  map[uint32]*counters
	newLanes map[string]*lane
	held     map[string]*holdOp // of this batch, not released yet
	position position
	changed  bool

	changes []change
	fresh   []*delivery.Message // stored by this batch, for the cache
	purged  []uint64
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

func newBatch(s *Store, tx *bbolt.Tx) *batch {
	b := &batch{
		s: s, tx: tx,
		counted: map[uint32]*counters{}, newLanes: map[string]*lane{}, held: map[string]*holdOp{},
	}
	for name, bucket := range map[string]**bbolt.Bucket{
		string(bucketMeta): &b.meta, string(bucketLanes): &b.lanes, string(bucketStats): &b.stats,
		string(bucketMessages): &b.messages, string(bucketNames): &b.names,
		string(bucketDeliveries): &b.deliveries, string(bucketDue): &b.due,
		string(bucketOrder): &b.order, string(bucketHolds): &b.holds, string(bucketLog): &b.log,
		string(bucketLaneRows): &b.laneRows, string(bucketNameRows): &b.nameRows,
	} {
		*bucket = tx.Bucket([]byte(name))
	}
	// These two only grow at their end: full pages are right for them.
	b.messages.FillPercent, b.log.FillPercent = 1, 1
	return b
}

func (b *batch) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *batch) put(bucket *bbolt.Bucket, key, value []byte) {
	b.changed = true
	if b.err == nil {
		b.err = bucket.Put(key, value)
	}
}

func (b *batch) delete(bucket *bbolt.Bucket, key []byte) {
	b.changed = true
	if b.err == nil {
		b.err = bucket.Delete(key)
	}
}

// sequence gives the next number of a bucket.
func (b *batch) sequence(bucket *bbolt.Bucket) uint64 {
	n, err := bucket.NextSequence()
	b.note(err)
	return n
}

// lane gives a lane, which it makes if it is new.
func (b *batch) lane(name string) *lane {
	if l := b.s.lane(name); l != nil {
		return l
	}
	l := b.newLanes[name]
	if l == nil {
		l = newLane(b.s, uint32(b.sequence(b.lanes)), name)
		l.complete = true
		b.newLanes[name] = l
		b.put(b.lanes, []byte(name), laneKey(l.id))
	}
	return l
}

// counters gives what is counted of a lane, to be changed.
func (b *batch) counters(lane uint32) *counters {
	c := b.counted[lane]
	if c == nil {
		c = &counters{}
		if raw := b.stats.Get(laneKey(lane)); raw != nil {
			read, err := decodeCounters(raw)
			b.note(err)
			c = &read
		}
		b.counted[lane] = c
	}
	return c
}

// all gives what is counted of all lanes together.
func (b *batch) all() *counters { return b.counters(0) }

// finish writes what was collected; the transaction can be committed then.
func (b *batch) finish() error {
	for _, h := range b.held {
		b.put(b.holds, holdKey(nanos(h.Created), h.ID), h.Intent)
	}
	for lane, c := range b.counted {
		b.put(b.stats, laneKey(lane), c.encode())
	}
	if b.position.segment > 0 {
		b.put(b.meta, keyPosition, b.position.encode())
	}
	return b.err
}

// schedule makes a delivery due in the index and, after the commit, in memory.
func (b *batch) schedule(l *lane, s slot) {
	b.put(b.due, dueKey(l.id, s), nil)
	b.changes = append(b.changes, change{lane: l, slot: s, due: true})
}

// unschedule takes a delivery out of what is due.
func (b *batch) unschedule(l *lane, s slot) {
	b.delete(b.due, dueKey(l.id, s))
	b.changes = append(b.changes, change{lane: l, slot: s})
}

func (h *holdOp) apply(b *batch) error {
	b.held[h.ID] = h
	return nil
}

func (op *appendOp) apply(b *batch) error {
	if op.hold != "" {
		if b.held[op.hold] != nil {
			delete(b.held, op.hold)
		} else {
			b.delete(b.holds, holdKey(op.created, op.hold))
		}
	}
	for i := range op.messages {
		b.append(op.stored, &op.messages[i])
	}
	return nil
}

// append stores a message that is not there yet.
func (b *batch) append(stored int64, m *appended) {
	name := nameKey(m.Source, m.ID)
	if b.names.Get(name) != nil {
		return
	}
	seq := b.sequence(b.messages)
	kept := *m.Message
	kept.Seq, kept.Targets = seq, nil
	s := storedMessage{stored: stored, body: m.body}
	for i := range m.Targets {
		t := &m.Targets[i]
		l := b.lane(t.Lane)
		if slices.Contains(s.lanes, l.id) {
			continue // each lane gets it once
		}
		s.lanes = append(s.lanes, l.id)
		b.target(l, seq, stored, t)
	}
	b.put(b.names, name, seqKey(seq))
	raw := s.encode()
	b.put(b.messages, seqKey(seq), raw)
	b.all().bytes += messageSize(raw)
	b.fresh = append(b.fresh, &kept)
}

// recordOverhead is about what the index adds to a message or a row.
const recordOverhead = 256

func messageSize(raw []byte) int64 { return int64(len(raw)) + recordOverhead }

func (b *batch) target(l *lane, seq uint64, stored int64, t *delivery.Target) {
	r := record{due: max(nanos(t.Due), stored), changed: stored, key: t.Key}
	r.first = r.due
	switch {
	case t.Skip != "":
		b.settle(l, seq, delivery.Skipped, r, t.Skip)
	case t.Dead != "":
		b.settle(l, seq, delivery.Dead, r, t.Dead)
	default:
		b.pend(l, seq, r)
	}
}
