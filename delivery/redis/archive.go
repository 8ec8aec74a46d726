package redis

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Message implements [delivery.Archive].
func (s *Store) Message(ctx context.Context, source, id string) (*delivery.Message, []delivery.Delivery, error) {
	m, all, err := s.message(ctx, digest(source, id), "")
	if err == nil && m == nil {
		err = delivery.ErrNotFound
	}
	return m, all, err
}

// message finds a message by its digest or by its place, and its deliveries by
// lane; nil if there is none.
func (s *Store) message(ctx context.Context, digest []byte, place string) (*delivery.Message, []delivery.Delivery, error) {
	answer, err := s.run(ctx, messageScript, digest, place)
	if err != nil || len(answer) < 3 {
		return nil, nil, err
	}
	m, err := decodeMessage(uint64(number(answer[1])), text(answer[2]))
	if err != nil {
		return nil, nil, err
	}
	var all []delivery.Delivery
	for _, row := range rows(element(answer, 3), 5) {
		d, err := s.delivery(text(row[0]), m.Seq, m, row[1:])
		if err != nil {
			return nil, nil, err
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b delivery.Delivery) int { return cmp.Compare(a.Lane, b.Lane) })
	return m, all, nil
}

// page is how many rows a query with this limit asks for.
func page(limit int) int {
	return min(max(cmp.Or(limit, 50), 0), 1000)
}

// atMost keeps a position or an id of a query to what a script's numbers hold.
func atMost(n uint64) uint64 { return min(n, maxTime) }

// Replay implements [delivery.Archive].
func (s *Store) Replay(ctx context.Context, lane string, seq uint64, due time.Time) error {
	if err := checkLane(lane); err != nil {
		return err
	}
	return s.change(ctx, replayScript, lane, place(seq), s.clock.due(due))
}

// Discard implements [delivery.Archive].
func (s *Store) Discard(ctx context.Context, lane string, seq uint64, reason string) error {
	return s.change(ctx, settleScript, lane, place(seq), int(delivery.Discarded), shorten(reason))
}

// Settle implements [delivery.Puller].
func (s *Store) Settle(ctx context.Context, lane string, seq uint64) error {
	return s.change(ctx, settleScript, lane, place(seq), int(delivery.Delivered), "")
}

// change runs a script that answers whether it found its delivery.
func (s *Store) change(ctx context.Context, sc *script, args ...any) error {
	answer, err := s.run(ctx, sc, args...)
	if err != nil {
		return err
	}
	s.tell(element(answer, 2))
	if number(element(answer, 1)) == 0 {
		return delivery.ErrNotFound
	}
	return nil
}
