package local

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Attempts implements [delivery.Archive]. Each combination of filters has an
// index, except Success alone, which passes over the failures of all lanes.
func (s *Store) Attempts(ctx context.Context, q delivery.AttemptQuery) (rows []delivery.Attempt, total uint64, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		var ids iter.Seq[uint64]
		if ids, total, err = s.selectRows(tx, q); err != nil {
			return err
		}
		rows, err = readRows(tx, ids, max(q.Offset, 0), pageSize(q.Limit))
		return err
	})
	return rows, total, err
}

// selectRows gives the ids of a query's rows, newest first, from Before, and how
// many there are without Before.
func (s *Store) selectRows(tx *bbolt.Tx, q delivery.AttemptQuery) (iter.Seq[uint64], uint64, error) {
	var lane uint32
	if q.Lane != "" {
		l := s.lane(q.Lane)
		if l == nil {
			return none, 0, nil
		}
		lane = l.id
	}
	if q.Message != "" {
		ids, total := messageRows(tx, q, lane)
		return ids, total, nil
	}
	c, err := loadCounters(tx, lane)
	if err != nil {
		return none, 0, err
	}
	ofLane := func(success bool) iter.Seq[uint64] {
		return descending(tx.Bucket(bucketLaneRows), rowPrefix(lane, success), q.Before)
	}
	log := descending(tx.Bucket(bucketLog), nil, q.Before)
	switch {
	case q.Success == nil && lane == 0:
		return log, c.rows[0] + c.rows[1], nil
	case q.Success == nil:
		return merge(ofLane(false), ofLane(true)), c.rows[0] + c.rows[1], nil
	case !*q.Success:
		return ofLane(false), c.rows[0], nil
	case lane == 0:
		return successes(tx, log), c.rows[1], nil
	}
	return ofLane(true), c.rows[1], nil
}

func none(func(uint64) bool) {}

// messageRows selects the rows of one event, which are few.
func messageRows(tx *bbolt.Tx, q delivery.AttemptQuery, lane uint32) (iter.Seq[uint64], uint64) {
	names, log := tx.Bucket(bucketNameRows), tx.Bucket(bucketLog)
	var ids []uint64
	total := uint64(0)
	for id := range descending(names, idPrefix(q.Message), 0) {
		v := names.Get(messageRowKey(q.Message, id))
		ofLane := lane == 0 || binary.BigEndian.Uint32(v) == lane
		if !ofLane || q.Success != nil && (v[4] == 1) != *q.Success {
			continue
		}
		if len(q.Message) > idPrefixBytes {
			// The index knows the beginning of a long id only.
			if a, err := decodeRow(id, log.Get(seqKey(id))); err != nil || a.Message != q.Message {
				continue
			}
		}
		if total++; q.Before == 0 || id < q.Before {
			ids = append(ids, id)
		}
	}
	return func(yield func(uint64) bool) {
		for _, id := range ids {
			if !yield(id) {
				return
			}
		}
	}, total
}

func successes(tx *bbolt.Tx, ids iter.Seq[uint64]) iter.Seq[uint64] {
	log := tx.Bucket(bucketLog)
	return func(yield func(uint64) bool) {
		for id := range ids {
			if rowSuccess(log.Get(seqKey(id))) && !yield(id) {
				return
			}
		}
	}
}

// descending gives the ids of keys that are a prefix and an id, highest first,
// all below before if it is not 0.
func descending(bucket *bbolt.Bucket, prefix []byte, before uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		if before == 0 {
			before = ^uint64(0)
		}
		c := bucket.Cursor()
		k, _ := c.Seek(binary.BigEndian.AppendUint64(bytes.Clone(prefix), before))
		if k == nil {
			k, _ = c.Last()
		} else {
			k, _ = c.Prev()
		}
		for ; len(k) == len(prefix)+8 && bytes.HasPrefix(k, prefix); k, _ = c.Prev() {
			if !yield(seqOf(k)) {
				return
			}
		}
	}
}

// merge gives the ids of two descending rows in one.
func merge(a, b iter.Seq[uint64]) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		nextA, stopA := iter.Pull(a)
		defer stopA()
		nextB, stopB := iter.Pull(b)
		defer stopB()
		x, okA := nextA()
		y, okB := nextB()
		for okA || okB {
			if okA && (!okB || x > y) {
				if !yield(x) {
					return
				}
				x, okA = nextA()
				continue
			}
			if !yield(y) {
				return
			}
			y, okB = nextB()
		}
	}
}

// readRows reads a page.
func readRows(tx *bbolt.Tx, ids iter.Seq[uint64], offset, limit int) (rows []delivery.Attempt, err error) {
	log := tx.Bucket(bucketLog)
	for id := range ids {
		if offset > 0 {
			offset--
			continue
		}
		a, err := decodeRow(id, log.Get(seqKey(id)))
		if err != nil {
			return nil, err
		}
		if rows = append(rows, a); len(rows) == limit {
			break
		}
	}
	return rows, nil
}
