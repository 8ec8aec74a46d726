package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// witness is a recoverer that knows what became of a write.
type witness func(h delivery.Hold) (delivery.Recovery, error)

func (w witness) Recover(_ context.Context, h delivery.Hold) (delivery.Recovery, error) {
	return w(h)
}

var errRegister = errors.New("the register does not answer")

// orphan gives the store a hold whose owner is gone.
func (s *scene) orphan(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		h := delivery.Hold{ID: id, Created: time.Now()}
		require.NoError(s.t, s.store.Hold(s.t.Context(), h))
		s.store.mu.Lock()
		s.store.orphans = append(s.store.orphans, h)
		s.store.mu.Unlock()
	}
}

func (s *scene) holds() int {
	s.t.Helper()
	all, err := s.store.Holds(s.t.Context(), 1000)
	require.NoError(s.t, err)
	return len(all)
}

// TestOrphans are released with their messages, or dropped without; those that
// come later are found within the interval.
func TestOrphans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(0)
		s.orphan("happened", "did-not")
		e := s.start(delivery.Options{Recoverer: witness(func(h delivery.Hold) (delivery.Recovery, error) {
			if h.ID == "did-not" {
				return delivery.Recovery{}, nil
			}
			return delivery.Recovery{Messages: []delivery.Message{message(h.ID, "a")}}, nil
		})})
		e.Attach([]delivery.Lane{{ID: "a", Sender: r}})
		synctest.Wait()
		require.Zero(t, s.holds())
		require.Equal(t, map[string]int{"happened": 1}, r.perMessage())
		require.ElementsMatch(t, []string{"happened 1 <nil>", "did-not 0 <nil>"}, s.told.tried())

		s.orphan("later")
		pass(delivery.DefaultOrphanInterval)
		require.Equal(t, 1, r.perMessage()["later"])
	})
}

// TestOrphansBesideOneThatCannotBeReadAreSettled: they are not given again.
func TestOrphansBesideOneThatCannotBeReadAreSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.orphan("readable")
		s.store.failWith(func(method string, _ any) error {
			if method == "orphans" {
				return errOneUnreadable
			}
			return nil
		})
		s.start(delivery.Options{Recoverer: witness(func(delivery.Hold) (delivery.Recovery, error) { return delivery.Recovery{}, nil })})
		synctest.Wait()
		require.Zero(t, s.holds())
		s.store.failWith(nil)
	})
}

// TestOrphanThatCannotBeSettled stays held, and is tried again and again: after
// 1, 2, 4 seconds and so on up to a minute, or half of that by chance.
func TestOrphanThatCannotBeSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.orphan("h")
		var mu sync.Mutex
		var tries []time.Time
		well := false
		s.start(delivery.Options{Recoverer: witness(func(delivery.Hold) (delivery.Recovery, error) {
			mu.Lock()
			defer mu.Unlock()
			tries = append(tries, time.Now())
			if well {
				return delivery.Recovery{}, nil
			}
			return delivery.Recovery{}, errRegister
		})})
		pass(time.Hour)
		require.Equal(t, 1, s.holds())
		for i := range 20 {
			most := min(time.Second<<i, time.Minute)
			gap := tries[i+1].Sub(tries[i])
			require.LessOrEqual(t, gap, most)
			require.GreaterOrEqual(t, gap, most/2)
		}
		require.Equal(t, "h 0 the register does not answer", s.told.tried()[0])
		mu.Lock()
		well = true
		mu.Unlock()
		pass(time.Minute)
		require.Zero(t, s.holds())
		require.Equal(t, "h 0 <nil>", s.told.tried()[len(s.told.tried())-1])
	})
}

// TestManyOrphans: all are settled, a few at a time, also over a store that
// fails in between and one whose owner turned up after all.
func TestManyOrphans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		for i := range 1500 {
			s.orphan(fmt.Sprint("h", i))
		}
		require.NoError(t, s.store.Memory.Release(t.Context(), "h7"))
		var n atomic.Int64
		s.store.failWith(func(method string, _ any) error {
			if method != "purge" && n.Add(1)%3 == 0 {
				return errDown
			}
			return nil
		})
		var running, most, kept atomic.Int64
		s.start(delivery.Options{Recoverer: witness(func(delivery.Hold) (delivery.Recovery, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(10 * time.Millisecond)
			return delivery.Recovery{OnKept: func() { kept.Add(1) }}, nil
		})})
		pass(10 * time.Minute)
		require.Zero(t, s.holds())
		require.EqualValues(t, 4, most.Load())
		require.EqualValues(t, 1499, kept.Load(), "once each, and not for what others have settled")
		require.True(t, slices.Contains(s.told.tried(), "h7 0 <nil>"))
	})
}

// TestARecoveryIsToldOfWhenTheStoreHasIt: not while the store fails.
func TestARecoveryIsToldOfWhenTheStoreHasIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.orphan("h")
		s.store.failWith(func(method string, _ any) error {
			if method == "release" {
				return errDown
			}
			return nil
		})
		var asked, kept atomic.Int64
		s.start(delivery.Options{Recoverer: witness(func(delivery.Hold) (delivery.Recovery, error) {
			asked.Add(1)
			return delivery.Recovery{OnKept: func() {
				if left, err := s.store.Holds(t.Context(), 1); err == nil && len(left) == 0 {
					kept.Add(1)
				}
			}}, nil
		})})
		pass(time.Minute)
		require.Greater(t, asked.Load(), int64(3))
		require.Zero(t, kept.Load())
		s.store.failWith(nil)
		pass(time.Minute)
		require.EqualValues(t, 1, kept.Load())
	})
}

// TestPurge: at the start and every hour, what is older than the retention.
func TestPurge(t *testing.T) {
	t.Parallel()
	for retention, want := range map[time.Duration]time.Duration{0: delivery.DefaultRetention, time.Hour: time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{Retention: retention})
			pass(150 * time.Minute)
			require.Len(t, s.store.purges, 3)
			for i, before := range s.store.purges {
				require.Equal(t, s.begun.Add(time.Duration(i)*time.Hour-want), before)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{Retention: -1})
		pass(24 * time.Hour)
		require.Empty(t, s.store.purges)
	})
}
