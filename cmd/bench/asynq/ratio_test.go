package asynq

import (
	"flag"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	rounds = flag.Int("rounds", 3, "how often each of the two runs")
	events = flag.Int("events", 5000, "events in each round")
)

// wanted is the promise: so many times the deliveries of asynq.
const wanted = 3.0

// TestRatio reports a missed promise and fails only when events are lost: how
// fast a machine is at the moment is no fault.
func TestRatio(t *testing.T) {
	address, url := startRedis(t), startReceiver(t)
	ours, theirs := newVoorpoort(t, address, url), newAsynq(t, address, url)
	var next atomic.Int64
	var ratios, own, other []float64
	for i := range *rounds {
		var a, b float64
		if i%2 == 0 {
			a, b = ours.rush(t, &next), theirs.rush(t, &next)
		} else {
			b, a = theirs.rush(t, &next), ours.rush(t, &next)
		}
		t.Logf("round %d/%d: voorpoort %.0f/s, asynq %.0f/s", i+1, *rounds, a, b)
		own, other, ratios = append(own, a), append(other, b), append(ratios, a/b)
	}
	t.Logf("voorpoort with Redis %s events/s, asynq %s events/s", spread(own, 0), spread(other, 0))
	t.Logf("ratio %s, wanted at least %.1f", spread(ratios, 2), wanted)
}

// rush hands events over by all callers, waits until all are delivered, and gives
// how many that were in a second.
func (q queue) rush(t *testing.T, next *atomic.Int64) float64 {
	t.Helper()
	before, start := q.delivered.Load(), time.Now()
	var left atomic.Int64
	left.Store(int64(*events))
	var group sync.WaitGroup
	failures := make(chan error, callers)
	for range callers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := q.hand(t.Context(), int(next.Add(1))); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failures)
	require.NoError(t, <-failures)
	require.Eventually(t, func() bool { return q.delivered.Load()-before >= int64(*events) }, time.Minute, time.Millisecond)
	return float64(*events) / time.Since(start).Seconds()
}
