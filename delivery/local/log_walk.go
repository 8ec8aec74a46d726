package local

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// span is the keys of a bucket that are a prefix and an id.
type span struct {
	bucket *bbolt.Bucket
	prefix []byte
}

// walker goes through a span.
type walker struct {
	span
	c  *bbolt.Cursor
	id uint64
	ok bool
}

func (s span) walk() walker { return walker{span: s, c: s.bucket.Cursor()} }

func (w *walker) set(k, _ []byte) {
	if w.ok = len(k) == len(w.prefix)+8 && bytes.HasPrefix(k, w.prefix); w.ok {
		w.id = seqOf(k)
	}
}

// below goes to the highest id below one.
func (w *walker) below(id uint64) {
	w.set(lastBefore(w.c, binary.BigEndian.AppendUint64(bytes.Clone(w.prefix), id)))
}

// lastBefore gives the last entry of a bucket whose key is lower.
func lastBefore(c *bbolt.Cursor, key []byte) (k, v []byte) {
	if k, _ = c.Seek(key); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// first goes to the lowest id.
func (w *walker) first() { w.set(w.c.Seek(binary.BigEndian.AppendUint64(bytes.Clone(w.prefix), 0))) }

// descending gives the ids of spans below one, highest first.
func descending(spans []span, before uint64) iter.Seq[uint64] {
	return merged(spans, func(w *walker) { w.below(before) }, func(w *walker) { w.set(w.c.Prev()) },
		func(a, b uint64) bool { return a > b })
}

// ascending gives the ids of spans, lowest first.
func ascending(spans []span) iter.Seq[uint64] {
	return merged(spans, (*walker).first, func(w *walker) { w.set(w.c.Next()) },
		func(a, b uint64) bool { return a < b })
}

func merged(spans []span, begin, step func(w *walker), before func(a, b uint64) bool) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		walkers := make([]walker, len(spans))
		for i := range spans {
			walkers[i] = spans[i].walk()
			begin(&walkers[i])
		}
		for {
			var next *walker
			for i := range walkers {
				if w := &walkers[i]; w.ok && (next == nil || before(w.id, next.id)) {
					next = w
				}
			}
			if next == nil || !yield(next.id) {
				return
			}
			step(next)
		}
	}
}

// skip gives the ids newest first, from somewhere before an offset on, and how
// many of them are still to be passed over. It knows the place when no row of the
// log is missing, and comes from the other end when the offset is behind the
// middle.
func (sel *selection) skip(offset uint64, limit int) (iter.Seq[uint64], uint64) {
	if offset >= sel.total {
		return func(func(uint64) bool) {}, 0
	}
	if last, dense := sel.dense(); dense {
		return sel.ids(sel.place(last, offset) + 1), 0
	}
	if offset <= sel.total/2 || len(sel.match) > 0 {
		return sel.ids(^uint64(0)), offset
	}
	left := sel.total - offset // the page and what is older
	n := min(left, uint64(limit))
	ids := make([]uint64, 0, n)
	passed := uint64(0)
	for id := range ascending(sel.spans) {
		if passed++; passed > left-n {
			ids = append(ids, id)
		}
		if passed == left {
			break
		}
	}
	slices.Reverse(ids)
	return slices.Values(ids), 0
}

// dense is whether the rows are those of the whole log, or what match leaves of
// them, and none is missing between the first and the last.
func (sel *selection) dense() (last uint64, ok bool) {
	if len(sel.spans) != 1 || sel.spans[0].prefix != nil || len(sel.match) > 0 && sel.without.bucket == nil {
		return 0, false
	}
	w := sel.spans[0].walk()
	w.first()
	first := w.id
	w.below(^uint64(0))
	return w.id, w.ok && w.id-first+1 == sel.rows
}

// place gives the id of the row at an offset from the last of a dense log.
func (sel *selection) place(last, offset uint64) uint64 {
	if sel.without.bucket == nil {
		return last - offset
	}
	for id := range descending([]span{sel.without}, ^uint64(0)) {
		between := last - id
		if offset < between {
			break
		}
		offset, last = offset-between, id-1
	}
	return last - offset
}

// storedBetween gives the keys of what was stored from since on and before until,
// each if it is not zero, in a bucket of messages or rows. What came later has
// higher keys, as far as the clock was right.
func storedBetween(b *bbolt.Bucket, since, until time.Time) window {
	w := window{0, ^uint64(0)}
	if !since.IsZero() {
		w.from = firstStored(b, nanos(since))
	}
	if !until.IsZero() {
		w.to = firstStored(b, nanos(until))
	}
	return w
}

// firstStored finds the first key of what was stored at a time or later; the
// highest number if there is none.
func firstStored(b *bbolt.Bucket, at int64) uint64 {
	c := b.Cursor()
	k, _ := c.Last()
	if k == nil {
		return ^uint64(0)
	}
	low, high := uint64(0), seqOf(k)+1 // it is between, or there is none
	for low < high {
		middle := low + (high-low)/2
		if k, v := c.Seek(seqKey(middle)); k == nil || rowStored(v) >= at {
			high = middle
		} else {
			low = seqOf(k) + 1
		}
	}
	if k, _ := c.Seek(seqKey(low)); k == nil {
		return ^uint64(0)
	}
	return low
}
