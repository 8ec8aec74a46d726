package delivery_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestBatch: so many deliveries go into one call, and share what it comes to.
func TestBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := answers(500, 500, 500, 204)
		s.appendMany("a", 25)
		s.lane(delivery.Lane{ID: "a", Sender: r, Batch: 10, MaxConcurrent: 1, Schedule: schedule(t, "fixed", 3)})
		synctest.Wait()
		require.Equal(t, 3, r.count())
		require.Len(t, r.log()[0].ids, 10)
		require.Len(t, r.log()[2].ids, 5)
		require.Len(t, s.told.finished(), 25, "each has its row")
		pass(time.Hour)
		require.Len(t, s.where("a", delivery.Delivered), 25)
		require.Equal(t, 2, r.perMessage()["m1"])
	})
}

// TestOneBadMessageOfABatch does not take the others with it: the batch is
// halved until it stands alone.
func TestOneBadMessageOfABatch(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]delivery.Result{
		"too large":  status(413),
		"unsendable": {Unsendable: true, Reason: delivery.ReasonFormat},
		"no retry":   status(422),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, delivery.Options{})
				r := newReceiver(func(_ context.Context, leases []delivery.Lease) delivery.Result {
					if slices.ContainsFunc(leases, func(l delivery.Lease) bool { return l.Message.ID == "m6" }) {
						return refusal
					}
					return status(204)
				})
				s.appendMany("a", 16)
				s.lane(delivery.Lane{ID: "a", Sender: r, Batch: 16, MaxConcurrent: 1, NoRetry: []int{422}})
				synctest.Wait()
				require.Equal(t, []string{"m6"}, s.where("a", delivery.Dead))
				require.Len(t, s.where("a", delivery.Delivered), 15)
				require.Equal(t, 9, r.count(), "16, 8, 8, 4, 4, 2, 2, 1, 1")
				require.Len(t, s.told.finished(), 16)
			})
		})
	}
}

// TestBatchThatIsBrokenOff while its halves are sent: what was not sent is not
// lost, and has no row.
func TestBatchThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Batch: 8, MaxConcurrent: 1, Sender: newReceiver(func(ctx context.Context, leases []delivery.Lease) delivery.Result {
			return after(ctx, time.Second, status(413))
		})})
		s.appendMany("a", 8)
		pass(1500 * time.Millisecond)
		require.Error(t, s.engine.Stop(within(t, time.Second)))
		leases, _, err := s.store.Lease(t.Context(), "a", 8, time.Now())
		require.NoError(t, err)
		require.Len(t, leases, 8)
	})
}
