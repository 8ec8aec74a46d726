package redis

import (
	"context"
	"errors"
	"fmt"
	"sync"

	goredis "github.com/redis/go-redis/v9"

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

// Disclaim implements [delivery.Disclaimer].
func (s *Store) Disclaim(ctx context.Context, hold string) error {
	_, err := s.run(ctx, disclaimScript, s.owner, s.options.Heartbeat.Milliseconds(), hold)
	return err
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

// HoldByID implements [delivery.Inspector].
func (s *Store) HoldByID(ctx context.Context, id string) (delivery.Hold, error) {
	raw := ""
	err := s.look(ctx, holdsScript.name, func(ctx context.Context) (err error) {
		raw, err = s.client.HGet(ctx, s.anchor+"h", id).Result()
		return err
	})
	if errors.Is(err, goredis.Nil) {
		return delivery.Hold{}, delivery.ErrNotFound
	}
	if err != nil {
		return delivery.Hold{}, err
	}
	r := &reader{rest: raw}
	r.take(len(s.owner)) // whose it is
	if r.err != nil {
		return delivery.Hold{}, r.err
	}
	return decodeHold(id, r.rest)
}

// HoldCount implements [delivery.Inspector].
func (s *Store) HoldCount(ctx context.Context) (count int, err error) {
	err = s.look(ctx, holdsScript.name, func(ctx context.Context) error {
		n, err := s.client.HLen(ctx, s.anchor+"h").Result()
		count = int(n)
		return err
	})
	return count, err
}

// holds reads what it can, and says which it cannot.
func holds(answer []any) (all []delivery.Hold, err error) {
	for _, row := range rows(element(answer, 1), 2) {
		h, unreadable := decodeHold(text(row[0]), text(row[1]))
		if unreadable != nil {
			err = errors.Join(err, fmt.Errorf("hold %.100q: %w", text(row[0]), unreadable))
			continue
		}
		all = append(all, h)
	}
	return all, err
}

// Interface guard.
var _ delivery.Disclaimer = (*Store)(nil)
