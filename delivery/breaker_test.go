package delivery_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestBreaker: a receiver that is down gets ten calls, and then one after 30
// seconds, a minute, two minutes and so on. When it is up again everything is
// delivered, and no message has lost attempts by waiting.
func TestBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		var up atomic.Bool
		r := newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
			if up.Load() {
				return status(204)
			}
			return status(500)
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 1, Schedule: schedule(t, "fixed", 3)})
		s.appendMany("a", 100)
		pass(29 * time.Second)
		require.Equal(t, 10, r.count())
		require.Equal(t, delivery.LaneBroken, s.state("a"))
		pass(time.Hour)
		want := []int{30, 90, 210, 450, 930, 1890} // seconds, pauses doubling
		for i, at := range r.times()[10:] {
			require.Equal(t, time.Duration(want[i])*time.Second, at)
		}
		require.Len(t, r.times(), 10+len(want))

		up.Store(true)
		pass(time.Hour)
		require.Len(t, s.where("a", delivery.Delivered), 100)
		require.Equal(t, delivery.LaneOpen, s.state("a"))
		for id, calls := range r.perMessage() {
			require.LessOrEqual(t, calls, 4, id)
		}
		states := s.told.states("a")
		require.Equal(t, delivery.LaneOpen, states[len(states)-1])
	})
}

// TestBreakerSettings: when it opens, how long it pauses at most, and never.
func TestBreakerSettings(t *testing.T) {
	t.Parallel()
	for want, b := range map[int]delivery.Breaker{
		2 + 59:  {Failures: 2, Pause: time.Minute, MaxPause: time.Minute}, // one in each further minute of an hour
		1 + 5:   {Failures: 1, Pause: time.Minute},                        // after 1, 3, 7, 15 and 31 minutes
		100 * 4: {Failures: -1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			r := answers(500)
			s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 1, Breaker: b, Schedule: schedule(t, "fixed", 3)})
			s.appendMany("a", 100)
			pass(time.Hour - time.Second)
			require.Equal(t, want, r.count())
		})
	}
}

// TestBreakerCountsFailuresInARow of the receiver: a success begins anew, and
// messages that cannot be sent say nothing.
func TestBreakerCountsFailuresInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		n := 0
		r := newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
			switch n++; {
			case n%10 == 0:
				return status(204)
			case n > 50:
				return delivery.Result{Unsendable: true, Reason: delivery.ReasonFormat}
			}
			return status(500)
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 1, Schedule: schedule(t, "fixed", 0)})
		s.appendMany("a", 99)
		pass(time.Second)
		require.Equal(t, 99, r.count())
		require.Empty(t, s.told.states("a"))
	})
}

// TestCallsOfBeforeAnOpening that fail late do not make the pause longer.
func TestCallsOfBeforeAnOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		n := atomic.Int64{}
		r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			if n.Add(1) <= 30 {
				return after(ctx, time.Second, status(204))
			}
			return after(ctx, 10*time.Second, status(500))
		})
		s.lane(delivery.Lane{ID: "a", Sender: r})
		s.appendMany("a", 200)
		pass(20 * time.Second)
		status, _ := s.engine.Status("a")
		require.Equal(t, delivery.LaneBroken, status.State)
		require.Less(t, time.Until(status.Until), delivery.DefaultBreakerPause)
	})
}

// TestOneDeliveryProbes, also in a lane that sent many at a time, in batches.
func TestOneDeliveryProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		var code atomic.Int64
		code.Store(204)
		r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			return after(ctx, 100*time.Millisecond, status(int(code.Load())))
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, Batch: 2})
		s.appendMany("a", 300)
		pass(450 * time.Millisecond)
		code.Store(404) // about the messages: no reason to send less at a time
		pass(29 * time.Second)
		require.Equal(t, delivery.LaneBroken, s.state("a"))
		before := r.count()
		pass(10 * time.Minute)
		for _, c := range r.log()[before:] {
			require.Len(t, c.ids, 1)
		}
		require.Equal(t, before+4, r.count(), "after 30, 60, 120 and 240 seconds")
	})
}
