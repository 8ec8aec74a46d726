package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// TestAnotherGatewayDoesNotSendWhatWeCannotStore: outcomes that cannot be stored
// for long keep their leases.
func TestAnotherGatewayDoesNotSendWhatWeCannotStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(time.Second)
		lane := delivery.Lane{ID: "a", Sender: r, Timeout: 5 * time.Second}
		s.lane(lane)
		s.append(message("m1", "a"))
		synctest.Wait() // the first engine has the lease
		other := s.start(delivery.Options{})
		other.Attach([]delivery.Lane{lane})

		s.store.failWith(func(method string, _ any) error {
			if method == "finish" {
				return errors.New("no space")
			}
			return nil
		})
		pass(10 * time.Minute)
		s.store.failWith(nil)
		pass(10 * time.Minute)
		require.Equal(t, 1, r.count())
		require.Equal(t, []string{"m1"}, s.where("a", delivery.Delivered))
	})
}

// TestLostLeaseEndsItsCall: what a person discards is given up, and the lane
// goes on.
func TestLostLeaseEndsItsCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		var cause error
		r := newReceiver(func(ctx context.Context, leases []delivery.Lease) delivery.Result {
			if leases[0].Message.ID == "m2" {
				return status(204)
			}
			<-ctx.Done()
			cause = context.Cause(ctx)
			return delivery.Result{Reason: delivery.ReasonBroken, Error: "gave up"}
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, Timeout: 5 * time.Minute, MaxConcurrent: 1})
		s.append(message("m1", "a"), message("m2", "a"))
		pass(time.Second)
		require.NoError(t, s.store.Discard(t.Context(), "a", 1, "not needed"))
		pass(2 * time.Minute) // a third of the lease is 105 seconds
		require.EqualError(t, cause, "delivery: the lease was lost during the call")
		require.Equal(t, []string{"m1"}, s.where("a", delivery.Discarded))
		require.Equal(t, []string{"m2"}, s.where("a", delivery.Delivered))
		require.Equal(t, cause.Error(), s.told.finished()[0].Error)
		st, _ := s.engine.Status("a")
		require.Zero(t, st.Failures, "that says nothing about the receiver")
	})
}

// lateFinish is a store whose answers to the second and the third Finish come late.
type lateFinish struct {
	delivery.Store
	uses int // the engine's lane uses it one after the other
}

func (s *lateFinish) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	err := s.Store.Finish(ctx, outcomes...)
	if s.uses++; s.uses == 2 || s.uses == 3 {
		time.Sleep(1500 * time.Millisecond)
	}
	return err
}

// TestALeaseOfAFormerCallEndsNoOther: the store has ended the lease of a call and
// has not said so yet. For the renewal it is lost; the call that its worker makes
// meanwhile goes on.
func TestALeaseOfAFormerCallEndsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &lateFinish{Store: storetest.NewMemory()}
		for n := range 12 {
			require.NoError(t, s.Append(t.Context(), message(fmt.Sprint(n), "a")))
		}
		e := delivery.New(s, delivery.Options{LeaseMargin: 500 * time.Millisecond})
		broken := 0
		r := newReceiver(func(ctx context.Context, leases []delivery.Lease) delivery.Result {
			if n, _ := strconv.Atoi(leases[0].Message.ID); n < 3 {
				return status(204)
			}
			select {
			case <-ctx.Done():
				broken++
				return delivery.Result{Reason: delivery.ReasonBroken}
			case <-time.After(900 * time.Millisecond): // within its timeout
				return status(204)
			}
		})
		detach := e.Attach([]delivery.Lane{{ID: "a", Name: "a", Sender: r, Timeout: time.Second, MaxConcurrent: 1}})
		pass(time.Minute)
		require.NoError(t, e.Stop(t.Context()))
		detach()
		require.Zero(t, broken)
		require.Equal(t, 12, r.count())
	})
}

// TestRenewalsAreFew: none for calls that end soon, one per third of the lease
// for all calls together that do not; and they go on when one fails.
func TestRenewalsAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		quick, slow := takes(time.Second), takes(50*time.Second)
		s.engine.Attach([]delivery.Lane{
			{ID: "quick", Sender: quick, Timeout: time.Minute},
			{ID: "slow", Sender: slow, Timeout: time.Minute},
		})
		s.appendMany("quick", 100)
		pass(3 * time.Minute)
		require.Equal(t, 100, quick.count())
		require.Zero(t, s.store.uses("extend"))

		for _, id := range []string{"s1", "s2"} {
			s.append(message(id, "slow"))
		}
		pass(26 * time.Second) // a third of 75 seconds
		require.Equal(t, 1, s.store.uses("extend"))
		n := 0
		s.store.failWith(func(method string, _ any) error {
			if n++; method == "extend" && n < 3 {
				return errors.New("down")
			}
			return nil
		})
		pass(3 * time.Minute)
		require.Equal(t, map[string]int{"s1": 1, "s2": 1}, slow.perMessage())
		require.Len(t, s.where("slow", delivery.Delivered), 2)
	})
}

// TestLeaseFitsTheTimeout: it is longer than a call may take by the margin.
func TestLeaseFitsTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{LeaseMargin: 7 * time.Second})
		var until time.Time
		r := newReceiver(func(_ context.Context, leases []delivery.Lease) delivery.Result {
			until = leases[0].Until
			return status(204)
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, Timeout: 3 * time.Second})
		s.append(message("m1", "a"))
		synctest.Wait()
		require.Equal(t, 10*time.Second, until.Sub(s.begun))
	})
}

// TestTimeout: a call ends at its timeout, and its worker is free again (SW-33).
func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := hangs()
		s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 1, Schedule: schedule(t, "fixed", 0)})
		s.append(message("m1", "a"), message("m2", "a"))
		pass(time.Hour)
		require.Equal(t, []time.Duration{0, delivery.DefaultTimeout}, r.times())
		require.Len(t, s.where("a", delivery.Dead), 2)
	})
}

// TestFailedRenewalIsForgotten when the call that it was for has ended.
func TestFailedRenewalIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.store.failWith(func(method string, _ any) error {
			if method == "extend" {
				return errDown
			}
			return nil
		})
		s.lane(delivery.Lane{ID: "a", Sender: takes(30 * time.Second), Timeout: time.Minute})
		s.append(message("m1", "a"))
		pass(29 * time.Second)
		require.Error(t, s.engine.Failing())
		pass(10 * time.Second)
		require.NoError(t, s.engine.Failing())
	})
}
