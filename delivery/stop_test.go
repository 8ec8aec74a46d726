package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// within is a context that ends after a while.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// TestStopWaitsForCalls: they end by themselves, are stored, and nothing more is
// leased. Stopping again is harmless.
func TestStopWaitsForCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(3 * time.Second)
		detach := s.lane(delivery.Lane{ID: "a", Sender: r})
		s.appendMany("a", 10)
		synctest.Wait()
		begun := time.Now()
		require.NoError(t, s.engine.Stop(within(t, time.Minute)))
		require.NoError(t, s.engine.Stop(within(t, time.Minute)))
		require.Equal(t, 3*time.Second, time.Since(begun))
		require.Len(t, s.where("a", delivery.Delivered), 2)
		pass(time.Hour)
		require.Equal(t, 2, r.count())
		require.Zero(t, r.isClosed())
		detach()
		require.Equal(t, 1, r.isClosed())
	})
}

// TestStopBreaksOffCalls when its time is over: their deliveries are due at once
// for the next gateway, without having lost an attempt.
func TestStopBreaksOffCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: hangs()})
		s.append(message("m1", "a"))
		synctest.Wait()
		begun := time.Now()
		err := s.engine.Stop(within(t, 5*time.Second))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "delivery: 1 calls were broken off: context deadline exceeded")
		require.Equal(t, 5*time.Second, time.Since(begun))
		require.Equal(t, "delivery: the gateway stopped during the call", s.told.finished()[0].Error)

		r := takes(0)
		s.start(delivery.Options{}).Attach([]delivery.Lane{{ID: "a", Sender: r}})
		synctest.Wait()
		require.Equal(t, 1, r.count())
		require.Equal(t, 1, r.log()[0].attempt)
	})
}

// TestStopKeepsAnAnswerThatCame before the call was broken off.
func TestStopKeepsAnAnswerThatCame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			<-ctx.Done()
			return status(204)
		})})
		s.append(message("m1", "a"))
		synctest.Wait()
		require.Error(t, s.engine.Stop(within(t, time.Second)))
		require.Len(t, s.where("a", delivery.Delivered), 1)
	})
}

// TestStopReturnsLeasesThatWereNotUsed: those that the store gives while the
// engine stops.
func TestStopReturnsLeasesThatWereNotUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.store.failWith(func(method string, _ any) error {
			if method == "lease" {
				time.Sleep(time.Second)
			}
			return nil
		})
		r := takes(0)
		s.lane(delivery.Lane{ID: "a", Sender: r, Batch: 10})
		s.appendMany("a", 10)
		synctest.Wait()
		require.NoError(t, s.engine.Stop(within(t, time.Minute)))
		require.Zero(t, r.count())
		s.store.failWith(nil)
		leases, _, err := s.store.Lease(t.Context(), "a", 20, time.Now())
		require.NoError(t, err)
		require.Len(t, leases, 10)
		require.Equal(t, 1, leases[0].Attempt)
	})
}

// TestStopOverAStoreThatIsDown ends all the same: the leases end by themselves.
func TestStopOverAStoreThatIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(time.Second)
		lane := delivery.Lane{ID: "a", Sender: r}
		s.lane(lane)
		s.append(message("m1", "a"))
		synctest.Wait()
		s.store.failWith(allDown)
		begun := time.Now()
		require.Error(t, s.engine.Stop(within(t, 5*time.Second)))
		require.Equal(t, 7*time.Second, time.Since(begun))
		s.store.failWith(nil)
		s.start(delivery.Options{}).Attach([]delivery.Lane{lane})
		pass(time.Minute)
		require.Equal(t, 2, r.count(), "at least once")
		require.Len(t, s.where("a", delivery.Delivered), 1)
	})
}

// TestStopDoesNotWaitForASenderThatIgnoresIt.
func TestStopDoesNotWaitForASenderThatIgnoresIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
			time.Sleep(time.Hour)
			return status(204)
		})})
		s.append(message("m1", "a"))
		synctest.Wait()
		begun := time.Now()
		require.ErrorContains(t, s.engine.Stop(within(t, time.Second)), "did not end")
		require.Equal(t, 5*time.Second, time.Since(begun))
		pass(2 * time.Hour)
	})
}

// TestAttachAfterStop sends nothing, and its detach closes the senders.
func TestAttachAfterStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		require.NoError(t, s.engine.Stop(within(t, time.Second)))
		r := takes(0)
		detach := s.lane(delivery.Lane{ID: "a", Sender: r})
		s.append(message("m1", "a"))
		pass(time.Hour)
		require.Zero(t, r.count())
		detach()
		require.Equal(t, 1, r.isClosed())
	})
}
