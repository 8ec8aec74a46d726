package spool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// managePatience is how long the shared store may take for what people ask of
// it: they are told that it does not answer before they give up by themselves.
const managePatience = 10 * time.Second

// ErrAway says that something is in the shared store alone, which cannot be
// reached for now. Writes of the register and their events are not affected.
var ErrAway = errors.New("spool: the shared store, which alone has this, cannot be reached")

// manage asks the shared store for what the local one cannot know.
func (s *Store) manage(ctx context.Context, do func(context.Context) error) error {
	patient, cancel := context.WithTimeout(ctx, managePatience)
	defer cancel()
	err := do(patient)
	if err != nil && ctx.Err() == nil && (patient.Err() != nil || s.opt.Down(err)) {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// Documents implements [delivery.Documents].
func (s *Store) Documents(ctx context.Context, kind string) (all []delivery.Document, err error) {
	err = s.manage(ctx, func(ctx context.Context) error {
		all, err = s.shared.Documents(ctx, kind)
		return err
	})
	return all, err
}

// PutDocument implements [delivery.Documents]: also when it fails with
// [ErrAway] the document may have been stored.
func (s *Store) PutDocument(ctx context.Context, d delivery.Document) (out delivery.Document, err error) {
	err = s.manage(ctx, func(ctx context.Context) error {
		out, err = s.shared.PutDocument(ctx, d)
		return err
	})
	return out, err
}

// RemoveDocument implements [delivery.Documents]. It may have been removed when
// it fails with [ErrAway], too.
func (s *Store) RemoveDocument(ctx context.Context, kind, key string, revision uint64) error {
	return s.manage(ctx, func(ctx context.Context) error { return s.shared.RemoveDocument(ctx, kind, key, revision) })
}

// WatchDocuments implements [delivery.Documents].
func (s *Store) WatchDocuments(ctx context.Context, changed func()) error {
	return s.shared.WatchDocuments(ctx, changed)
}

// Messages implements [delivery.Inspector]: those that wait in the local store
// are not among them.
func (s *Store) Messages(ctx context.Context, q delivery.MessageQuery) (page []delivery.Message, next uint64, err error) {
	err = s.manage(ctx, func(ctx context.Context) error {
		page, next, err = s.shared.Messages(ctx, q)
		return err
	})
	return page, next, err
}

// AllStats implements [delivery.Inspector].
func (s *Store) AllStats(ctx context.Context) (all map[string]delivery.Stats, err error) {
	err = s.manage(ctx, func(ctx context.Context) error {
		all, err = s.shared.AllStats(ctx)
		return err
	})
	return all, err
}

// HoldByID looks for a hold in both stores.
func (s *Store) HoldByID(ctx context.Context, id string) (hold delivery.Hold, err error) {
	hold, err = s.local.HoldByID(ctx, id)
	if !errors.Is(err, delivery.ErrNotFound) {
		return hold, err
	}
	err = s.manage(ctx, func(ctx context.Context) error {
		hold, err = s.shared.HoldByID(ctx, id)
		return err
	})
	return hold, err
}

// HoldCount implements [delivery.Inspector]: those of both stores.
func (s *Store) HoldCount(ctx context.Context) (count int, err error) {
	here, err := s.local.HoldCount(ctx)
	if err != nil {
		return 0, err
	}
	err = s.manage(ctx, func(ctx context.Context) error {
		count, err = s.shared.HoldCount(ctx)
		return err
	})
	return here + count, err
}

// Settle implements [delivery.Puller].
func (s *Store) Settle(ctx context.Context, lane string, seq uint64) error {
	return s.manage(ctx, func(ctx context.Context) error { return s.shared.Settle(ctx, lane, seq) })
}
