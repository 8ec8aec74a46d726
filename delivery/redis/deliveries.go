package redis

import (
	"cmp"
	"context"
	"slices"

	"github.com/voorpoort/voorpoort/delivery"
)

// spot is where one delivery is.
type spot = delivery.Position

// Deliveries implements [delivery.Archive]. It finds where the deliveries are,
// which needs little of each lane, and then reads these. What changes its state in
// between is not given, and others take its place.
func (s *Store) Deliveries(ctx context.Context, q delivery.DeliveryQuery) ([]delivery.Delivery, error) {
	if q.After != nil {
		q.After = &spot{Lane: q.After.Lane, Seq: atMost(q.After.Seq)}
	}
	if q.Seq != 0 {
		return s.deliveriesOfMessage(ctx, &q)
	}
	find, err := s.finder(ctx, &q)
	if err != nil {
		return nil, err
	}
	var all []delivery.Delivery
	for limit := page(q.Limit); len(all) < limit; {
		spots, err := find(limit - len(all))
		if err != nil || len(spots) == 0 {
			return all, err
		}
		q.After = &spots[len(spots)-1]
		some, err := s.readDeliveries(ctx, q.State, spots)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// finder gives what finds the next places of a query, behind q.After.
func (s *Store) finder(ctx context.Context, q *delivery.DeliveryQuery) (func(limit int) ([]spot, error), error) {
	if index := indexOf(q); index != "" {
		return func(limit int) ([]spot, error) { return s.turned(ctx, index, q.After, limit) }, nil
	}
	lanes, err := s.lanesOf(ctx, q)
	return func(limit int) ([]spot, error) {
		if q.Newest {
			return s.highest(ctx, q, lanes, limit)
		}
		return s.lowest(ctx, q, lanes, limit)
	}, err
}

// deliveriesOfMessage gives those of one message, by lane.
func (s *Store) deliveriesOfMessage(ctx context.Context, q *delivery.DeliveryQuery) (all []delivery.Delivery, err error) {
	if q.Lane != "" {
		all, err = s.readDeliveries(ctx, q.State, []spot{{Lane: q.Lane, Seq: q.Seq}})
	} else {
		_, all, err = s.message(ctx, nil, place(q.Seq))
	}
	all = slices.DeleteFunc(all, func(d delivery.Delivery) bool {
		return q.State != 0 && d.State != q.State || q.After != nil && !behind(q, spot{Lane: d.Lane, Seq: d.Seq})
	})
	return all[:min(len(all), page(q.Limit))], err
}

// behind is whether a place comes after the one that a query goes on behind.
func behind(q *delivery.DeliveryQuery, p spot) bool {
	if q.Newest {
		return newer(*q.After, p) < 0
	}
	return cmp.Or(cmp.Compare(q.After.Lane, p.Lane), cmp.Compare(q.After.Seq, p.Seq)) < 0
}

// newer is the order of a list of the newest.
func newer(a, b spot) int {
	return cmp.Or(cmp.Compare(b.Seq, a.Seq), cmp.Compare(a.Lane, b.Lane))
}

// lanesOf gives the lanes that a query may find something in, in order.
func (s *Store) lanesOf(ctx context.Context, q *delivery.DeliveryQuery) ([]laneWalk, error) {
	if q.Lane != "" {
		return []laneWalk{{lane: q.Lane, newest: maxTime}}, nil
	}
	all, err := s.allStats(ctx)
	if err != nil {
		return nil, err
	}
	counter := counterOf(q.State)
	lanes := make([]laneWalk, 0, len(all))
	for lane, raw := range all {
		st, newest, err := decodeStats(raw)
		if err != nil {
			return nil, err
		}
		if newest > 0 && (counter == nil || counter(&st) > 0) {
			lanes = append(lanes, laneWalk{lane: lane, newest: newest})
		}
	}
	slices.SortFunc(lanes, func(a, b laneWalk) int { return cmp.Compare(a.lane, b.lane) })
	return lanes, nil
}

// counterOf gives the counter of a state; nil if there is none.
func counterOf(state delivery.State) func(st *delivery.Stats) uint64 {
	switch state {
	case delivery.Pending:
		return func(st *delivery.Stats) uint64 { return st.Pending }
	case delivery.Dead:
		return func(st *delivery.Stats) uint64 { return st.Dead }
	case delivery.Skipped:
		return func(st *delivery.Stats) uint64 { return st.Skipped }
	case delivery.Delivered, delivery.Discarded:
	}
	return nil
}

// readDeliveries reads those of some that are in a state, in their order.
func (s *Store) readDeliveries(ctx context.Context, state delivery.State, spots []spot) (all []delivery.Delivery, err error) {
	for len(spots) > 0 {
		args := append(make([]any, 0, 2+2*len(spots)), int(state), maxReply)
		for _, p := range spots {
			args = append(args, p.Lane, place(p.Seq))
		}
		answer, err := s.run(ctx, deliveriesScript, args...)
		if err != nil {
			return nil, err
		}
		for _, row := range rows(element(answer, 2), 6) {
			p := spots[min(max(number(row[0]), 0), int64(len(spots)-1))]
			m, err := decodeMessage(p.Seq, text(row[5]))
			if err != nil {
				return nil, err
			}
			d, err := s.delivery(p.Lane, p.Seq, m, row[1:])
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		spots = spots[min(max(number(element(answer, 1)), 1), int64(len(spots))):]
	}
	return all, nil
}
