package local

import (
	"bytes"
	"encoding/binary"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// tables are the buckets of the file in a transaction that writes.
type tables struct {
	tx  *bbolt.Tx
	err error // the first failure
}

// crowded are the buckets whose new keys come mostly behind those that are
// there: full pages are right for them.
var crowded = map[string]float64{
	string(bucketMessages): 1, string(bucketLog): 1, string(bucketNames): 0.9,
	string(bucketNameRows): 0.9, string(bucketLaneRows): 0.9, string(bucketDeliveries): 0.9,
}

func (t *tables) note(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *tables) bucket(name []byte) *bbolt.Bucket {
	b := t.tx.Bucket(name)
	if percent := crowded[string(name)]; percent > 0 {
		b.FillPercent = percent
	}
	return b
}

func (t *tables) put(bucket, key, value []byte) {
	if t.err == nil {
		t.err = t.bucket(bucket).Put(key, value)
	}
}

func (t *tables) delete(bucket, key []byte) {
	if t.err == nil {
		t.err = t.bucket(bucket).Delete(key)
	}
}

// change is an entry of a bucket that is put or, without a value, deleted.
type mutation struct {
	key, value []byte
	delete     bool
}

// write makes mutations in the order of their keys, so that each page is
// visited once.
func (t *tables) write(bucket []byte, all []mutation) {
	if len(all) == 0 || t.err != nil {
		return
	}
	slices.SortFunc(all, func(a, b mutation) int { return bytes.Compare(a.key, b.key) })
	b := t.bucket(bucket)
	for _, m := range all {
		if m.delete {
			t.note(b.Delete(m.key))
			continue
		}
		t.note(b.Put(m.key, m.value))
	}
}

// numbers gives the last numbers that were given.
func (t *tables) numbers() numbers { return numbersOf(t.tx) }

func numbersOf(tx *bbolt.Tx) numbers {
	return numbers{
		message: tx.Bucket(bucketMessages).Sequence(),
		row:     tx.Bucket(bucketLog).Sequence(),
		lane:    tx.Bucket(bucketLanes).Sequence(),
	}
}

func (t *tables) setNumbers(n numbers) {
	t.note(t.bucket(bucketMessages).SetSequence(n.message))
	t.note(t.bucket(bucketLog).SetSequence(n.row))
	t.note(t.bucket(bucketLanes).SetSequence(n.lane))
}

// layer writes what a layer changed.
func (t *tables) layer(l *layer) error {
	t.setNumbers(l.next)
	for _, lane := range l.lanes {
		t.put(bucketLanes, []byte(lane.name), laneKey(lane.id))
	}
	t.messages(l)
	t.deliveries(l)
	t.lines(l)
	t.holds(l)
	t.rows(l)
	for lane, c := range l.counted {
		t.put(bucketStats, laneKey(lane), c.encode())
	}
	if l.at.segment > 0 {
		t.put(bucketMeta, keyPosition, l.at.encode())
	}
	if l.clock > 0 {
		t.put(bucketMeta, keyClock, appendInt(nil, l.clock))
	}
	return t.err
}

func (t *tables) messages(l *layer) {
	keys := make(arena, 0, 8*len(l.messages))
	messages := make([]mutation, 0, len(l.messages))
	names := make([]mutation, 0, len(l.fresh))
	for _, f := range l.fresh {
		seq := keys.seq(f.seq)
		messages = append(messages, mutation{key: seq, value: l.messages[f.seq].encode()})
		names = append(names, mutation{key: nameKey(f.source, f.id), value: seq})
	}
	if len(l.messages) > len(l.fresh) { // replayed for lanes that did not have them
		messages = messages[:0]
		for seq, m := range l.messages {
			messages = append(messages, mutation{key: keys.seq(seq), value: m.encode()})
		}
	}
	t.write(bucketMessages, messages)
	t.write(bucketNames, names)
	if n := len(names); n > 0 {
		l.lastName = string(names[n-1].key)
	}
}

func (t *tables) deliveries(l *layer) {
	keys := make(arena, 0, 13*len(l.deliveries))
	states := make([]mutation, 0, len(l.deliveries))
	var due []mutation
	for _, all := range l.ofLane {
		for _, e := range all {
			if e.before.state != 0 && e.before.state != e.state {
				states = append(states, mutation{key: keys.delivery(e.place, e.before.state), delete: true})
			}
			if e.state != 0 {
				states = append(states, mutation{key: keys.delivery(e.place, e.state), value: e.encode()})
			}
			if e.before.slot && (!e.scheduled() || e.before.due != e.due) {
				due = append(due, mutation{key: dueKey(e.lane, slot{e.before.due, e.seq}), delete: true})
			}
			if e.scheduled() {
				due = append(due, mutation{key: dueKey(e.lane, e.slot())})
			}
		}
	}
	t.write(bucketDeliveries, states)
	t.write(bucketDue, due)
}

func (t *tables) lines(l *layer) {
	var spots []mutation
	for k, line := range l.lines {
		for _, s := range line.spots {
			key := orderKey(k.lane, k.key, s.seq)
			spots = append(spots, mutation{key: key, value: []byte{s.place}, delete: s.place == leaves})
		}
	}
	t.write(bucketOrder, spots)
}

func (t *tables) holds(l *layer) {
	for _, key := range l.settled {
		t.delete(bucketHolds, key)
	}
	for _, h := range l.holds {
		t.put(bucketHolds, holdKey(nanos(h.Created), h.ID), h.Intent)
	}
}

// rows writes rows of the log with what they are found by.
func (t *tables) rows(l *layer) {
	keys := make(arena, 0, 8*len(l.rows))
	rows := make([]mutation, 0, len(l.rows))
	ofLane, ofName := make([]mutation, 0, len(l.rows)), make([]mutation, 0, len(l.rows))
	for i := range l.rows {
		r := &l.rows[i]
		if r.raw != nil {
			rows = append(rows, mutation{key: keys.seq(r.id), value: r.raw})
		}
		ofLane = append(ofLane, mutation{key: rowKey(r.lane, r.success, r.id)})
		if !r.success { // of all lanes
			ofLane = append(ofLane, mutation{key: rowKey(0, false, r.id)})
		}
		ofName = append(ofName, mutation{key: messageRowKey(r.message, r.id), value: rowPrefix(r.lane, r.success)})
	}
	t.write(bucketLog, rows)
	t.write(bucketLaneRows, ofLane)
	t.write(bucketNameRows, ofName)
}

// delivery gives a delivery of the file; state is 0 if there is none.
func (t *tables) delivery(lane uint32, seq uint64) (record, delivery.State) {
	r, state, err := find(t.bucket(bucketDeliveries), lane, seq)
	t.note(err)
	return r, state
}

// arena has many keys in one piece of memory.
type arena []byte

func (a *arena) last(from int) []byte { return (*a)[from:len(*a):len(*a)] }

func (a *arena) seq(seq uint64) []byte {
	from := len(*a)
	*a = binary.BigEndian.AppendUint64(*a, seq)
	return a.last(from)
}

func (a *arena) delivery(at place, state delivery.State) []byte {
	from := len(*a)
	*a = appendDeliveryKey(*a, at.lane, state, at.seq)
	return a.last(from)
}
