package redis

import (
	"context"
	"slices"

	"github.com/voorpoort/voorpoort/delivery"
)

// Bounds of one look for the places of deliveries: how many lanes it is told,
// and how many deliveries it looks at.
const (
	placeLanes = 500
	placeStep  = 5_000
)

// laneWalk is a walk through a lane that goes on behind a position; 0 is its
// end.
type laneWalk struct {
	lane string
	last uint64
}

// lowest finds the places of deliveries by lane and position, at most limit.
func (s *Store) lowest(ctx context.Context, q *delivery.DeliveryQuery, lanes []string, limit int) (spots []spot, err error) {
	var walks []laneWalk
	for _, lane := range lanes {
		switch {
		case q.After == nil || lane > q.After.Lane:
			walks = append(walks, laneWalk{lane: lane})
		case lane == q.After.Lane:
			walks = append(walks, laneWalk{lane: lane, last: q.After.Seq})
		}
	}
	for len(walks) > 0 && len(spots) < limit {
		want := limit - len(spots)
		some, rest, err := s.findPlaces(ctx, q, walks, want, int64(want), 0)
		if err != nil {
			return nil, err
		}
		spots, walks = append(spots, some...), rest
	}
	return spots[:min(len(spots), limit)], nil
}

// highest finds the places of the newest deliveries of all lanes, at most limit.
// They can only be in the lanes whose own newest are the newest of all, and
// nothing before the last of these counts.
func (s *Store) highest(ctx context.Context, q *delivery.DeliveryQuery, lanes []string, limit int) ([]spot, error) {
	walks := make([]laneWalk, len(lanes))
	for i, lane := range lanes {
		walks[i] = laneWalk{lane: lane, last: highestFor(q, lane)}
	}
	floor := uint64(0)
	if len(lanes) > 1 {
		tops, err := s.allPlaces(ctx, q, walks, 1, 0)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(tops, newer)
		tops = tops[:min(len(tops), limit)]
		walks = walks[:0]
		for _, top := range tops {
			walks = append(walks, laneWalk{lane: top.Lane, last: top.Seq + 1})
		}
		if len(tops) == limit {
			floor = tops[limit-1].Seq
		}
	}
	spots, err := s.allPlaces(ctx, q, walks, limit, floor)
	slices.SortFunc(spots, newer)
	return spots[:min(len(spots), limit)], err
}

// highestFor gives the position in a lane that a list of the newest goes on
// behind: that of the same message counts only for lanes that come later.
func highestFor(q *delivery.DeliveryQuery, lane string) uint64 {
	switch {
	case q.After == nil:
		return 0
	case lane > q.After.Lane:
		return q.After.Seq + 1
	}
	return q.After.Seq
}

// allPlaces finds at most want places in each lane.
func (s *Store) allPlaces(ctx context.Context, q *delivery.DeliveryQuery, walks []laneWalk, want int, floor uint64) (spots []spot, err error) {
	for len(walks) > 0 {
		var some []spot
		some, walks, err = s.findPlaces(ctx, q, walks, want, maxTime, floor)
		if err != nil {
			return nil, err
		}
		spots = append(spots, some...)
	}
	return spots, nil
}

// findPlaces looks once: at most for want places of a lane and for total of all,
// none below floor. rest are the walks that are not at their end.
func (s *Store) findPlaces(ctx context.Context, q *delivery.DeliveryQuery, walks []laneWalk, want int, total int64, floor uint64) (spots []spot, rest []laneWalk, err error) {
	now := walks[:min(len(walks), placeLanes)]
	args := append(make([]any, 0, 6+2*len(now)), int(q.State), int(flag(q.Newest)), want, total, placeStep, floor)
	for _, w := range now {
		args = append(args, w.lane, w.last)
	}
	answer, err := s.run(ctx, placesScript, args...)
	if err != nil {
		return nil, nil, err
	}
	for i, packed := range list(element(answer, 3)) {
		for r := (&reader{rest: text(packed)}); r.rest != "" && i < len(now); {
			spots = append(spots, spot{Lane: now[i].lane, Seq: uint64(r.time())})
		}
	}
	done := int(min(max(number(element(answer, 1)), 0), int64(len(now))))
	rest = slices.Clone(walks[done:])
	if last := number(element(answer, 2)); last > 0 && len(rest) > 0 {
		rest[0].last = uint64(last)
	}
	return spots, rest, nil
}
