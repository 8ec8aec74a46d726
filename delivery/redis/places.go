package redis

import (
	"cmp"
	"context"
	"slices"

	goredis "github.com/redis/go-redis/v9"

	"github.com/voorpoort/voorpoort/delivery"
)

// Bounds of one look for the places of deliveries: how many lanes it is told,
// and how many deliveries it looks at.
const (
	placeLanes = 500
	placeStep  = 5_000
	firstLanes = 20 // of a list of the newest; then twice as many
)

// laneWalk is a walk through a lane that goes on behind a position; 0 is its
// end. None of its deliveries is beyond newest.
type laneWalk struct {
	lane         string
	last, newest uint64
}

// lowest finds the places of deliveries by lane and position, at most limit.
func (s *Store) lowest(ctx context.Context, q *delivery.DeliveryQuery, lanes []laneWalk, limit int) (spots []spot, err error) {
	walks := make([]laneWalk, 0, len(lanes))
	for _, w := range lanes {
		if q.After != nil && w.lane < q.After.Lane {
			continue
		}
		if q.After != nil && w.lane == q.After.Lane {
			w.last = q.After.Seq
		}
		walks = append(walks, w)
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
// It begins with the lanes whose newest delivery, in whatever state, is the newest;
// where enough is found that is newer, the others need no look.
func (s *Store) highest(ctx context.Context, q *delivery.DeliveryQuery, lanes []laneWalk, limit int) (spots []spot, err error) {
	walks := make([]laneWalk, len(lanes))
	for i, w := range lanes {
		if w.last = highestFor(q, w.lane); w.last > 0 {
			w.newest = min(w.newest, w.last-1)
		}
		walks[i] = w
	}
	slices.SortFunc(walks, func(a, b laneWalk) int { return cmp.Compare(b.newest, a.newest) })
	for n := firstLanes; len(walks) > 0; n = min(2*n, placeLanes) {
		floor := uint64(0)
		if len(spots) == limit {
			floor = spots[limit-1].Seq
		}
		if walks[0].newest < floor {
			break
		}
		n = min(n, len(walks))
		some, err := s.allPlaces(ctx, q, walks[:n], limit, floor)
		if err != nil {
			return nil, err
		}
		walks = walks[n:]
		spots = append(spots, some...)
		slices.SortFunc(spots, newer)
		spots = spots[:min(len(spots), limit)]
	}
	return spots, nil
}

// indexOf gives the key of the index that has what a query asks for in its
// order; "" if there is none.
func indexOf(q *delivery.DeliveryQuery) string {
	switch {
	case q.Lane != "" || !q.Newest:
	case q.State == delivery.Dead:
		return "deads"
	case q.State == delivery.Skipped:
		return "skips"
	}
	return ""
}

// turned gives places of an index of the newest: 16 digits, which ascend as
// positions descend, and the lane.
func (s *Store) turned(ctx context.Context, index string, after *spot, limit int) (spots []spot, err error) {
	low := "-"
	if after != nil {
		low = "(" + place(maxTime-after.Seq) + after.Lane
	}
	var members []string
	err = s.look(ctx, deliveriesScript.name, func(ctx context.Context) (err error) {
		members, err = s.client.ZRangeByLex(ctx, s.anchor+index, &goredis.ZRangeBy{Min: low, Max: "+", Count: int64(limit)}).Result()
		return err
	})
	for _, m := range members {
		if len(m) > 16 {
			spots = append(spots, spot{Lane: m[16:], Seq: maxTime - uint64(number(m[:16]))})
		}
	}
	return spots, err
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
