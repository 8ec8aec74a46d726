package local

import (
	"bytes"
	"context"

	"github.com/voorpoort/voorpoort/delivery"
)

// AllStats implements [delivery.Inspector].
func (s *Store) AllStats(ctx context.Context) (all map[string]delivery.Stats, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.applied(ctx); err != nil {
		return nil, err
	}
	names := s.laneNames()
	all = make(map[string]delivery.Stats, len(names))
	for _, name := range names {
		all[name] = delivery.Stats{}
	}
	err = s.reading(func(r *reader) {
		r.eachCounters(func(lane uint32, c *counters) {
			if name, ok := names[lane]; ok { // 0 is all together
				all[name] = c.Stats
			}
		})
	})
	return all, err
}

// eachCounters gives what is counted of each lane, the latest last.
func (r *reader) eachCounters(each func(lane uint32, c *counters)) {
	b := r.bucket(bucketStats)
	if b == nil {
		return
	}
	r.note(b.ForEach(func(k, v []byte) error {
		c, err := decodeCounters(v)
		each(laneOf(k), &c)
		return err
	}))
	for _, l := range []*layer{r.layers[1], r.layers[0]} {
		if l == nil {
			continue
		}
		for lane, c := range l.counted {
			each(lane, c)
		}
	}
}

// HoldByID implements [delivery.Inspector].
func (s *Store) HoldByID(ctx context.Context, id string) (delivery.Hold, error) {
	if err := s.enter(ctx); err != nil {
		return delivery.Hold{}, err
	}
	defer s.leave()
	created, ok := s.holds.created(id)
	if !ok {
		return delivery.Hold{}, delivery.ErrNotFound
	}
	if err := s.applied(ctx); err != nil {
		return delivery.Hold{}, err
	}
	var intent []byte
	err := s.reading(func(r *reader) { intent = r.intent(created, id) })
	if err != nil {
		return delivery.Hold{}, err
	}
	if intent == nil { // settled meanwhile
		return delivery.Hold{}, delivery.ErrNotFound
	}
	return delivery.Hold{ID: id, Created: fromNanos(created), Intent: bytes.Clone(intent)}, nil
}

// HoldCount implements [delivery.Inspector].
func (s *Store) HoldCount(ctx context.Context) (int, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.leave()
	s.holds.mu.Lock()
	defer s.holds.mu.Unlock()
	return len(s.holds.live), nil
}

// created tells when the request of a hold came; false if there is none.
func (h *holds) created(id string) (at int64, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, ok = h.live[id]
	return at, ok
}

// intent gives the intent of a hold; nil if there is none.
func (r *reader) intent(created int64, id string) []byte {
	for _, l := range r.layers {
		if l == nil {
			continue
		}
		if h := l.holds[id]; h != nil {
			return h.Intent
		}
	}
	return r.get(bucketHolds, holdKey(created, id))
}
