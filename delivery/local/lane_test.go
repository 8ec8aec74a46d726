package local

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestALongLane: more is due in a lane than memory keeps of it, in an order that
// is not that of the appends, while it is drained and filled at the same time.
// Everything is leased once, earliest first.
func TestALongLane(t *testing.T) {
	t.Parallel()
	base := time.Now().Add(-time.Hour)
	var later atomic.Int64 // less than what counts as a clock that was set back
	s := openTest(t, t.TempDir(), Options{Now: func() time.Time { return base.Add(time.Duration(later.Load())) }})
	random := rand.New(rand.NewPCG(1, 2))
	const n = 5000
	var messages []delivery.Message
	for i := range n {
		m := testMessage(fmt.Sprint("m", i))
		m.Targets = []delivery.Target{{Lane: "a", Due: base.Add(time.Duration(random.IntN(1_000_000)) * time.Microsecond)}}
		messages = append(messages, m)
	}
	appendTest(t, s, messages[:n/2]...)
	later.Store(int64(1500 * time.Millisecond))
	seen := map[string]bool{}
	drain := func(limit, most int) {
		for last := (time.Time{}); len(seen) < most; {
			leases := leaseTest(t, s, "a", limit)
			require.NotEmpty(t, leases)
			for i, l := range leases {
				require.False(t, seen[l.Message.ID], "leased twice")
				seen[l.Message.ID] = true
				require.False(t, l.First.Before(last), "earliest first")
				last = l.First
				switch i % 3 {
				case 0:
					require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l, Verdict: delivery.Done}))
				case 1:
					require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l, Verdict: delivery.Retry, Due: time.Now().Add(time.Hour)}))
				}
			}
		}
	}
	drain(7, 700)
	later.Store(0)
	for i := n / 2; i < n; i += 100 {
		appendTest(t, s, messages[i:i+100]...)
	}
	later.Store(int64(1500 * time.Millisecond))
	drain(300, n)
	require.Len(t, seen, n)
	require.Empty(t, leaseTest(t, s, "a", 10))
}

// TestMemoryThatFollowsLate: a delivery is read from the index, leased and
// finished before memory hears that it was appended. It is not leased again.
func TestMemoryThatFollowsLate(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	appendTest(t, s, testMessage("m", "a"))
	leases := leaseTest(t, s, "a", 1)
	require.Len(t, leases, 1)
	l := s.lane("a")
	late := change{lane: l, slot: slot{nanos(leases[0].First), leases[0].Message.Seq}, due: true}
	empty := func() {
		t.Helper()
		again, _, err := s.lease("a", 1, time.Now().Add(time.Hour))
		require.NoError(t, err)
		require.Empty(t, again)
	}
	l.commit(late)
	empty()
	frozen(t, s)
	require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: leases[0], Verdict: delivery.Done}))
	l.commit(late)
	empty()
}

// TestIdleLanesAreSmall: lanes that had something keep nothing in memory but
// their names.
func TestIdleLanesAreSmall(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	for i := range 100 {
		appendTest(t, s, testMessage(fmt.Sprint("m", i), "a"))
	}
	for _, l := range leaseTest(t, s, "a", 100) {
		require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l, Verdict: delivery.Done}))
	}
	require.NoError(t, s.flushed(t.Context()))
	l := s.lane("a")
	require.Empty(t, l.window)
	require.Empty(t, l.taken)
	require.Empty(t, l.ends)
}

// TestAHoldThatIsSettledSoon never reaches the index.
func TestAHoldThatIsSettledSoon(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	before := s.db.Stats()
	for i := range 50 {
		id := fmt.Sprint("h", i)
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: id, Created: time.Now(), Intent: []byte("{}")}))
		require.NoError(t, s.Release(t.Context(), id))
	}
	after := s.db.Stats()
	require.Equal(t, before.TxStats.GetWrite(), after.TxStats.GetWrite())
	holds, err := s.Holds(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, holds)
}

// TestMessagesAreShared: lanes that lease the same message get the same bytes.
func TestMessagesAreShared(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	appendTest(t, s, testMessage("m", "a", "b"))
	a, b := leaseTest(t, s, "a", 1), leaseTest(t, s, "b", 1)
	require.Same(t, a[0].Message, b[0].Message)
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache(100_000)
	for i := range uint64(10_000) {
		c.put(&delivery.Message{Seq: i + 1, Event: make([]byte, 744)})
		c.get(1)
	}
	require.LessOrEqual(t, len(c.young)+len(c.old), 101)
	require.NotNil(t, c.get(1), "what is used stays")
	require.NotNil(t, c.get(10_000))
	require.Nil(t, c.get(5000))
	c.drop(1)
	require.Nil(t, c.get(1))
}
