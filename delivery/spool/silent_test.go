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

// mute is a shared store behind a network that swallows everything.
type mute struct {
	delivery.Store
	swallows atomic.Bool
	asked    atomic.Int32
}

func (m *mute) wait(ctx context.Context) error {
	m.asked.Add(1)
	if !m.swallows.Load() {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (m *mute) Hold(ctx context.Context, h delivery.Hold) error {
	if err := m.wait(ctx); err != nil {
		return err
	}
	return m.Store.Hold(ctx, h)
}

func (m *mute) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := m.wait(ctx); err != nil {
		return err
	}
	return m.Store.Release(ctx, hold, messages...)
}

func (m *mute) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := m.wait(ctx); err != nil {
		return err
	}
	return m.Store.Append(ctx, messages...)
}

// TestASharedStoreThatSaysNothing is no other than one that is away: a write
// waits for it once, and then goes to the local store in what is left of its
// caller's time.
func TestASharedStoreThatSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &mute{Store: storetest.NewMemory()}
		far.swallows.Store(true)
		s, err := New(far, storetest.NewMemory(), Options{Aside: t.TempDir(), Down: func(error) bool { return false }})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin := time.Now()
		require.NoError(t, s.Hold(ctx, delivery.Hold{ID: "h"}))
		require.NoError(t, s.Append(ctx, message("1")))
		require.Less(t, time.Since(begin), 3*time.Second, "the second does not wait again")
		require.NoError(t, s.Release(ctx, "h", message("2")))

		time.Sleep(time.Minute)
		far.swallows.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Zero(t, s.Waiting())
		for _, id := range []string{"1", "2"} {
			_, _, err = far.Message(t.Context(), "urn:test", id)
			require.NoError(t, err, id)
		}
		before := far.asked.Load()
		require.NoError(t, s.Append(t.Context(), message("3")))
		require.Equal(t, before+1, far.asked.Load(), "it is asked again")
		require.NoError(t, s.Close())
	})
}

// TestTheCallersOwnHurryIsNoSilence: a caller whose time is over gets that error.
func TestTheCallersOwnHurryIsNoSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &mute{Store: storetest.NewMemory()}
		far.swallows.Store(true)
		s, err := New(far, storetest.NewMemory(), Options{Aside: t.TempDir(), Down: func(error) bool { return false }})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Append(ctx, message("1")), context.DeadlineExceeded)
		require.NoError(t, s.Close())
	})
}

var errDamaged = errors.New("damaged")

// orphanless is a shared store that cannot give out orphans.
type orphanless struct{ delivery.Store }

func (orphanless) Orphans(context.Context, int) ([]delivery.Hold, error) { return nil, errDamaged }

// TestOrphansOfTheLocalStoreAreNotDropped: they are given out once.
func TestOrphansOfTheLocalStoreAreNotDropped(t *testing.T) {
	t.Parallel()
	near := &claimed{Store: storetest.NewMemory(), orphans: []delivery.Hold{{ID: "h"}}}
	s, err := New(orphanless{storetest.NewMemory()}, near, Options{Aside: t.TempDir(), Down: func(error) bool { return false }})
	require.NoError(t, err)
	orphans, err := s.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	_, err = s.Orphans(t.Context(), 10)
	require.ErrorIs(t, err, errDamaged)
	require.NoError(t, s.Close())
}

// claimed gives out orphans once.
type claimed struct {
	delivery.Store
	orphans []delivery.Hold
}

func (c *claimed) Orphans(context.Context, int) ([]delivery.Hold, error) {
	orphans := c.orphans
	c.orphans = nil
	return orphans, nil
}

// TestARecordThatCouldNotBeGivenBack is taken over when its lease has ended,
// without anything new coming in.
func TestARecordThatCouldNotBeGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		near := &stubborn{Store: storetest.NewMemory()}
		s := open(t, far, near)
		far.down.Store(true)
		near.fail.Store(true)
		require.NoError(t, s.Append(t.Context(), message("1")))
		time.Sleep(10 * time.Second)
		far.down.Store(false)
		near.fail.Store(false)
		time.Sleep(2 * drainLease)
		synctest.Wait()
		require.Equal(t, []string{"1"}, far.told())
		require.NoError(t, s.Close())
	})
}

// stubborn is a local store that cannot end leases.
type stubborn struct {
	delivery.Store
	fail atomic.Bool
}

func (s *stubborn) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	if s.fail.Load() {
		return errDamaged
	}
	return s.Store.Finish(ctx, outcomes...)
}
