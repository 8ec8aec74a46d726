package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var errDown = errors.New("the store is down")

func allDown(string, any) error { return errDown }

// TestStoreThatIsDownForMinutes: the engine says so, asks seldom, and goes on by
// itself; what was sent before is not sent again.
func TestStoreThatIsDownForMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(time.Second)
		s.lane(delivery.Lane{ID: "a", Sender: r})
		s.appendMany("a", 30)
		synctest.Wait() // two calls are running
		s.store.failWith(allDown)
		before := s.store.uses("lease") + s.store.uses("finish")
		pass(10 * time.Minute)
		require.ErrorIs(t, s.engine.Failing(), errDown)
		sent := r.count()
		require.LessOrEqual(t, sent, 4, "those that ran, and one that was leased before and followed each")
		require.Less(t, s.store.uses("lease")+s.store.uses("finish")-before, 700, "every 2.5 to 5 seconds: all outcomes together, and three of them by themselves")

		s.store.failWith(nil)
		pass(time.Minute)
		require.NoError(t, s.engine.Failing())
		require.Equal(t, []string{errDown.Error(), "<nil>"}, s.told.storeChanges())
		require.Len(t, s.where("a", delivery.Delivered), 30)
		for id, n := range r.perMessage() {
			require.Equal(t, 1, n, id)
		}
	})
}

// TestStoreThatCannotBeWatched, or leased from, at the start.
func TestStoreThatCannotBeWatchedAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.store.failWith(allDown)
		e := s.start(delivery.Options{Retention: -1})
		r := takes(0)
		e.Attach([]delivery.Lane{{ID: "a", Sender: r}})
		pass(3 * time.Minute)
		require.Error(t, e.Failing())
		s.store.failWith(nil)
		pass(10 * time.Second)
		s.append(message("m1", "a"))
		synctest.Wait()
		require.Equal(t, 1, r.count())
		require.NoError(t, e.Failing())
	})
}

// TestStoreThatFailsForOneLane: the others do not notice, and the gateway is
// ready again when the lane is not wanted any more.
func TestStoreThatFailsForOneLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.store.failWith(func(method string, arg any) error {
			if method == "lease" && arg == "bad" {
				return errDown
			}
			return nil
		})
		bad, good := takes(0), takes(0)
		s.lane(delivery.Lane{ID: "good", Sender: good})
		detach := s.lane(delivery.Lane{ID: "bad", Sender: bad})
		s.append(message("m1", "good", "bad"))
		pass(time.Minute)
		require.Equal(t, []int{1, 0}, []int{good.count(), bad.count()})
		require.Error(t, s.engine.Failing())
		detach()
		require.NoError(t, s.engine.Failing())
	})
}

// TestAnOutcomeThatTheStoreNeverTakes does not keep the others from being stored.
func TestAnOutcomeThatTheStoreNeverTakes(t *testing.T) {
	t.Parallel()
	for name, rowOnly := range map[string]bool{"only with its row": true, "not at all": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, delivery.Options{})
				s.store.failWith(func(method string, arg any) error {
					if method != "finish" {
						return nil
					}
					for _, o := range arg.([]delivery.Outcome) {
						if o.Lease.Message.ID == "m1" && (!rowOnly || o.Attempt != nil) {
							return errors.New("too large")
						}
					}
					return nil
				})
				r := takes(0)
				s.lane(delivery.Lane{ID: "a", Sender: r, Batch: 100})
				s.appendMany("a", 20)
				pass(30 * time.Second)
				require.Contains(t, s.where("a", delivery.Delivered), "m20")
				require.Len(t, s.where("a", delivery.Delivered), map[bool]int{true: 20, false: 19}[rowOnly])
				require.NotEmpty(t, s.told.lost, "somebody must know")
				require.Equal(t, "m1 true too large", s.told.lost[0])
				if rowOnly {
					require.NoError(t, s.engine.Failing())
					require.Len(t, s.told.lost, 1)
				} else {
					require.Contains(t, s.told.lost, "m1 false too large", "it is attempted again")
				}
			})
		})
	}
}

// TestOutcomesAreStoredTogether while the store is busy with earlier ones.
func TestOutcomesAreStoredTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		var most atomic.Int64
		s.store.failWith(func(method string, arg any) error {
			if method == "finish" {
				most.Store(max(most.Load(), int64(len(arg.([]delivery.Outcome)))))
				time.Sleep(50 * time.Millisecond)
			}
			return nil
		})
		r := takes(10 * time.Millisecond)
		s.lane(delivery.Lane{ID: "a", Sender: r})
		s.appendMany("a", 500)
		pass(time.Minute)
		require.Len(t, s.where("a", delivery.Delivered), 500)
		require.GreaterOrEqual(t, most.Load(), int64(16))
		require.Less(t, s.store.uses("finish"), 100)
	})
}

// TestEverythingAtOnce: a store and receivers that fail by chance, reloads, and
// a second gateway: every message arrives in every lane, nothing is stuck, and
// nothing is left over.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{MaxConcurrent: 20, Retention: -1})
		second := s.start(delivery.Options{MaxConcurrent: 20, Retention: -1})
		s.store.failWith(func(string, any) error {
			if rand.IntN(10) == 0 {
				return errDown
			}
			return nil
		})
		receive := func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			wait := time.Duration(rand.IntN(100)) * time.Millisecond
			if rand.IntN(100) == 0 {
				wait = time.Hour
			}
			return after(ctx, wait, status([]int{204, 204, 204, 500, 429, 404, 503}[rand.IntN(7)]))
		}
		detach := func() {}
		for i := range 60 {
			var lanes []delivery.Lane
			for l := range 10 {
				lanes = append(lanes, delivery.Lane{
					ID: fmt.Sprint("lane", l), Sender: newReceiver(receive), Batch: 1 + l%2*4, Timeout: time.Second,
					Schedule: schedule(t, "open-notificaties", 100), Breaker: delivery.Breaker{MaxPause: time.Minute},
				})
			}
			one, two := s.engine.Attach(lanes), second.Attach(lanes)
			detach()
			detach = func() { one(); two() }
			m := message(fmt.Sprint("m", i))
			for _, l := range lanes {
				m.Targets = append(m.Targets, delivery.Target{Lane: l.ID})
			}
			s.append(m)
			pass(time.Duration(rand.IntN(500)) * time.Millisecond)
		}
		pass(60 * 24 * time.Hour)
		for l := range 10 {
			require.Len(t, s.where(fmt.Sprint("lane", l), delivery.Delivered), 60)
		}
		for _, st := range append(s.engine.Lanes(), second.Lanes()...) {
			require.Zero(t, st.Calls, st.Lane)
		}
	})
}

// TestNothingIsSentThatCouldNotBeStored: while outcomes wait, their lane rests.
func TestNothingIsSentThatCouldNotBeStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.store.failWith(func(method string, _ any) error {
			if method == "finish" {
				return errDown
			}
			return nil
		})
		r, other := takes(time.Second), takes(time.Second)
		s.lane(delivery.Lane{ID: "a", Sender: r})
		s.appendMany("a", 100)
		pass(10 * time.Minute)
		require.LessOrEqual(t, r.count(), 8, "some that were leased before have begun when the first outcome is refused")
		s.store.failWith(nil)
		s.lane(delivery.Lane{ID: "a", Sender: other})
		pass(10 * time.Minute)
		require.Len(t, s.where("a", delivery.Delivered), 100)
	})
}
