package local

import (
	"encoding/binary"

	"github.com/voorpoort/voorpoort/delivery"
)

// remover takes messages and rows out of the file.
type remover struct {
	*tables
	counted map[uint32]*counters
}

func (op *purgeOp) write(t *tables) error {
	r := &remover{tables: t, counted: map[uint32]*counters{}}
	op.step(r)
	for lane, c := range r.counted {
		t.put(bucketStats, laneKey(lane), c.encode())
	}
	return t.err
}

// written has the cache forget what is gone.
func (op *purgeOp) written(s *Store) (again bool) {
	for _, seq := range op.removed {
		s.cache.drop(seq)
	}
	return false
}

func (op *purgeOp) step(r *remover) {
	op.removed, op.last, op.ended, op.young = nil, op.from, false, 0
	name := bucketLog
	if op.kind == purgeMessages {
		name = bucketMessages
	}
	// The keys are collected first: a cursor does not stand on what is removed.
	var seqs []uint64
	c := r.bucket(name).Cursor()
	k, v := c.Seek(seqKey(op.from + 1))
	for ; k != nil && len(seqs) < purgeStep && op.young < youngMost; k, v = c.Next() {
		op.last = seqOf(k)
		if op.before != noTime && rowStored(v) >= op.before {
			op.young++
			continue
		}
		op.young = 0
		seqs = append(seqs, op.last)
	}
	op.ended = len(seqs) < purgeStep
	for _, seq := range seqs {
		if op.before == noTime && r.counters(0).bytes <= op.maxBytes {
			op.ended = true
			return
		}
		op.remove(r, seq)
	}
}

func (op *purgeOp) remove(r *remover, seq uint64) {
	if op.kind == purgeRows {
		r.row(seq)
		return
	}
	if r.message(seq, op.before == noTime) {
		op.removed = append(op.removed, seq)
	}
}

// counters gives what is counted of a lane, to be changed.
func (r *remover) counters(lane uint32) *counters {
	c := r.counted[lane]
	if c == nil {
		read, err := loadCounters(r.tx, lane)
		r.note(err)
		c = &read
		r.counted[lane] = c
	}
	return c
}

// row takes a row out of the log.
func (r *remover) row(id uint64) {
	raw := r.bucket(bucketLog).Get(seqKey(id))
	if raw == nil {
		return
	}
	a, err := decodeRow(id, raw)
	r.note(err)
	number := r.bucket(bucketLanes).Get([]byte(a.Lane))
	if len(number) != 4 {
		r.note(errDecode)
		return
	}
	lane, size := binary.BigEndian.Uint32(number), messageSize(len(raw))
	r.delete(bucketLog, seqKey(id))
	r.delete(bucketLaneRows, rowKey(lane, a.Success, id))
	r.delete(bucketNameRows, messageRowKey(a.Message, id))
	i := 0
	if a.Success {
		i = 1
	} else {
		r.delete(bucketLaneRows, rowKey(0, false, id))
	}
	r.counters(lane).rows[i]--
	r.counters(0).rows[i]--
	r.counters(0).bytes -= size
}

// message takes a message and its deliveries out of the file, unless one of them
// is pending or dead; if asked for, with its rows of the log.
func (r *remover) message(seq uint64, rows bool) bool {
	raw := r.bucket(bucketMessages).Get(seqKey(seq))
	if raw == nil {
		return false
	}
	stored, err := decodeStored(raw)
	r.note(err)
	found := map[uint32]delivery.State{}
	for _, lane := range stored.lanes {
		_, state := r.delivery(lane, seq)
		if state == delivery.Pending || state == delivery.Dead {
			return false
		}
		found[lane] = state
	}
	m, err := decodeMessage(stored.body)
	r.note(err)
	name, size := nameKey(m.Source, m.ID), messageSize(len(raw))
	if rows {
		r.rowsOf(m.ID, seq)
	}
	for lane, state := range found {
		if state == delivery.Skipped {
			r.counters(lane).Skipped--
		}
		r.delete(bucketDeliveries, deliveryKey(lane, state, seq))
	}
	r.delete(bucketNames, name)
	r.delete(bucketMessages, seqKey(seq))
	r.counters(0).bytes -= size
	return true
}

// rowsOf takes the rows of a message out of the log.
func (r *remover) rowsOf(id string, seq uint64) {
	var all []uint64
	prefix := idPrefix(id)
	c := r.bucket(bucketNameRows).Cursor()
	for k, _ := c.Seek(prefix); inLine(k, prefix); k, _ = c.Next() {
		all = append(all, binary.BigEndian.Uint64(k[len(prefix):]))
	}
	for _, row := range all {
		if a, err := decodeRow(row, r.bucket(bucketLog).Get(seqKey(row))); err == nil && a.Seq == seq {
			r.row(row)
		}
	}
}
