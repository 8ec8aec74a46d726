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

// slowest gives how long the last call of all receivers came after the start.
func slowest(receivers []*receiver) (last time.Duration) {
	for _, r := range receivers {
		times := r.times()
		last = max(last, times[len(times)-1])
	}
	return last
}

// twenty runs 20 lanes of 100 messages each, of which a number hangs, and gives
// when the others were done.
func twenty(t *testing.T, hanging, slots int) (last time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{MaxConcurrent: slots})
		var lanes []delivery.Lane
		var well []*receiver
		for i := range 20 {
			r := hangs()
			if i >= hanging {
				r = takes(10 * time.Millisecond)
				well = append(well, r)
			}
			lanes = append(lanes, delivery.Lane{ID: fmt.Sprint("lane", i), Sender: r})
		}
		s.engine.Attach(lanes)
		for i := range 100 {
			m := message(fmt.Sprint("m", i))
			for _, l := range lanes {
				m.Targets = append(m.Targets, delivery.Target{Lane: l.ID})
			}
			s.append(m)
		}
		pass(15 * time.Second) // the hanging ones have not even timed out
		for _, r := range well {
			require.Equal(t, 100, r.count())
		}
		last = slowest(well)
	})
	return last
}

// TestHangingReceiversCostOthersNothing: the lanes that are well are done at the
// same time, whether one lane hangs or none; and with half of the lanes hanging
// and hardly any slots they are done as well.
func TestHangingReceiversCostOthersNothing(t *testing.T) {
	t.Parallel()
	alone := twenty(t, 0, 256)
	const round = float64(10 * time.Millisecond) // of calls
	require.InDelta(t, alone, twenty(t, 1, 256), 2*round)
	require.InDelta(t, alone, twenty(t, 5, 256), 2*round)
	require.Less(t, twenty(t, 10, 30), 5*time.Second)
}

// TestLanesTakeTurns: when slots are few, a lane with much to do does not keep
// them from one with little.
func TestLanesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{MaxConcurrent: 2})
		large, small := takes(time.Second), takes(time.Second)
		s.engine.Attach([]delivery.Lane{{ID: "large", Sender: large}, {ID: "small", Sender: small}})
		s.appendMany("large", 200)
		pass(10 * time.Second)
		for i := range 10 {
			s.append(message(fmt.Sprint("s", i), "small"))
		}
		pass(12 * time.Second)
		require.Equal(t, 10, small.count())
		require.GreaterOrEqual(t, large.count(), 20)
	})
}

// TestGlobalLimit: no more calls than slots, whatever lanes may do.
func TestGlobalLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{MaxConcurrent: 5})
		r := takes(time.Second)
		s.engine.Attach([]delivery.Lane{{ID: "a", Sender: r}, {ID: "b", Sender: r}, {ID: "c", Sender: r}})
		for i := range 50 {
			s.append(message(fmt.Sprint("m", i), "a", "b", "c"))
		}
		pass(time.Minute)
		require.Equal(t, 150, r.count())
		require.LessOrEqual(t, r.busiest(), 5)
	})
}

// TestConcurrencyAdapts: two calls at a time to a receiver that is not known,
// up to the lane's maximum while all goes well, down to one when it fails, and
// up again slowly.
func TestConcurrencyAdapts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		var code atomic.Int64
		code.Store(204)
		r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			return after(ctx, time.Second, status(int(code.Load())))
		})
		s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 8, Breaker: delivery.Breaker{Failures: -1}})
		s.appendMany("a", 600)
		synctest.Wait()
		require.Equal(t, 2, r.busiest())
		pass(1500 * time.Millisecond)
		require.Equal(t, 4, r.busiest())
		pass(10 * time.Second)
		require.Equal(t, 8, r.busiest())

		code.Store(500)
		pass(10 * time.Second)
		r.busiest()
		pass(2 * time.Second)
		require.Equal(t, 1, r.busiest())

		code.Store(204)
		pass(5 * time.Second)
		require.InDelta(t, 3, r.busiest(), 1, "by one per round at most")
		pass(30 * time.Second)
		require.Equal(t, 8, r.busiest())
	})
}

// TestOverloadIsOneCallAtATime: 502 and 504.
func TestOverloadIsOneCallAtATime(t *testing.T) {
	t.Parallel()
	for _, code := range []int{502, 504} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			n := 0
			r := newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
				if n++; n == 50 {
					return status(code)
				}
				return status(204)
			})
			s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 1})
			s.appendMany("a", 50)
			synctest.Wait()
			st, _ := s.engine.Status("a")
			require.Equal(t, 1, st.Limit)
		})
	}
}

// TestWakesUpOnTime for a delivery that is due later, at once for a new one, and
// for one that comes to be due before what was known.
func TestWakesUpOnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := takes(0)
		s.lane(delivery.Lane{ID: "a", Sender: r})
		for _, d := range []time.Duration{3*time.Hour + 1234*time.Microsecond, 7 * time.Second, 36 * time.Hour} {
			m := message(d.String(), "a")
			m.Targets[0].Due = time.Now().Add(d)
			s.append(m)
		}
		pass(48 * time.Hour)
		s.append(message("now", "a"))
		synctest.Wait()
		require.Equal(t, []time.Duration{7 * time.Second, 3*time.Hour + 1234*time.Microsecond, 36 * time.Hour, 48 * time.Hour}, r.times())
		require.LessOrEqual(t, s.store.uses("lease"), 12)
	})
}

