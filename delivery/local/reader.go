package local

import (
	"bytes"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// reader reads the index: first what is not in its file yet, then the file, for
// which it begins a transaction when it needs one. After the first failure it
// finds nothing; err tells.
type reader struct {
	s      *Store
	layers [2]*layer // the later first; nil for none
	tx     *bbolt.Tx
	err    error
}

// reading makes a call that reads the index and its layers. It comes before the
// lock of any lane.
func (s *Store) reading(do func(r *reader)) (err error) {
	s.layers.RLock()
	defer s.layers.RUnlock()
	r := &reader{s: s, layers: [2]*layer{s.layers.young, s.layers.old}}
	defer s.rescue(&err)
	defer r.end()
	do(r)
	return r.err
}

func (r *reader) note(err error) {
	if r.err == nil {
		r.err = err
	}
}

// end ends the transaction.
func (r *reader) end() {
	if r.tx != nil {
		_ = r.tx.Rollback()
		r.tx = nil
	}
}

// bucket gives a bucket of the file; nil after a failure.
func (r *reader) bucket(name []byte) *bbolt.Bucket {
	if r.tx == nil && r.err == nil {
		r.tx, r.err = r.s.db.Begin(false)
	}
	if r.err != nil {
		return nil
	}
	return r.tx.Bucket(name)
}

func (r *reader) get(bucket, key []byte) []byte {
	if b := r.bucket(bucket); b != nil {
		return b.Get(key)
	}
	return nil
}

// entry gives a delivery of the layers from one on; nil if they do not have it.
func (r *reader) entry(from int, at place) *entry {
	for _, l := range r.layers[from:] {
		if l == nil {
			continue
		}
		if e := l.deliveries[at]; e != nil {
			return e
		}
	}
	return nil
}

// delivery gives a delivery; state is 0 if there is none.
func (r *reader) delivery(at place) (record, delivery.State) {
	if e := r.entry(0, at); e != nil {
		return e.record, e.state
	}
	return r.filed(at)
}

// filed gives a delivery as the file has it.
func (r *reader) filed(at place) (record, delivery.State) {
	b := r.bucket(bucketDeliveries)
	if b == nil {
		return record{}, 0
	}
	rec, state, err := find(b, at.lane, at.seq)
	r.note(err)
	return rec, state
}

// stored gives a message with what is stored beside it; nil if there is none.
func (r *reader) stored(seq uint64) *storedMessage {
	for _, l := range r.layers {
		if l == nil {
			continue
		}
		if m := l.messages[seq]; m != nil {
			return m
		}
	}
	raw := r.get(bucketMessages, seqKey(seq))
	if raw == nil {
		return nil
	}
	m, err := decodeStored(bytes.Clone(raw))
	r.note(err)
	return &m
}

// message gives a message without its targets; nil if there is none.
func (r *reader) message(seq uint64) *delivery.Message {
	for _, l := range r.layers {
		if l == nil {
			continue
		}
		if m := l.messages[seq]; m != nil && m.message != nil {
			return m.message
		}
	}
	if m := r.s.cache.get(seq); m != nil {
		return m
	}
	if r.bucket(bucketMessages) == nil {
		return nil
	}
	m, err := r.s.message(r.tx, seq)
	r.note(err)
	return m
}

// named is whether a message is stored.
func (r *reader) named(n name) bool {
	for _, l := range r.layers {
		if l == nil {
			continue
		}
		if _, ok := l.names[n]; ok {
			return true
		}
	}
	if n.id[:min(len(n.id), idPrefixBytes)] > r.s.layers.names {
		return false // most ids ascend: nothing in the file comes so late
	}
	return r.get(bucketNames, nameKey(n.source, n.id)) != nil
}

// counters gives what is counted of a lane.
func (r *reader) counters(lane uint32) counters {
	for _, l := range r.layers {
		if l == nil {
			continue
		}
		if c := l.counted[lane]; c != nil {
			return *c
		}
	}
	raw := r.get(bucketStats, laneKey(lane))
	if raw == nil {
		return counters{}
	}
	c, err := decodeCounters(raw)
	r.note(err)
	return c
}

// moved gives the deliveries of a lane that the layers tell about, once each.
func (r *reader) moved(lane uint32) []*entry {
	var all []*entry
	if l := r.layers[0]; l != nil {
		all = append(all, l.ofLane[lane]...)
	}
	if l := r.layers[1]; l != nil {
		for _, e := range l.ofLane[lane] {
			if r.layers[0] == nil || r.layers[0].deliveries[e.place] == nil {
				all = append(all, e)
			}
		}
	}
	return all
}
