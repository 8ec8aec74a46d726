package caddymodule

import (
	"context"

	"github.com/voorpoort/voorpoort/delivery"
)

// The methods of a store by which it is managed, each of which the connected one
// does.

// Messages implements [delivery.Inspector].
func (s *lateStore) Messages(ctx context.Context, q delivery.MessageQuery) ([]delivery.Message, uint64, error) {
	store, err := s.now()
	if err != nil {
		return nil, 0, err
	}
	return store.Messages(ctx, q)
}

// AllStats implements [delivery.Inspector].
func (s *lateStore) AllStats(ctx context.Context) (map[string]delivery.Stats, error) {
	store, err := s.now()
	if err != nil {
		return nil, err
	}
	return store.AllStats(ctx)
}

// HoldByID implements [delivery.Inspector].
func (s *lateStore) HoldByID(ctx context.Context, id string) (delivery.Hold, error) {
	store, err := s.now()
	if err != nil {
		return delivery.Hold{}, err
	}
	return store.HoldByID(ctx, id)
}

// HoldCount implements [delivery.Inspector].
func (s *lateStore) HoldCount(ctx context.Context) (int, error) {
	store, err := s.now()
	if err != nil {
		return 0, err
	}
	return store.HoldCount(ctx)
}

// Settle implements [delivery.Puller].
func (s *lateStore) Settle(ctx context.Context, lane string, seq uint64) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.Settle(ctx, lane, seq)
}

// Documents implements [delivery.Documents].
func (s *lateStore) Documents(ctx context.Context, kind string) ([]delivery.Document, error) {
	store, err := s.now()
	if err != nil {
		return nil, err
	}
	return store.Documents(ctx, kind)
}

// PutDocument implements [delivery.Documents].
func (s *lateStore) PutDocument(ctx context.Context, d delivery.Document) (delivery.Document, error) {
	store, err := s.now()
	if err != nil {
		return delivery.Document{}, err
	}
	return store.PutDocument(ctx, d)
}

// RemoveDocument implements [delivery.Documents].
func (s *lateStore) RemoveDocument(ctx context.Context, kind, key string, revision uint64) error {
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.RemoveDocument(ctx, kind, key, revision)
}

// WatchDocuments implements [delivery.Documents]: it begins when the store is
// connected.
func (s *lateStore) WatchDocuments(ctx context.Context, changed func()) error {
	select {
	case <-s.ready:
		return s.store.WatchDocuments(ctx, changed)
	case <-s.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	store, err := s.now()
	if err != nil {
		return err
	}
	return store.WatchDocuments(ctx, changed)
}
