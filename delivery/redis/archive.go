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
	answer, err := s.run(ctx, messageScript, digest(source, id))
	if err != nil {
		return nil, nil, err
	}
	body := text(element(answer, 2))
	if body == "" {
		return nil, nil, delivery.ErrNotFound
	}
	m, err := decodeMessage(uint64(number(answer[1])), body)
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

// Deliveries implements [delivery.Archive].
func (s *Store) Deliveries(ctx context.Context, q delivery.DeliveryQuery) ([]delivery.Delivery, error) {
	lanes, err := s.lanesOf(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []delivery.Delivery
	limit := page(q.Limit)
	for _, lane := range lanes {
		after := uint64(0)
		if q.After != nil && q.After.Lane == lane {
			after = q.After.Seq
		}
		some, err := s.laneDeliveries(ctx, lane, q.State, after, limit-len(all))
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) == limit {
			break
		}
	}
	return all, nil
}

// lanesOf gives the lanes that a query may find something in, in order.
func (s *Store) lanesOf(ctx context.Context, q delivery.DeliveryQuery) ([]string, error) {
	lanes := []string{q.Lane}
	if q.Lane == "" {
		leave, err := s.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		err = s.ask(ctx, deliveriesScript.name, func(ctx context.Context) (err error) {
			lanes, err = s.client.SMembers(ctx, s.anchor+"names").Result()
			return err
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(lanes)
	}
	return slices.DeleteFunc(lanes, func(lane string) bool { return q.After != nil && lane < q.After.Lane }), nil
}

// laneDeliveries reads on until it has enough: a script looks at a part only.
func (s *Store) laneDeliveries(ctx context.Context, lane string, state delivery.State, after uint64, limit int) ([]delivery.Delivery, error) {
	var all []delivery.Delivery
	for len(all) < limit {
		answer, err := s.run(ctx, deliveriesScript, lane, int(state), after, limit-len(all), maxReply)
		if err != nil {
			return nil, err
		}
		for _, row := range rows(element(answer, 3), 6) {
			seq := uint64(number(row[0]))
			m, err := decodeMessage(seq, text(row[5]))
			if err != nil {
				return nil, err
			}
			d, err := s.delivery(lane, seq, m, row[1:])
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		if after = uint64(number(element(answer, 1))); number(element(answer, 2)) == 0 {
			break
		}
	}
	return all, nil
}

// Attempts implements [delivery.Archive]. With a lane and Success it walks the
// lane's rows, elsewhere an index.
func (s *Store) Attempts(ctx context.Context, q delivery.AttemptQuery) ([]delivery.Attempt, uint64, error) {
	success := ""
	if q.Success != nil {
		success = string('0' + flag(*q.Success))
	}
	var all []delivery.Attempt
	total := uint64(0)
	before, offset, limit := q.Before, int64(max(q.Offset, 0)), page(q.Limit)
	for first := true; first || len(all) < limit; first = false {
		answer, err := s.run(ctx, attemptsScript, q.Lane, q.Message, success, before, offset, limit-len(all), maxReply)
		if err != nil {
			return nil, 0, err
		}
		total = uint64(number(element(answer, 1)))
		for _, row := range rows(element(answer, 5), 2) {
			if text(row[1]) == "" {
				continue // purged meanwhile
			}
			a, err := decodeRow(uint64(number(row[0])), text(row[1]))
			if err != nil {
				return nil, 0, err
			}
			all = append(all, a)
		}
		before, offset = uint64(number(element(answer, 2))), offset-number(element(answer, 3))
		if number(element(answer, 4)) == 0 {
			break
		}
	}
	return all, total, nil
}

// Stats implements [delivery.Archive].
func (s *Store) Stats(ctx context.Context, lane string) (delivery.Stats, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return delivery.Stats{}, err
	}
	defer leave()
	var f map[string]string
	err = s.ask(ctx, "stats", func(ctx context.Context) (err error) {
		f, err = s.client.HGetAll(ctx, s.anchor+"stats:"+lane).Result()
		return err
	})
	if err != nil {
		return delivery.Stats{}, err
	}
	count := func(field string) uint64 { return uint64(max(number(f[field]), 0)) }
	when := func(field string) time.Time {
		if f[field] == "" {
			return time.Time{}
		}
		return time.UnixMicro(number(f[field]))
	}
	return delivery.Stats{
		Total: count("ok") + count("failed"), Successful: count("ok"), Failed: count("failed"),
		Pending: count("pending"), Retrying: count("retrying"), Dead: count("dead"), Skipped: count("skipped"),
		LastAttempt: when("last"), LastSuccess: when("lastok"), LastFailure: when("lastfailed"),
	}, nil
}

// Replay implements [delivery.Archive].
func (s *Store) Replay(ctx context.Context, lane string, seq uint64, due time.Time) error {
	if err := checkLane(lane); err != nil {
		return err
	}
	return s.change(ctx, replayScript, lane, place(seq), s.clock.due(due))
}

// Discard implements [delivery.Archive].
func (s *Store) Discard(ctx context.Context, lane string, seq uint64, reason string) error {
	return s.change(ctx, discardScript, lane, place(seq), shorten(reason))
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
