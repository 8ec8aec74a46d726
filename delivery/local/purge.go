package local

import (
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// purgeStep is how much one transaction of a purge looks at, so that appends and
// outcomes do not wait for long.
const purgeStep = 2000

// youngMost is how many young ones in a row end a purge by age. It is not one,
// because a clock that was wrong for a while must not keep what is behind it
// for ever.
const youngMost = 1000

// Purge implements [delivery.Archive]. The size that it compares with maxBytes
// is that of messages and rows and about what the index adds to them; the file
// does not shrink, but its room is used again, or given back by [Compact].
func (s *Store) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.leave()
	removed := 0
	for _, op := range []*purgeOp{
		{kind: purgeRows, before: nanos(before)},
		{kind: purgeMessages, before: nanos(before)},
		{kind: purgeMessages, before: noTime, maxBytes: maxBytes},
		{kind: purgeRows, before: noTime, maxBytes: maxBytes},
	} {
		if op.before == noTime && op.maxBytes <= 0 {
			continue
		}
		for !op.ended {
			if err := s.await(ctx, &task{op: op, urgent: true}); err != nil {
				return removed, err
			}
			removed += op.removed
			op.from = op.last
		}
	}
	return removed, nil
}

type purgeKind byte

const (
	purgeRows purgeKind = iota
	purgeMessages
)

// purgeOp is one step of a purge.
type purgeOp struct {
	kind     purgeKind
	before   int64 // noTime for what goes by size
	maxBytes int64
	from     uint64 // looks behind this one

	young   int
	last    uint64
	removed int // messages
	ended   bool
}

func (op *purgeOp) apply(b *batch) error {
	op.removed, op.last, op.ended, op.young = 0, op.from, false, 0
	bucket := b.log
	if op.kind == purgeMessages {
		bucket = b.messages
	}
	// The keys are collected first: a cursor does not stand on what is removed.
	var seqs []uint64
	c := bucket.Cursor()
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
		if op.before == noTime && b.all().bytes <= op.maxBytes {
			op.ended = true
			return nil
		}
		op.remove(b, seq)
	}
	return nil
}

func (op *purgeOp) remove(b *batch, seq uint64) {
	if op.kind == purgeRows {
		b.removeRow(seq)
		return
	}
	if b.removeMessage(seq, op.before == noTime) {
		op.removed++
	}
}

// removeRow takes a row of the log out of the index.
func (b *batch) removeRow(id uint64) {
	raw := b.log.Get(seqKey(id))
	if raw == nil {
		return
	}
	a, err := decodeRow(id, raw)
	b.note(err)
	size := messageSize(raw)
	l := b.lane(a.Lane)
	b.delete(b.log, seqKey(id))
	b.delete(b.laneRows, rowKey(l.id, a.Success, id))
	b.delete(b.nameRows, messageRowKey(a.Message, id))
	i := 0
	if a.Success {
		i = 1
	} else {
		b.delete(b.laneRows, rowKey(0, false, id))
	}
	b.counters(l.id).rows[i]--
	b.all().rows[i]--
	b.all().bytes -= size
}

// removeMessage takes a message and its deliveries out of the index, unless one
// of them is pending or dead; if asked for, with its rows of the log.
func (b *batch) removeMessage(seq uint64, rows bool) bool {
	raw := b.messages.Get(seqKey(seq))
	if raw == nil {
		return false
	}
	stored, err := decodeStored(raw)
	b.note(err)
	found := map[uint32]delivery.State{}
	for _, lane := range stored.lanes {
		_, state, err := find(b.deliveries, lane, seq)
		b.note(err)
		if state == delivery.Pending || state == delivery.Dead {
			return false
		}
		found[lane] = state
	}
	m, err := decodeMessage(stored.body)
	b.note(err)
	size := messageSize(raw)
	if rows {
		b.removeRows(m.ID, seq)
	}
	for lane, state := range found {
		if state == delivery.Skipped {
			b.counters(lane).Skipped--
		}
		b.delete(b.deliveries, deliveryKey(lane, state, seq))
	}
	b.delete(b.names, nameKey(m.Source, m.ID))
	b.delete(b.messages, seqKey(seq))
	b.all().bytes -= size
	b.purged = append(b.purged, seq)
	return true
}

// removeRows takes the rows of a message out of the log.
func (b *batch) removeRows(id string, seq uint64) {
	var all []uint64
	prefix := idPrefix(id)
	c := b.nameRows.Cursor()
	for k, _ := c.Seek(prefix); inLine(k, prefix); k, _ = c.Next() {
		all = append(all, binary.BigEndian.Uint64(k[len(prefix):]))
	}
	for _, row := range all {
		if a, err := decodeRow(row, b.log.Get(seqKey(row))); err == nil && a.Seq == seq {
			b.removeRow(row)
		}
	}
}

// compactAbove is the size of the index from which Open looks whether to
// compact it.
const compactAbove = 64 << 20

// freeBytes gives how much of the file is free.
func freeBytes(db *bbolt.DB) int64 {
	return int64(db.Stats().FreePageN+db.Stats().PendingPageN) * int64(db.Info().PageSize)
}
