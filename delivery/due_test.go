package delivery

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDueHeap against the obvious: the lane whose time comes first is next,
// however often lanes were moved or taken out.
func TestDueHeap(t *testing.T) {
	t.Parallel()
	var h dueHeap
	base := time.Now()
	times := map[*queue]time.Time{}
	lanes := make([]*queue, 50)
	for i := range lanes {
		lanes[i] = newQueue("")
	}
	for range 5000 {
		q := lanes[rand.IntN(len(lanes))]
		switch rand.IntN(3) {
		case 0:
			h.remove(q)
			delete(times, q)
		default:
			at := base.Add(time.Duration(rand.IntN(1000)))
			h.put(q, at)
			times[q] = at
		}
		require.Len(t, h, len(times))
	}
	require.Nil(t, h.take(base.Add(-1)))
	last := base
	for range len(times) {
		q := h.take(base.Add(time.Hour))
		require.False(t, times[q].Before(last))
		require.Zero(t, q.heap)
		last = times[q]
	}
	require.Nil(t, h.take(base.Add(time.Hour)))
}
