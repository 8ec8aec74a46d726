package redis

import (
	"context"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// What one script looks at: many more rows if an index has them all than if each
// has to be read.
const (
	indexStep = 10_000
	scanStep  = 2_000
)

// Attempts implements [delivery.Archive]. Where a type has to be looked for, the
// first page counts on the way.
func (s *Store) Attempts(ctx context.Context, q delivery.AttemptQuery) (all []delivery.Attempt, total uint64, err error) {
	w := s.attempts(&q)
	w.counts = q.Type != "" && q.Before == 0
	all, total, err = w.page(ctx, page(q.Limit))
	switch {
	case err != nil:
		return nil, 0, err
	case q.Type != "" && q.Before != 0:
		q.Before, q.Offset = 0, 0
		w = s.attempts(&q)
		w.counts = true
		_, total, err = w.page(ctx, 0)
	case !q.Since.IsZero() || !q.Until.IsZero():
		total = min(total, delivery.MaxScan)
	}
	return all, total, err
}

// attemptWalk is a walk through the log, from new to old.
type attemptWalk struct {
	store  *Store
	filter []any // the part of attempts.lua's arguments that stays
	step   int

	counts bool // goes on to count when the rows have been found
	before uint64
	offset int64
	left   int // rows that may still be looked at, where a type is looked for
	more   bool
}

// found is what one script of a walk gave.
type found struct {
	rows            []delivery.Attempt
	total           uint64
	looked, matched int
}

// page walks until it has limit rows, and to its end if it counts.
func (w *attemptWalk) page(ctx context.Context, limit int) (all []delivery.Attempt, total uint64, err error) {
	for w.more && w.left > 0 {
		f, err := w.next(ctx, limit-len(all))
		if err != nil {
			return nil, 0, err
		}
		all = append(all, f.rows...)
		if w.typed() {
			w.left -= f.looked
			total += uint64(f.matched)
		} else {
			total = f.total
		}
		if len(all) >= limit && !w.counts {
			break
		}
	}
	return all, total, nil
}

// typed is whether each row has to be looked at.
func (w *attemptWalk) typed() bool { return w.step == scanStep }

func (s *Store) attempts(q *delivery.AttemptQuery) *attemptWalk {
	success := ""
	if q.Success != nil {
		success = string('0' + flag(*q.Success))
	}
	w := &attemptWalk{
		store: s, step: indexStep, left: delivery.MaxScan, more: true,
		before: atMost(q.Before), offset: int64(max(q.Offset, 0)),
		filter: []any{q.Lane, q.Message, success, q.Type, s.moment(q.Since), s.moment(q.Until), atMost(q.ID)},
	}
	if q.Type != "" {
		w.step = scanStep
	}
	return w
}

// moment is a limit of a query; 0 for none.
func (s *Store) moment(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(s.clock.server(t), 1)
}

// next runs the script once.
func (w *attemptWalk) next(ctx context.Context, limit int) (f found, err error) {
	args := slices.Concat(w.filter, []any{w.before, w.offset, limit, min(w.step, w.left), maxReply, int(flag(w.counts))})
	answer, err := w.store.run(ctx, attemptsScript, args...)
	if err != nil {
		return f, err
	}
	f.total = uint64(number(element(answer, 1)))
	w.before = uint64(number(element(answer, 2)))
	w.offset = max(w.offset-number(element(answer, 3)), 0)
	w.more = number(element(answer, 4)) != 0
	f.looked, f.matched = int(number(element(answer, 5))), int(number(element(answer, 6)))
	for _, row := range rows(element(answer, 7), 2) {
		if text(row[1]) == "" {
			continue // purged meanwhile
		}
		a, err := decodeRow(uint64(number(row[0])), text(row[1]))
		if err != nil {
			return f, err
		}
		f.rows = append(f.rows, a)
	}
	return f, nil
}
