package delivery_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestLanesThatGoOneByOne: they come together, so that none of them is told as
// unknown, and the end of one leaves the others alone.
func TestLanesThatGoOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.append(message("m1", "a"))
		s.append(message("m2", "b"))
		synctest.Wait()
		require.Empty(t, s.engine.AttachEach(nil))
		a, b := takes(0), takes(0)
		detach := s.engine.AttachEach([]delivery.Lane{{ID: "a", Sender: a}, {ID: "b", Sender: b}})
		synctest.Wait()
		require.Equal(t, []int{1, 1}, []int{a.count(), b.count()})
		require.NotContains(t, s.told.states("b"), delivery.LaneUnknown)

		detach[0]()
		detach[0]() // once more does no harm
		require.Equal(t, []int{1, 0}, []int{a.isClosed(), b.isClosed()})
		s.append(message("m3", "a"))
		s.append(message("m4", "b"))
		pass(time.Minute)
		require.Equal(t, []int{1, 2}, []int{a.count(), b.count()})
		detach[1]()
		require.Equal(t, 1, b.isClosed())
	})
}
