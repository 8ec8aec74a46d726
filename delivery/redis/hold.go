package redis

import (
	"context"
	"sync"

	"github.com/voorpoort/voorpoort/delivery"
)

// claims numbers the calls of Orphans. A call that got no answer keeps its
// number, so that the next one gets what it has claimed.
type claims struct {
	mu   sync.Mutex
	last uint64
}

// Orphans implements [delivery.Journal].
func (s *Store) Orphans(ctx context.Context, limit int) ([]delivery.Hold, error) {
	s.claims.mu.Lock()
	defer s.claims.mu.Unlock()
	answer, err := s.run(ctx, orphansScript, s.owner, s.options.Heartbeat.Milliseconds(),
		min(max(limit, 0), maxLease), s.claims.last+1)
	if err != nil {
		return nil, err
	}
	s.claims.last++
	return holds(answer)
}

// Holds implements [delivery.Archive].
func (s *Store) Holds(ctx context.Context, limit int) ([]delivery.Hold, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	answer, err := s.run(ctx, holdsScript, min(limit, 10*maxLease))
	if err != nil {
		return nil, err
	}
	return holds(answer)
}

func holds(answer []any) ([]delivery.Hold, error) {
	var all []delivery.Hold
	for _, row := range rows(element(answer, 1), 2) {
		h, err := decodeHold(text(row[0]), text(row[1]))
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}
