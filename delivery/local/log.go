package local

import (
	"context"
	"encoding/binary"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Attempts implements [delivery.Archive]. Each combination of lane, message and
// success has an index, except that of all successes, which are the log without
// the failures. An offset costs about 20 ns a row, up to the middle of what is
// selected; with Success alone it costs more where a purge by size has left gaps.
func (s *Store) Attempts(ctx context.Context, q delivery.AttemptQuery) (rows []delivery.Attempt, total uint64, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		sel, err := s.selectRows(tx, q)
		if err != nil {
			return err
		}
		if total = sel.total; !sel.counted {
			total = sel.count()
		}
		rows, err = sel.page(q.Before, uint64(max(q.Offset, 0)), pageSize(q.Limit))
		return err
	})
	return rows, total, err
}

// selection is the rows that a query selects.
type selection struct {
	log   *bbolt.Bucket
	spans []span // together they have the rows that are looked at
	window

	match   []rowFilter // what is looked at is also all of these
	without span        // what match passes over of the whole log
	looks   int         // at how many rows; 0 for no bound
	most    uint64      // rows that are counted; 0 for no bound
	rows    uint64      // of the log
	total   uint64      // if it is counted
	counted bool
}

// rowFilter is whether a row is selected.
type rowFilter func(id uint64) bool

// window is the ids from a first to before a last.
type window struct{ from, to uint64 }

func (s *Store) selectRows(tx *bbolt.Tx, q delivery.AttemptQuery) (*selection, error) {
	all, err := loadCounters(tx, 0)
	if err != nil {
		return nil, err
	}
	sel := &selection{log: tx.Bucket(bucketLog), window: window{0, ^uint64(0)}, rows: all.rows[0] + all.rows[1]}
	var lane uint32
	if q.Lane != "" {
		l := s.lane(q.Lane)
		if l == nil {
			sel.counted = true
			return sel, nil
		}
		lane = l.id
	}
	c, err := loadCounters(tx, lane)
	if err != nil {
		return nil, err
	}
	if q.Message != "" {
		sel.ofMessage(tx, q, lane)
	} else {
		sel.ofLane(tx, q.Success, lane, c.rows)
	}
	sel.narrow(q)
	return sel, nil
}

// ofLane selects the rows of a lane, 0 for all.
func (sel *selection) ofLane(tx *bbolt.Tx, success *bool, lane uint32, rows [2]uint64) {
	index := func(success bool) span { return span{tx.Bucket(bucketLaneRows), rowPrefix(lane, success)} }
	sel.counted = true
	switch {
	case success == nil && lane == 0:
		sel.spans, sel.total = []span{{sel.log, nil}}, rows[0]+rows[1]
	case success == nil:
		sel.spans, sel.total = []span{index(false), index(true)}, rows[0]+rows[1]
	case !*success:
		sel.spans, sel.total = []span{index(false)}, rows[0]
	case lane == 0:
		sel.spans, sel.total, sel.without = []span{{sel.log, nil}}, rows[1], index(false)
		sel.match = append(sel.match, func(id uint64) bool { return rowSuccess(sel.log.Get(seqKey(id))) })
	default:
		sel.spans, sel.total = []span{index(true)}, rows[1]
	}
}

// ofMessage selects the rows of one event, which are few.
func (sel *selection) ofMessage(tx *bbolt.Tx, q delivery.AttemptQuery, lane uint32) {
	names := tx.Bucket(bucketNameRows)
	sel.spans = []span{{names, idPrefix(q.Message)}}
	sel.match = append(sel.match, func(id uint64) bool {
		v := names.Get(messageRowKey(q.Message, id))
		ofLane := lane == 0 || binary.BigEndian.Uint32(v) == lane
		return ofLane && (q.Success == nil || (v[4] == 1) == *q.Success)
	})
	if len(q.Message) > idPrefixBytes { // the index knows the beginning of a long id only
		sel.match = append(sel.match, func(id uint64) bool {
			a, err := decodeRow(id, sel.log.Get(seqKey(id)))
			return err == nil && a.Message == q.Message
		})
	}
}

// narrow selects, of these, those with an id, a time and a type.
func (sel *selection) narrow(q delivery.AttemptQuery) {
	if q.ID != 0 {
		sel.window, sel.counted = window{q.ID, q.ID + 1}, false
	}
	if !q.Since.IsZero() || !q.Until.IsZero() {
		w := storedBetween(sel.log, q.Since, q.Until)
		sel.window = window{max(sel.from, w.from), min(sel.to, w.to)}
		sel.counted, sel.most = false, delivery.MaxScan
	}
	if q.Type != "" {
		sel.match = append(sel.match, func(id uint64) bool { return string(rowType(sel.log.Get(seqKey(id)))) == q.Type })
		sel.counted, sel.looks = false, delivery.MaxScan
	}
}

// ids gives the selected rows below an id, newest first.
func (sel *selection) ids(before uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		looked := 0
	next:
		for id := range descending(sel.spans, min(before, sel.to)) {
			if id < sel.from || sel.looks > 0 && looked == sel.looks {
				return
			}
			looked++
			for _, match := range sel.match {
				if !match(id) {
					continue next
				}
			}
			if !yield(id) {
				return
			}
		}
	}
}

func (sel *selection) count() (n uint64) {
	for range sel.ids(^uint64(0)) {
		if n++; n == sel.most {
			break
		}
	}
	return n
}

// page reads the rows from an offset on.
func (sel *selection) page(before, offset uint64, limit int) (rows []delivery.Attempt, err error) {
	if before == 0 {
		before = ^uint64(0)
	}
	ids := sel.ids(before)
	if before == ^uint64(0) && sel.counted {
		ids, offset = sel.skip(offset, limit)
	}
	for id := range ids {
		if offset > 0 {
			offset--
			continue
		}
		a, err := decodeRow(id, sel.log.Get(seqKey(id)))
		if err != nil {
			return nil, err
		}
		if rows = append(rows, a); len(rows) == limit {
			break
		}
	}
	return rows, nil
}
