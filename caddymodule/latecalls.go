package caddymodule

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// The methods of a store, each of which the connected one does.

// Hold implements [delivery.Journal].
func (s *lateStore) Hold(ctx context.Context, h delivery.Hold) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Hold(ctx, h)
}

// Release implements [delivery.Journal].
func (s *lateStore) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Release(ctx, hold, messages...)
}

// Append implements [delivery.Journal].
func (s *lateStore) Append(ctx context.Context, messages ...delivery.Message) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Append(ctx, messages...)
}

// Orphans implements [delivery.Journal].
func (s *lateStore) Orphans(ctx context.Context, limit int) ([]delivery.Hold, error) {
	store, err := s.now()
	if err != nil {
		return nil, err
	}
	return store.Orphans(ctx, limit)
}

// Disclaim implements [delivery.Disclaimer].
func (s *lateStore) Disclaim(ctx context.Context, hold string) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return disclaim(ctx, store, hold)
}

// Watch implements [delivery.Queue]: it begins when the store is connected.
func (s *lateStore) Watch(ctx context.Context, found func(lane string, due time.Time)) error {
	select {
	case <-s.ready:
		return s.store.Watch(ctx, found)
	case <-s.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Watch(ctx, found)
}

// Lease implements [delivery.Queue].
func (s *lateStore) Lease(ctx context.Context, lane string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	store, err := s.now()
	if err != nil {
		return nil, time.Time{}, err
	}
	return store.Lease(ctx, lane, limit, until)
}

// Extend implements [delivery.Queue].
func (s *lateStore) Extend(ctx context.Context, until time.Time, leases ...delivery.Lease) ([]delivery.Lease, error) {
	store, err := s.now()
	if err != nil {
		return nil, err
	}
	return store.Extend(ctx, until, leases...)
}

// Finish implements [delivery.Queue].
func (s *lateStore) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Finish(ctx, outcomes...)
}

// Message implements [delivery.Archive].
func (s *lateStore) Message(ctx context.Context, source, id string) (*delivery.Message, []delivery.Delivery, error) {
	store, err := s.now()
	if err != nil {
		return nil, nil, err
	}
	return store.Message(ctx, source, id)
}

// Deliveries implements [delivery.Archive].
func (s *lateStore) Deliveries(ctx context.Context, q delivery.DeliveryQuery) ([]delivery.Delivery, error) {
	store, err := s.now()
	if err != nil {
		return nil, err
	}
	return store.Deliveries(ctx, q)
}

// Attempts implements [delivery.Archive].
func (s *lateStore) Attempts(ctx context.Context, q delivery.AttemptQuery) ([]delivery.Attempt, uint64, error) {
	store, err := s.now()
	if err != nil {
		return nil, 0, err
	}
	return store.Attempts(ctx, q)
}

// Stats implements [delivery.Archive].
func (s *lateStore) Stats(ctx context.Context, lane string) (delivery.Stats, error) {
	store, err := s.now()
	if err != nil {
		return delivery.Stats{}, err
	}
	return store.Stats(ctx, lane)
}

// Replay implements [delivery.Archive].
func (s *lateStore) Replay(ctx context.Context, lane string, seq uint64, due time.Time) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Replay(ctx, lane, seq, due)
}

// Discard implements [delivery.Archive].
func (s *lateStore) Discard(ctx context.Context, lane string, seq uint64, reason string) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Discard(ctx, lane, seq, reason)
}

// Holds implements [delivery.Archive].
func (s *lateStore) Holds(ctx context.Context, limit int) ([]delivery.Hold, error) {
	store, err := s.now()
	if err != nil {
		return nil, err
	}
	return store.Holds(ctx, limit)
}

// Purge implements [delivery.Archive].
func (s *lateStore) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	store, err := s.now()
	if err != nil {
		return 0, err
	}
	return store.Purge(ctx, before, maxBytes)
}

// Interface guard.
var _ delivery.Store = (*lateStore)(nil)
