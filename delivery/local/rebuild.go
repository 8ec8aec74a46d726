package local

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// sequenceGap is what a salvaged index leaves out of its numbers: what is lost
// may have had some that are behind all that can be read.
const sequenceGap = 1 << 20

// rebuilder makes an index of its primary buckets.
type rebuilder struct {
	s      *Store // without goroutines
	report *IndexReport
	now    int64
}

// rebuild makes the other buckets and the counters of the primary ones.
func rebuild(db *bbolt.DB, dir string, report *IndexReport) error {
	s := &Store{dir: dir, db: db, cache: newCache(1 << 20)}
	s.lanes.all = map[string]*lane{}
	r := &rebuilder{s: s, report: report, now: nanos(time.Now())}
	for _, step := range []func() error{
		r.lanesAndCounters, r.sequences, r.parked, r.deliveries, r.messages, r.rows, r.documents, r.position,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// write makes a transaction of what is written to a layer, which has no part in
// memory, and to the file itself.
func (r *rebuilder) write(do func(b *batch, t *tables) error) error {
	return r.s.transact(func(t *tables) error {
		b := newBatch(r.s, newLayer(t.numbers()), nil)
		b.tx = t.tx
		if err := do(b, t); err != nil {
			return err
		}
		if b.err != nil {
			return b.err
		}
		return b.young.write(t)
	})
}

// each gives all entries of a bucket to do, some thousands in a transaction.
func (r *rebuilder) each(name []byte, do func(b *batch, t *tables, e pair) error) error {
	for from := []byte{0}; from != nil; {
		var chunk []pair
		chunk, from = r.chunk(name, from)
		err := r.write(func(b *batch, t *tables) error {
			for _, e := range chunk {
				if err := do(b, t, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// chunk copies entries from a key on; next is nil at the end.
func (r *rebuilder) chunk(name, from []byte) (chunk []pair, next []byte) {
	_ = r.s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(name).Cursor()
		k, v := c.Seek(from)
		for ; k != nil && len(chunk) < copyStep; k, v = c.Next() {
			chunk = append(chunk, pair{append([]byte(nil), k...), append([]byte(nil), v...)})
		}
		next = append([]byte(nil), k...)
		if k == nil {
			next = nil
		}
		return nil
	})
	return chunk, next
}

// lanesAndCounters names the lanes whose names are lost, and sets what is
// counted anew to zero. Counts of attempts stay.
func (r *rebuilder) lanesAndCounters() error {
	known := map[uint32]bool{}
	err := r.each(bucketLanes, func(_ *batch, _ *tables, e pair) error {
		known[binary.BigEndian.Uint32(e.v)] = true
		return nil
	})
	if err != nil {
		return err
	}
	err = r.each(bucketDeliveries, func(_ *batch, t *tables, e pair) error {
		if id := binary.BigEndian.Uint32(e.k); !known[id] {
			known[id] = true
			t.put(bucketLanes, fmt.Appendf(nil, "lost-lane-%d", id), laneKey(id))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = r.each(bucketStats, func(_ *batch, t *tables, e pair) error {
		c, err := decodeCounters(e.v)
		t.note(err)
		c.Pending, c.Retrying, c.Dead, c.Skipped, c.rows, c.bytes = 0, 0, 0, 0, [2]uint64{}, 0
		t.put(bucketStats, e.k, c.encode())
		return nil
	})
	if err != nil {
		return err
	}
	return r.s.view(func(tx *bbolt.Tx) error {
		r.s.loadLanes(tx)
		return nil
	})
}

// sequences goes on behind the highest number of each kind.
func (r *rebuilder) sequences() error {
	return r.write(func(b *batch, t *tables) error {
		for _, l := range r.s.lanes.all {
			b.young.next.lane = max(b.young.next.lane, uint64(l.id))
		}
		if k, _ := t.bucket(bucketMessages).Cursor().Last(); k != nil {
			b.young.next.message = seqOf(k) + sequenceGap
		}
		if k, _ := t.bucket(bucketLog).Cursor().Last(); k != nil {
			b.young.next.row = seqOf(k) + sequenceGap
		}
		return nil
	})
}

func (r *rebuilder) laneByID(id uint32) *lane {
	for _, l := range r.s.lanes.all {
		if l.id == id {
			return l
		}
	}
	return nil
}

// parked puts parked dead letters in the lines of their keys, before those that
// wait for them.
func (r *rebuilder) parked() error {
	return r.each(bucketDeliveries, func(_ *batch, t *tables, e pair) error {
		rec, err := decodeRecord(e.v)
		if err == nil && delivery.State(e.k[4]) == delivery.Dead && rec.flags.has(flagParked) {
			t.put(bucketOrder, orderKey(binary.BigEndian.Uint32(e.k), rec.key, seqOf(e.k)), []byte{parks})
		}
		return err
	})
}

// deliveries puts each delivery in its place again.
func (r *rebuilder) deliveries() error {
	return r.each(bucketDeliveries, func(b *batch, t *tables, e pair) error {
		rec, err := decodeRecord(e.v)
		if err != nil {
			return err
		}
		l, state, seq := r.laneByID(binary.BigEndian.Uint32(e.k)), delivery.State(e.k[4]), seqOf(e.k)
		if t.bucket(bucketMessages).Get(seqKey(seq)) == nil {
			r.report.Bare++
			t.delete(bucketDeliveries, e.k)
			if rec.flags.has(flagParked) {
				t.delete(bucketOrder, orderKey(l.id, rec.key, seq))
			}
			return nil
		}
		r.report.Deliveries++
		at := b.entry(place{l.id, seq})
		if state != delivery.Pending {
			b.settle(l, at, state, rec, rec.reason)
			return nil
		}
		rec.flags &^= flagWaiting
		if rec.flags.has(flagFailed) {
			b.counters(l.id).Retrying++
		}
		b.pend(l, at, rec)
		return nil
	})
}

// position sets where the journal goes on if that is lost: at its beginning,
// since what is applied twice is passed over.
func (r *rebuilder) position() error {
	numbers, err := segmentNumbers(r.s.dir)
	if err != nil {
		return err
	}
	return r.write(func(_ *batch, t *tables) error {
		r.report.Holds = countKeys(t.bucket(bucketHolds).Cursor())
		if t.bucket(bucketMeta).Get(keyPosition) == nil && len(numbers) > 0 {
			t.put(bucketMeta, keyPosition, position{numbers[0], headerSize}.encode())
		}
		return nil
	})
}

func countKeys(c *bbolt.Cursor) (n int) {
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		n++
	}
	return n
}
