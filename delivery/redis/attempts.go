package redis

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// What one script looks at: many more rows if an index has them all than if each
// has to be read.
const (
	indexStep = 10_000
	scanStep  = 2_000
)

// Attempts implements [delivery.Archive].
func (s *Store) Attempts(ctx context.Context, q delivery.AttemptQuery) (all []delivery.Attempt, total uint64, err error) {
	w := s.attempts(&q)
	limit, left := page(q.Limit), delivery.MaxScan
	for w.more && left > 0 {
		found, err := w.next(ctx, limit-len(all), left)
		if err != nil {
			return nil, 0, err
		}
		all, total = append(all, found.rows...), found.total
		if q.Type != "" {
			left -= found.looked
		}
		if len(all) >= limit {
			break
		}
	}
	if q.Type != "" {
		total, err = s.countAttempts(ctx, q)
	} else if !q.Since.IsZero() || !q.Until.IsZero() {
		total = min(total, delivery.MaxScan)
	}
	return all, total, err
}

// countAttempts counts the rows of a type among the newest that a query selects
// otherwise.
func (s *Store) countAttempts(ctx context.Context, q delivery.AttemptQuery) (total uint64, err error) {
	q.Before, q.Offset = 0, 0
	w := s.attempts(&q)
	for left := delivery.MaxScan; w.more && left > 0; {
		found, err := w.next(ctx, -1, left)
		if err != nil {
			return 0, err
		}
		total += uint64(found.passed)
		left -= max(found.looked, 1)
	}
	return total, nil
}

// attemptWalk is a walk through the log, from new to old.
type attemptWalk struct {
	store  *Store
	filter []any // the part of attempts.lua's arguments that stays
	step   int

	before uint64
	offset int64
	more   bool
}

// found is what one script of a walk gave.
type found struct {
	rows           []delivery.Attempt
	total          uint64
	passed, looked int
}

func (s *Store) attempts(q *delivery.AttemptQuery) *attemptWalk {
	success := ""
	if q.Success != nil {
		success = string('0' + flag(*q.Success))
	}
	w := &attemptWalk{
		store: s, step: indexStep, more: true,
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

// next runs the script once. A limit below 0 counts.
func (w *attemptWalk) next(ctx context.Context, limit, left int) (f found, err error) {
	args := append(w.filter[:len(w.filter):len(w.filter)], w.before, w.offset, limit, min(w.step, left), maxReply)
	answer, err := w.store.run(ctx, attemptsScript, args...)
	if err != nil {
		return f, err
	}
	f.total = uint64(number(element(answer, 1)))
	w.before = uint64(number(element(answer, 2)))
	f.passed = int(number(element(answer, 3)))
	w.offset = max(w.offset-int64(f.passed), 0)
	w.more = number(element(answer, 4)) != 0
	f.looked = int(number(element(answer, 5)))
	for _, row := range rows(element(answer, 6), 2) {
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
