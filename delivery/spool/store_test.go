package spool

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

var errDown = errors.New("down")

// shared is a store that cannot always be reached.
type shared struct {
	delivery.Store
	down atomic.Bool

	mu  sync.Mutex
	ids []string // of the messages it was told of, in order
}

func (s *shared) reach() error {
	if s.down.Load() {
		return errDown
	}
	return nil
}

func (s *shared) Hold(ctx context.Context, h delivery.Hold) error {
	if err := s.reach(); err != nil {
		return err
	}
	return s.Store.Hold(ctx, h)
}

func (s *shared) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := s.reach(); err != nil {
		return err
	}
	err := s.Store.Release(ctx, hold, messages...)
	if err == nil {
		s.note(messages)
	}
	return err
}

func (s *shared) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := s.reach(); err != nil {
		return err
	}
	s.note(messages)
	return s.Store.Append(ctx, messages...)
}

func (s *shared) Orphans(ctx context.Context, limit int) ([]delivery.Hold, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	return s.Store.Orphans(ctx, limit)
}

func (s *shared) note(messages []delivery.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		s.ids = append(s.ids, m.ID)
	}
}

func (s *shared) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.ids...)
}

// holds are the ids of the holds in a store.
func holds(t *testing.T, s delivery.Store) []string {
	t.Helper()
	all, err := s.Holds(t.Context(), 100)
	require.NoError(t, err)
	ids := []string{}
	for _, h := range all {
		ids = append(ids, h.ID)
	}
	return ids
}

// kept survives the end of a Store in these tests.
type kept struct{ *storetest.Memory }

func (kept) Close() error { return nil }

func open(t *testing.T, far *shared, near delivery.Store) *Store {
	t.Helper()
	s, err := New(far, near, Options{Aside: t.TempDir(), Down: func(err error) bool { return errors.Is(err, errDown) }})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// settled waits until nothing moves any more.
func settled() {
	time.Sleep(time.Minute)
	synctest.Wait()
}

func TestWhileTheSharedStoreIsThereTheLocalOneIsNotUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		s := open(t, far, storetest.NewMemory())
		ctx := t.Context()
		require.NoError(t, s.Hold(ctx, delivery.Hold{ID: "h"}))
		require.NoError(t, s.Release(ctx, "h", message("1")))
		require.NoError(t, s.Append(ctx, message("2")))
		require.Equal(t, []string{"1", "2"}, far.told())
		require.Zero(t, s.Waiting())
		require.ErrorIs(t, s.Release(ctx, "h"), delivery.ErrNoHold)
		require.NoError(t, s.Close())
	})
}

func TestWhatWasSpooledIsToldInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		s := open(t, far, storetest.NewMemory())
		ctx := t.Context()
		require.NoError(t, s.Hold(ctx, delivery.Hold{ID: "before"}))
		far.down.Store(true)
		require.NoError(t, s.Hold(ctx, delivery.Hold{ID: "during"}))
		require.NoError(t, s.Release(ctx, "during", message("1")))
		require.NoError(t, s.Release(ctx, "before", message("2")))
		require.NoError(t, s.Append(ctx, message("3")))
		require.NoError(t, s.Hold(ctx, delivery.Hold{ID: "dropped"}))
		require.NoError(t, s.Release(ctx, "dropped"))
		settled()
		require.Empty(t, far.told())
		require.Equal(t, int64(4), s.Waiting(), "the drop, too: the shared store may have the hold")

		far.down.Store(false)
		require.NoError(t, s.Append(ctx, message("4")), "behind the others")
		settled()
		require.Equal(t, []string{"1", "2", "3", "4"}, far.told())
		require.Zero(t, s.Waiting())
		holds, err := s.Holds(ctx, 10)
		require.NoError(t, err)
		require.Empty(t, holds)

		_, where, err := s.Message(ctx, "urn:test", "1")
		require.NoError(t, err)
		require.Len(t, where, 3, "the targets are those of the message")
		require.NoError(t, s.Close())
	})
}

func TestAHoldOfTheSharedStoreIsDroppedWhenItIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		s := open(t, far, storetest.NewMemory())
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h"}))
		far.down.Store(true)
		require.NoError(t, s.Release(t.Context(), "h"))
		far.down.Store(false)
		settled()
		holds, err := far.Holds(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, holds)
		require.NoError(t, s.Close())
	})
}

// TestARestartGoesOn: what the local store has is told after a crash, too, and
// its holds are orphans.
func TestARestartGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far, near := &shared{Store: kept{storetest.NewMemory()}}, kept{storetest.NewMemory()}
		far.down.Store(true)
		s := open(t, far, near)
		require.NoError(t, s.Append(t.Context(), message("1")))
		require.NoError(t, s.Close())

		again := open(t, far, near)
		require.Equal(t, int64(1), again.Waiting())
		far.down.Store(false)
		settled()
		require.Equal(t, []string{"1"}, far.told())
		require.NoError(t, again.Close())
	})
}

func TestOtherErrorsAreTheCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		s := open(t, far, storetest.NewMemory())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.Append(ctx, message("1")), context.Canceled)
		require.ErrorIs(t, s.Hold(ctx, delivery.Hold{ID: "h"}), context.Canceled)
		require.Zero(t, s.Waiting())
		require.NoError(t, s.Close())
	})
}

func TestPurgeEmptiesTheLocalStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far, near := &shared{Store: storetest.NewMemory()}, storetest.NewMemory()
		far.down.Store(true)
		s := open(t, far, near)
		require.NoError(t, s.Append(t.Context(), message("1")))
		far.down.Store(false)
		settled()
		there, err := near.Deliveries(t.Context(), delivery.DeliveryQuery{})
		require.NoError(t, err)
		require.Len(t, there, 1, "told, and still there")
		_, err = s.Purge(t.Context(), time.Now().Add(-time.Hour), 0)
		require.NoError(t, err)
		there, err = near.Deliveries(t.Context(), delivery.DeliveryQuery{})
		require.NoError(t, err)
		require.Len(t, there, 1, "it says which hold was settled")
		time.Sleep(keepTold)
		_, err = s.Purge(t.Context(), time.Now().Add(-time.Hour), 0)
		require.NoError(t, err)
		there, err = near.Deliveries(t.Context(), delivery.DeliveryQuery{})
		require.NoError(t, err)
		require.Empty(t, there)
		_, _, err = s.Message(t.Context(), "urn:test", "1")
		require.NoError(t, err, "the shared store keeps it")
		require.NoError(t, s.Close())
	})
}

// TestAHoldThatTheSharedStoreMayHave: it was stored there, and the answer was
// lost.
func TestAHoldThatTheSharedStoreMayHave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		s := open(t, far, storetest.NewMemory())
		require.NoError(t, far.Store.Hold(t.Context(), delivery.Hold{ID: "h"}))
		far.down.Store(true)
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h"}))
		require.NoError(t, s.Release(t.Context(), "h", message("1")))
		far.down.Store(false)
		settled()
		holds, err := s.Holds(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, holds)
		require.Equal(t, []string{"1"}, far.told())
		require.NoError(t, s.Close())
	})
}
