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
	s := &Store{dir: dir, db: db}
	s.lanes.all = map[string]*lane{}
	r := &rebuilder{s: s, report: report, now: nanos(time.Now())}
	for _, step := range []func() error{
		r.lanesAndCounters, r.sequences, r.parked, r.deliveries, r.messages, r.rows, r.position,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// write makes a transaction with a batch that has no part in memory.
func (r *rebuilder) write(do func(b *batch) error) error {
	return r.s.db.Update(func(tx *bbolt.Tx) error {
		b := newBatch(r.s, tx)
		if err := do(b); err != nil {
			return err
		}
		if err := b.finish(); err != nil {
			return err
		}
		r.s.addLanes(b.newLanes)
		return nil
	})
}

// each gives all entries of a bucket to do, some thousands in a transaction.
func (r *rebuilder) each(name []byte, do func(b *batch, e entry) error) error {
	for from := []byte{0}; from != nil; {
		var chunk []entry
		chunk, from = r.chunk(name, from)
		err := r.write(func(b *batch) error {
			for _, e := range chunk {
				if err := do(b, e); err != nil {
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
func (r *rebuilder) chunk(name, from []byte) (chunk []entry, next []byte) {
	_ = r.s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(name).Cursor()
		k, v := c.Seek(from)
		for ; k != nil && len(chunk) < copyStep; k, v = c.Next() {
			chunk = append(chunk, entry{append([]byte(nil), k...), append([]byte(nil), v...)})
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
	err := r.each(bucketLanes, func(_ *batch, e entry) error {
		known[binary.BigEndian.Uint32(e.v)] = true
		return nil
	})
	if err != nil {
		return err
	}
	err = r.each(bucketDeliveries, func(b *batch, e entry) error {
		if id := binary.BigEndian.Uint32(e.k); !known[id] {
			known[id] = true
			b.put(b.lanes, fmt.Appendf(nil, "lost-lane-%d", id), laneKey(id))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = r.each(bucketStats, func(b *batch, e entry) error {
		c, err := decodeCounters(e.v)
		b.note(err)
		c.Pending, c.Retrying, c.Dead, c.Skipped, c.rows, c.bytes = 0, 0, 0, 0, [2]uint64{}, 0
		b.put(b.stats, e.k, c.encode())
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
	return r.write(func(b *batch) error {
		highest := uint64(0)
		for _, l := range r.s.lanes.all {
			highest = max(highest, uint64(l.id))
		}
		b.note(b.lanes.SetSequence(highest))
		for _, bucket := range []*bbolt.Bucket{b.messages, b.log} {
			if k, _ := bucket.Cursor().Last(); k != nil {
				b.note(bucket.SetSequence(seqOf(k) + sequenceGap))
			}
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
	return r.each(bucketDeliveries, func(b *batch, e entry) error {
		rec, err := decodeRecord(e.v)
		if err == nil && delivery.State(e.k[4]) == delivery.Dead && rec.flags.has(flagParked) {
			b.put(b.order, orderKey(binary.BigEndian.Uint32(e.k), rec.key, seqOf(e.k)), []byte{parks})
		}
		return err
	})
}

// deliveries puts each delivery in its place again.
func (r *rebuilder) deliveries() error {
	return r.each(bucketDeliveries, func(b *batch, e entry) error {
		rec, err := decodeRecord(e.v)
		if err != nil {
			return err
		}
		l, state, seq := r.laneByID(binary.BigEndian.Uint32(e.k)), delivery.State(e.k[4]), seqOf(e.k)
		if b.messages.Get(seqKey(seq)) == nil {
			r.report.Bare++
			b.delete(b.deliveries, e.k)
			if rec.flags.has(flagParked) {
				b.delete(b.order, orderKey(l.id, rec.key, seq))
			}
			return nil
		}
		r.report.Deliveries++
		if state != delivery.Pending {
			b.settle(l, seq, state, rec, rec.reason)
			return nil
		}
		rec.flags &^= flagWaiting
		if rec.flags.has(flagFailed) {
			b.counters(l.id).Retrying++
		}
		b.pend(l, seq, rec)
		return nil
	})
}

// messages finds each by its name again, and makes those deliveries pending
// whose state is lost.
func (r *rebuilder) messages() error {
	return r.each(bucketMessages, func(b *batch, e entry) error {
		stored, err := decodeStored(e.v)
		if err != nil {
			return err
		}
		m, err := decodeMessage(stored.body)
		if err != nil {
			return err
		}
		r.report.Messages++
		b.put(b.names, nameKey(m.Source, m.ID), e.k)
		b.all().bytes += messageSize(e.v)
		for _, id := range stored.lanes {
			l := r.laneByID(id)
			if l == nil {
				l = b.lane(fmt.Sprint("lost-lane-", id))
			}
			if _, state := b.find(l, seqOf(e.k)); state == 0 {
				r.report.Again++
				b.pend(l, seqOf(e.k), record{due: r.now, first: r.now, changed: r.now})
			}
		}
		return nil
	})
}

// rows indexes the log again.
func (r *rebuilder) rows() error {
	return r.each(bucketLog, func(b *batch, e entry) error {
		a, err := decodeRow(seqOf(e.k), e.v)
		if err != nil {
			return err
		}
		r.report.Rows++
		b.indexRow(a.ID, int64(len(e.v)), logged{lane: a.Lane, message: a.Message, success: a.Success})
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
	return r.write(func(b *batch) error {
		r.report.Holds = countKeys(b.holds.Cursor())
		if b.meta.Get(keyPosition) == nil && len(numbers) > 0 {
			b.put(b.meta, keyPosition, position{numbers[0], headerSize}.encode())
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
