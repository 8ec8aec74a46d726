package delivery_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// failsFor refuses one message, and takes all others.
func failsFor(id string, code int) *receiver {
	return newReceiver(func(_ context.Context, leases []delivery.Lease) delivery.Result {
		if leases[0].Message.ID == id {
			return status(code)
		}
		return status(204)
	})
}

// ordered appends three messages of one key and one of another to a lane whose
// first is refused.
func ordered(t *testing.T, code int, o delivery.Order, then func(s *scene, r *receiver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := failsFor("m1", code)
		s.lane(delivery.Lane{ID: "a", Sender: r, Order: o, Schedule: schedule(t, "fixed", 3), Breaker: delivery.Breaker{Failures: -1}})
		s.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"), keyed("other", "a", "o"))
		synctest.Wait()
		require.Equal(t, []string{"other"}, s.where("a", delivery.Delivered), "the others of the key wait")
		then(s, r)
	})
}

// TestPark: after the schedule the first is a dead letter, and the later ones
// wait for a person.
func TestPark(t *testing.T) {
	t.Parallel()
	ordered(t, 500, delivery.Order{Policy: delivery.OrderPark}, func(s *scene, r *receiver) {
		pass(24 * time.Hour)
		require.Equal(s.t, 4, r.perMessage()["m1"])
		require.Equal(s.t, []string{"m1"}, s.where("a", delivery.Dead))
		require.Equal(s.t, []string{"m2", "m3"}, s.where("a", delivery.Pending))
		require.NoError(s.t, s.store.Discard(s.t.Context(), "a", 1, "wrong"))
		synctest.Wait()
		require.Equal(s.t, []string{"m2", "m3", "other"}, s.where("a", delivery.Delivered))
	})
}

// TestHold: the first is tried for ever at the last interval.
func TestHold(t *testing.T) {
	t.Parallel()
	ordered(t, 500, delivery.Order{Policy: delivery.OrderHold}, func(s *scene, r *receiver) {
		pass(24 * time.Hour)
		require.Equal(s.t, 1+24*12, r.perMessage()["m1"], "every 5 minutes")
		require.Equal(s.t, []string{"m1", "m2", "m3"}, s.where("a", delivery.Pending))
	})
}

// TestHoldStillBuries what no attempt can bring over, and keeps the order.
func TestHoldStillBuries(t *testing.T) {
	t.Parallel()
	ordered(t, 413, delivery.Order{Policy: delivery.OrderHold}, func(s *scene, _ *receiver) {
		pass(time.Hour)
		require.Equal(s.t, []string{"m1"}, s.where("a", delivery.Dead))
		require.Equal(s.t, []string{"m2", "m3"}, s.where("a", delivery.Pending))
	})
}

// TestSkipAfter: so many attempts, whatever the schedule has, and then the later
// ones go on in their order.
func TestSkipAfter(t *testing.T) {
	t.Parallel()
	for skipAfter, attempts := range map[int]int{2: 2, 10: 10, 0: 4} {
		ordered(t, 500, delivery.Order{Policy: delivery.OrderSkip, SkipAfter: skipAfter}, func(s *scene, r *receiver) {
			pass(24 * time.Hour)
			require.Equal(s.t, attempts, r.perMessage()["m1"])
			require.Equal(s.t, []string{"m1"}, s.where("a", delivery.Dead))
			require.Equal(s.t, []string{"m2", "m3", "other"}, s.where("a", delivery.Delivered))
		})
	}
}

// TestManyKeys: in order within each, at the same time across them.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		var n atomic.Int64
		r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			if n.Add(1)%10 == 0 {
				return after(ctx, time.Millisecond, status(500))
			}
			return after(ctx, 100*time.Millisecond, status(204))
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, Order: delivery.Order{Policy: delivery.OrderHold}})
		for i := range 300 {
			s.append(keyed(fmt.Sprintf("k%d-%03d", i%20, i), "a", fmt.Sprint("k", i%20)))
		}
		pass(24 * time.Hour)
		require.Len(t, s.where("a", delivery.Delivered), 300)
		require.Greater(t, r.busiest(), 4)
		last := map[string]string{}
		for _, c := range r.log() {
			id := c.ids[0]
			key := id[:len(id)-4]
			require.GreaterOrEqual(t, id, last[key])
			last[key] = id
		}
	})
}