// TestAnIdleEngineAsksNothing of the store but to remove what is old.
func TestAnIdleEngineAsksNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: takes(0)})
		s.appendMany("a", 10)
		pass(time.Minute)
		before := s.store.uses("lease")
		pass(24 * time.Hour)
		require.Equal(t, before, s.store.uses("lease"))
		require.Zero(t, s.store.uses("extend"))
		require.Zero(t, s.store.uses("orphans"))
		require.Equal(t, 25, s.store.uses("purge"))
	})
}

// TestAStoreWhoseClockIsBehind says that something is due and gives nothing: it
// is asked again, but not as fast as it can answer.
func TestAStoreWhoseClockIsBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		slow := &behind{shaky: s.store, until: time.Now().Add(10 * time.Second)}
		e := delivery.New(slow, delivery.Options{})
		defer func() { _ = e.Stop(t.Context()) }()
		r := takes(0)
		e.Attach([]delivery.Lane{{ID: "a", Sender: r}})
		s.append(message("m1", "a"))
		pass(time.Minute)
		require.Equal(t, 1, r.count())
		require.InDelta(t, 10*time.Second, r.times()[0], float64(101*time.Millisecond))
		require.Less(t, slow.asked, 120)
	})
}

type behind struct {
	*shaky
	until time.Time
	asked int
}

func (b *behind) Lease(ctx context.Context, lane string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	b.asked++
	if time.Now().Before(b.until) {
		return nil, time.Now().Add(-time.Millisecond), nil
	}
	return b.shaky.Lease(ctx, lane, limit, until)
}

// TestLanesShareWhatIsFree: two lanes that could each use all slots begin with
// the same number of calls.
func TestLanesShareWhatIsFree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{MaxConcurrent: 16})
		gate := make(chan struct{})
		open := atomic.Bool{}
		open.Store(true)
		one, two := takes(0), takes(0)
		for _, r := range []*receiver{one, two} {
			r.answer = func(context.Context, []delivery.Lease) delivery.Result {
				if !open.Load() {
					<-gate
				}
				return status(204)
			}
		}
		s.engine.Attach([]delivery.Lane{{ID: "one", Sender: one}, {ID: "two", Sender: two}})
		s.appendMany("one", 50)
		pass(time.Hour) // until both may use all slots
		for i := range 50 {
			s.append(message(fmt.Sprint("w", i), "two"))
		}
		pass(time.Hour)
		open.Store(false)
		due := time.Now().Add(time.Minute)
		for i := range 40 {
			m := message(fmt.Sprint("g", i), "one", "two")
			m.Targets[0].Due, m.Targets[1].Due = due, due
			s.append(m)
		}
		pass(2 * time.Minute)
		require.Equal(t, 16, one.count()+two.count()-100)
		require.InDelta(t, one.count(), two.count(), 4)
		open.Store(true)
		close(gate)
		synctest.Wait()
	})
}

// TestHangingReceiversLeaveAReserve: lanes that took many slots while they were
// well, and hang now, leave a quarter to others.
func TestHangingReceiversLeaveAReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{MaxConcurrent: 16})
		var hanging atomic.Bool
		greedy := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			if hanging.Load() {
				return after(ctx, time.Hour, status(204))
			}
			return after(ctx, time.Millisecond, status(204))
		})
		var lanes []delivery.Lane
		for i := range 3 {
			lanes = append(lanes, delivery.Lane{ID: fmt.Sprint("greedy", i), Sender: greedy})
		}
		well := takes(0)
		s.engine.Attach(append(lanes, delivery.Lane{ID: "well", Sender: well}))
		for round := range 2 {
			hanging.Store(round == 1)
			for i := range 50 {
				s.append(message(fmt.Sprint(round, "-", i), "greedy0", "greedy1", "greedy2"))
			}
			pass(time.Second)
		}
		st := s.engine.Lanes()
		require.GreaterOrEqual(t, st[0].Calls+st[1].Calls+st[2].Calls, 10, "they hang")
		for i := range 20 {
			s.append(message(fmt.Sprint("w", i), "well"))
		}
		synctest.Wait()
		require.Equal(t, 20, well.count())
	})
}

// TestRetriesOfAStoreThatTellsNothing are on time: the engine knows what it has
// asked the store for.
func TestRetriesOfAStoreThatTellsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		e := delivery.New(deaf{s.store}, delivery.Options{Random: func() float64 { return 0.5 }})
		defer func() { _ = e.Stop(t.Context()) }()
		s.append(message("m1", "a"))
		r := answers(500)
		e.Attach([]delivery.Lane{{ID: "a", Sender: r, Schedule: schedule(t, "standard-webhooks", 1)}})
		pass(time.Hour)
		require.Equal(t, []time.Duration{0, 5 * time.Second}, r.times())
	})
}

// TestKeysOfAStoreThatTellsNothing: the next of a key follows at once.
func TestKeysOfAStoreThatTellsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		e := delivery.New(deaf{s.store}, delivery.Options{})
		defer func() { _ = e.Stop(t.Context()) }()
		s.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"))
		r := takes(time.Second)
		e.Attach([]delivery.Lane{{ID: "a", Sender: r, Order: delivery.Order{Policy: delivery.OrderPark}}})
		pass(time.Hour)
		require.Equal(t, []time.Duration{0, time.Second, 2 * time.Second}, r.times())
	})
}

type deaf struct{ *shaky }

func (deaf) Watch(ctx context.Context, _ func(string, time.Time)) error {
	<-ctx.Done()
	return ctx.Err()
}
