package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// TestOverTheEmbeddedStore: an engine is stopped in the middle of its work, the
// store is closed and opened, and another engine does the rest: everything
// arrives once, in the order of its key.
func TestOverTheEmbeddedStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const lanes, messages = 4, 500
	receivers := make([]*receiver, lanes)
	all := make([]delivery.Lane, lanes)
	for i := range lanes {
		receivers[i] = takes(time.Millisecond)
		all[i] = delivery.Lane{ID: fmt.Sprint("lane", i), Sender: receivers[i], Order: delivery.Order{Policy: delivery.OrderPark}}
	}
	received := func() (n int) {
		for _, r := range receivers {
			n += r.count()
		}
		return n
	}
	for run := range 2 {
		store, err := local.Open(dir, local.Options{})
		require.NoError(t, err)
		e := delivery.New(store, delivery.Options{})
		e.Attach(all)
		for i := range messages * (1 - run) {
			m := message(fmt.Sprint("m", i))
			for l := range lanes {
				m.Targets = append(m.Targets, delivery.Target{Lane: all[l].ID, Key: fmt.Sprint("k", i%17)})
			}
			require.NoError(t, store.Append(t.Context(), m))
		}
		enough := []int{lanes * messages / 3, lanes * messages}[run]
		require.Eventually(t, func() bool { return received() >= enough }, time.Minute, time.Millisecond)
		require.NoError(t, e.Stop(within(t, time.Minute)))
		require.NoError(t, store.Close())
	}
	for _, r := range receivers {
		require.Len(t, r.perMessage(), messages)
		last := map[int]int{}
		for _, c := range r.log() {
			require.Len(t, c.ids, 1)
			var n int
			_, err := fmt.Sscanf(c.ids[0], "m%d", &n)
			require.NoError(t, err)
			require.GreaterOrEqual(t, n, last[n%17])
			last[n%17] = n + 1 // also: not twice
		}
	}
}
