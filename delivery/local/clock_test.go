package local

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// wall is a clock that tests set.
type wall struct{ offset atomic.Int64 }

func (w *wall) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

func (w *wall) set(d time.Duration) { w.offset.Store(int64(d)) }

// waiting gives a store a delivery that is due at once, one that is due in 90
// minutes, one that was retried in 40 minutes, and one behind another of its key.
func waiting(t *testing.T, s *Store, w *wall) {
	t.Helper()
	appendTest(t, s, testMessage("retried", "retry"))
	l := leaseTest(t, s, "retry", 1)[0]
	require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l, Verdict: delivery.Retry, Due: w.now().Add(40 * time.Minute)}))
	later := testMessage("later")
	later.Targets = []delivery.Target{{Lane: "later", Due: w.now().Add(90 * time.Minute)}}
	first, second := testMessage("first"), testMessage("second")
	first.Targets = []delivery.Target{{Lane: "keyed", Key: "k"}}
	second.Targets = first.Targets
	appendTest(t, s, testMessage("now", "a"), later, first, second)
}

// due gives how long each pending delivery has to wait yet.
func due(t *testing.T, s *Store, w *wall) map[string]time.Duration {
	t.Helper()
	all, err := s.Deliveries(t.Context(), delivery.DeliveryQuery{State: delivery.Pending})
	require.NoError(t, err)
	left := map[string]time.Duration{}
	for _, d := range all {
		left[d.Message.ID] = d.Due.Sub(w.now()).Round(time.Minute)
	}
	return left
}

var reckoned = map[string]time.Duration{
	"now": 0, "later": 90 * time.Minute, "retried": 40 * time.Minute, "first": 0, "second": 0,
}

// TestAClockThatIsSetBack while the store is open: what is due waits as long as
// it was asked to, not longer, and those who watch are told.
func TestAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	w := &wall{}
	s := openTest(t, t.TempDir(), Options{Now: w.now})
	waiting(t, s, w)
	require.NoError(t, s.flushed(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var told atomic.Int64
	go func() {
		_ = s.Watch(ctx, func(lane string, due time.Time) {
			if lane == "later" {
				told.Store(int64(due.Sub(w.now()).Round(time.Minute)))
			}
		})
	}()
	require.Eventually(t, func() bool { return told.Load() != 0 }, 5*time.Second, time.Millisecond)

	w.set(-time.Hour)
	_ = leaseTest(t, s, "nothing", 1) // whatever is asked for, the clock is looked at
	require.Equal(t, reckoned, due(t, s, w))
	require.Eventually(t, func() bool { return told.Load() == int64(90*time.Minute) }, 5*time.Second, time.Millisecond)
	require.Len(t, leaseTest(t, s, "a", 1), 1)
	require.Equal(t, "first", leaseTest(t, s, "keyed", 2)[0].Message.ID)

	w.set(-2 * time.Hour) // and again
	_ = leaseTest(t, s, "nothing", 1)
	left := due(t, s, w)
	require.Equal(t, 90*time.Minute, left["later"])
	require.Equal(t, 40*time.Minute, left["retried"])
	w.set(-30 * time.Minute)
	require.Len(t, leaseTest(t, s, "later", 1), 1, "the clock goes forward: it has become due")
}

// TestAClockThatIsSetBackMeanwhile: between an end and a start, after which the
// index has the times, the journal, or both.
func TestAClockThatIsSetBackMeanwhile(t *testing.T) {
	t.Parallel()
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprint("killed ", killed), func(t *testing.T) {
			t.Parallel()
			dir, w := t.TempDir(), &wall{}
			s := openTest(t, dir, Options{Now: w.now})
			waiting(t, s, w)
			if killed {
				require.NoError(t, s.flushed(t.Context()))
				appendTest(t, s, testMessage("last", "a"))
				crash(t, s)
			} else {
				require.NoError(t, s.Close())
			}
			w.set(-time.Hour)
			s = openTest(t, dir, Options{Now: w.now})
			left := due(t, s, w)
			delete(left, "last")
			require.Equal(t, reckoned, left)
			want := 1
			if killed {
				want = 2
			}
			require.Len(t, leaseTest(t, s, "a", 10), want)
		})
	}
}

// TestLeasesOfAClockThatIsSetBack end when they would have ended.
func TestLeasesOfAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	w := &wall{}
	s := openTest(t, t.TempDir(), Options{Now: w.now})
	appendTest(t, s, testMessage("m", "a"))
	require.NoError(t, s.applied(t.Context()))
	leases, _, err := s.Lease(t.Context(), "a", 1, w.now().Add(10*time.Minute))
	require.NoError(t, err)
	require.Len(t, leases, 1)
	w.set(-time.Hour)
	require.Empty(t, leaseTest(t, s, "a", 1))
	w.set(-49 * time.Minute)
	again := leaseTest(t, s, "a", 1)
	require.Len(t, again, 1)
	require.Equal(t, 2, again[0].Attempt)
}

// TestManyDeliveriesAreReckonedAgain in more than one transaction. What nobody
// asked for in a later time stays.
func TestManyDeliveriesAreReckonedAgain(t *testing.T) {
	t.Parallel()
	w := &wall{}
	w.set(-2 * time.Hour)
	dir := t.TempDir()
	s := openTest(t, dir, Options{Now: w.now})
	old := testMessage("old")
	old.Targets = []delivery.Target{{Lane: "old", Due: time.Now()}}
	appendTest(t, s, old)
	w.set(0)
	const n = 2*clockStep + 7
	batch := make([]delivery.Message, n)
	for i := range batch {
		batch[i] = testMessage(fmt.Sprintf("m%06d", i), "a")
	}
	appendTest(t, s, batch...)
	w.set(-time.Hour)
	require.Empty(t, leaseTest(t, s, "old", 1), "it is due in an hour, as it was")
	require.Len(t, leaseTest(t, s, "a", n), n)
	w.set(time.Minute)
	require.Len(t, leaseTest(t, s, "old", 1), 1)
}

// TestASmallStepBack is what keeps a clock right: nothing is written for it.
func TestASmallStepBack(t *testing.T) {
	t.Parallel()
	c := &clock{latest: int64(time.Hour)}
	require.Zero(t, c.back(int64(time.Hour-clockSlack)))
	require.EqualValues(t, time.Hour, c.told())
	require.EqualValues(t, 3*time.Second, c.back(int64(time.Hour-3*time.Second)))
	require.Zero(t, c.told(), "the index keeps the later time until its own have followed")
	require.Zero(t, c.back(int64(time.Hour)))
}
