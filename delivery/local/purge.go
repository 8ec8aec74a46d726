package local

import (
	"context"
	"time"
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
			if err := s.await(ctx, task{file: op, urgent: true}); err != nil {
				return removed, err
			}
			removed += len(op.removed)
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
	removed []uint64 // messages
	ended   bool
}
