package spool

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// managed is a shared store of documents that cannot always be reached, or says
// nothing.
type managed struct {
	delivery.Store
	down, silent atomic.Bool
}

func (s *managed) reach(ctx context.Context) error {
	if s.silent.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.down.Load() {
		return errDown
	}
	return nil
}

func (s *managed) Documents(ctx context.Context, kind string) ([]delivery.Document, error) {
	if err := s.reach(ctx); err != nil {
		return nil, err
	}
	return s.Store.Documents(ctx, kind)
}

func (s *managed) PutDocument(ctx context.Context, d delivery.Document) (delivery.Document, error) {
	if err := s.reach(ctx); err != nil {
		return delivery.Document{}, err
	}
	return s.Store.PutDocument(ctx, d)
}

func (s *managed) RemoveDocument(ctx context.Context, kind, key string, revision uint64) error {
	if err := s.reach(ctx); err != nil {
		return err
	}
	return s.Store.RemoveDocument(ctx, kind, key, revision)
}

func (s *managed) Messages(ctx context.Context, q delivery.MessageQuery) ([]delivery.Message, uint64, error) {
	if err := s.reach(ctx); err != nil {
		return nil, 0, err
	}
	return s.Store.Messages(ctx, q)
}

func (s *managed) AllStats(ctx context.Context) (map[string]delivery.Stats, error) {
	if err := s.reach(ctx); err != nil {
		return nil, err
	}
	return s.Store.AllStats(ctx)
}

func (s *managed) HoldByID(ctx context.Context, id string) (delivery.Hold, error) {
	if err := s.reach(ctx); err != nil {
		return delivery.Hold{}, err
	}
	return s.Store.HoldByID(ctx, id)
}

func (s *managed) Settle(ctx context.Context, lane string, seq uint64) error {
	if err := s.reach(ctx); err != nil {
		return err
	}
	return s.Store.Settle(ctx, lane, seq)
}

// uses has one call of each method that only the shared store can do.
func uses(ctx context.Context, s delivery.Store) map[string]error {
	errs := map[string]error{}
	_, errs["Documents"] = s.Documents(ctx, "webhook")
	_, errs["PutDocument"] = s.PutDocument(ctx, delivery.Document{Kind: "webhook", Key: "k"})
	errs["RemoveDocument"] = s.RemoveDocument(ctx, "webhook", "k", 0)
	_, _, errs["Messages"] = s.Messages(ctx, delivery.MessageQuery{})
	_, errs["AllStats"] = s.AllStats(ctx)
	_, errs["HoldByID"] = s.HoldByID(ctx, "shared")
	errs["Settle"] = s.Settle(ctx, "a", 1)
	return errs
}

func manageable(t *testing.T) (*managed, *Store) {
	t.Helper()
	far := &managed{Store: storetest.NewMemory()}
	s, err := New(far, storetest.NewMemory(), Options{Aside: t.TempDir(), Down: func(err error) bool { return errors.Is(err, errDown) }})
	require.NoError(t, err)
	require.NoError(t, far.Append(t.Context(), message("1")))
	require.NoError(t, far.Hold(t.Context(), delivery.Hold{ID: "shared"}))
	return far, s
}

// TestManagingIsTheSharedStores: what it knows and stores is what people see.
func TestManagingIsTheSharedStores(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far, s := manageable(t)
		for name, err := range uses(t.Context(), s) {
			require.NoError(t, err, name)
		}
		_, deliveries, err := far.Message(t.Context(), "urn:test", "1")
		require.NoError(t, err)
		require.Equal(t, delivery.Delivered, deliveries[0].State)
		d, err := s.PutDocument(t.Context(), delivery.Document{Kind: "webhook", Key: "k"})
		require.NoError(t, err)
		require.EqualValues(t, 2, d.Number, "the first was removed")
		_, err = s.PutDocument(t.Context(), delivery.Document{Kind: "webhook", Key: "k"})
		require.ErrorIs(t, err, delivery.ErrExists)
		require.NotErrorIs(t, err, ErrAway)
		require.NoError(t, s.Close())
	})
}

// TestManagingWithoutTheSharedStore says so, soon and in words.
func TestManagingWithoutTheSharedStore(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(far *managed){
		"down":   func(far *managed) { far.down.Store(true) },
		"silent": func(far *managed) { far.silent.Store(true) },
	} {
		synctest.Test(t, func(t *testing.T) {
			far, s := manageable(t)
			away(far)
			begun := time.Now()
			for what, err := range uses(t.Context(), s) {
				require.ErrorIs(t, err, ErrAway, "%s: %s", name, what)
			}
			require.LessOrEqual(t, time.Since(begun), 7*managePatience)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := s.Documents(ctx, "webhook")
			require.NotErrorIs(t, err, ErrAway, "the caller gave up")
			require.NoError(t, s.local.Hold(t.Context(), delivery.Hold{ID: "here", Created: time.Now()}))
			h, err := s.HoldByID(t.Context(), "here")
			require.NoError(t, err, "a hold of the local store is known")
			require.Equal(t, "here", h.ID)
			require.NoError(t, s.Close())
		})
	}
}

// TestDocumentsAreWatchedInTheSharedStore.
func TestDocumentsAreWatchedInTheSharedStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far, s := manageable(t)
		ctx, cancel := context.WithCancel(t.Context())
		var changes atomic.Int32
		ended := make(chan error, 1)
		go func() { ended <- s.WatchDocuments(ctx, func() { changes.Add(1) }) }()
		synctest.Wait()
		require.EqualValues(t, 1, changes.Load())
		_, err := far.PutDocument(t.Context(), delivery.Document{Kind: "webhook", Key: "k"})
		require.NoError(t, err)
		synctest.Wait()
		require.EqualValues(t, 2, changes.Load())
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.NoError(t, s.Close())
	})
}
