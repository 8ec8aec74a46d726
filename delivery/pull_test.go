package delivery_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestAPullLaneIsLeftAlone: it needs no sender, nothing of it is leased, and
// nobody is told that it is unknown.
func TestAPullLaneIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		lane := delivery.Lane{ID: "a", Name: "subscriber", Pull: true}
		require.NoError(t, lane.Validate())
		s.append(message("before", "a"))
		detach := s.lane(lane)
		s.append(message("m", "a"))
		pass(time.Hour)
		require.Zero(t, s.store.uses("lease"))
		require.Equal(t, delivery.LaneOpen, s.state("a"))
		require.Empty(t, s.told.states("a"))

		leases, _, err := s.store.Lease(t.Context(), "a", 10, time.Now().Add(time.Minute))
		require.NoError(t, err)
		require.Len(t, leases, 2)
		require.NoError(t, s.store.Settle(t.Context(), "a", leases[0].Message.Seq))
		require.True(t, s.engine.Resume("a"))
		pass(2 * time.Minute) // the lease of the other has ended
		require.Equal(t, 1, s.store.uses("lease"), "the subscriber's")
		detach()
		detach()
	})
}

// TestALaneBecomesAPullLane while it has calls in flight and leases for later:
// those end as they began, these are given back.
func TestALaneBecomesAPullLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(10 * time.Second)
		detach := s.lane(delivery.Lane{ID: "a", Version: "1", Sender: r, MaxConcurrent: 2})
		s.appendMany("a", 20)
		pass(15 * time.Second)
		s.lane(delivery.Lane{ID: "a", Version: "2", Pull: true})
		detach()
		pass(time.Minute)
		sent := r.count()
		require.Equal(t, 1, r.isClosed())
		pass(time.Hour)
		require.Equal(t, sent, r.count())
		leases, _, err := s.store.Lease(t.Context(), "a", 100, time.Now().Add(time.Minute))
		require.NoError(t, err)
		require.Len(t, leases, 20-sent, "all others can be fetched")

		next := takes(0)
		s.lane(delivery.Lane{ID: "a", Version: "3", Sender: next})
		pass(2 * time.Minute)
		require.Equal(t, 20-sent, next.count(), "and sent again when it is no pull lane any more")
	})
}

// TestARowOfAReplaySaysSo.
func TestARowOfAReplaySaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: takes(0)})
		s.append(message("m", "a"))
		synctest.Wait()
		m, _, err := s.store.Message(t.Context(), "urn:test", "m")
		require.NoError(t, err)
		require.NoError(t, s.store.Replay(t.Context(), "a", m.Seq, time.Time{}))
		synctest.Wait()
		rows := s.told.finished()
		require.Len(t, rows, 2)
		require.Equal(t, []bool{false, true}, []bool{rows[0].Replayed, rows[1].Replayed})
	})
}
