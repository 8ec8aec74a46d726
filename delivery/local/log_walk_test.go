package local

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// logTest writes n rows: of lanes a and b by turns, every fifth of them a
// failure.
func logTest(t testing.TB, s *Store, n int) {
	t.Helper()
	appendTest(t, s, testMessage("lanes", "a", "b"))
	outcomes := make([]delivery.Outcome, n)
	for i := range n {
		m := &delivery.Message{ID: fmt.Sprint("m", i)}
		lane := string(rune('a' + i%2))
		outcomes[i] = delivery.Outcome{Lease: delivery.Lease{Lane: lane, Message: m}, Verdict: delivery.Done, Attempt: &delivery.Attempt{
			Lane: lane, Message: m.ID, Type: fmt.Sprint("t", i%3), Time: time.Now(), Success: i%5 > 0,
		}}
	}
	require.NoError(t, s.Finish(t.Context(), outcomes...))
}

// TestEveryOffset of every query gives what a walk from the newest row gives,
// whether rows are missing between others or not.
func TestEveryOffset(t *testing.T) {
	t.Parallel()
	const n = 120
	yes, no := true, false
	for _, holes := range []bool{false, true} {
		s := openTest(t, t.TempDir(), Options{})
		logTest(t, s, n)
		require.NoError(t, s.flushed(t.Context()))
		if holes {
			require.NoError(t, s.transact(func(tb *tables) error {
				r := &remover{tables: tb, counted: map[uint32]*counters{}}
				for _, id := range []uint64{1, 7, 50, 51, 52, n} {
					r.row(id)
				}
				for lane, c := range r.counted {
					tb.put(bucketStats, laneKey(lane), c.encode())
				}
				return tb.err
			}))
		}
		for _, q := range []delivery.AttemptQuery{
			{}, {Success: &yes}, {Success: &no}, {Lane: "a"}, {Lane: "b", Success: &yes}, {Lane: "b", Success: &no}, {Type: "t1"}, {Lane: "none"},
		} {
			q.Limit = 1000
			all, total, err := s.Attempts(t.Context(), q)
			require.NoError(t, err)
			require.EqualValues(t, len(all), total)
			q.Limit = 7
			for q.Offset = range n + 2 {
				page, got, err := s.Attempts(t.Context(), q)
				require.NoError(t, err)
				require.Equal(t, total, got)
				from := min(q.Offset, len(all))
				want := all[from:min(from+7, len(all))]
				require.Len(t, page, len(want), "holes %v: %+v", holes, q)
				for i := range want {
					require.Equal(t, want[i], page[i], "holes %v: %+v", holes, q)
				}
			}
		}
	}
}

// TestFirstStored finds its place among keys with and without gaps.
func TestFirstStored(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		var keys []uint64
		var at []int64
		seq, now := uint64(0), int64(0)
		for range random.IntN(20) {
			seq += 1 + random.Uint64N(5)
			now += random.Int64N(3)
			keys, at = append(keys, seq), append(at, now)
		}
		err := s.db.Update(func(tx *bbolt.Tx) error {
			if err := tx.DeleteBucket(bucketLog); err != nil {
				return err
			}
			b, err := tx.CreateBucket(bucketLog)
			require.NoError(t, err)
			for i := range keys {
				require.NoError(t, b.Put(seqKey(keys[i]), appendInt(nil, at[i])))
			}
			for asked := int64(-1); asked <= now+1; asked++ {
				i := 0
				for i < len(at) && at[i] < asked {
					i++
				}
				found := firstStored(b, asked)
				if i == len(keys) {
					require.Equal(t, ^uint64(0), found)
					continue
				}
				require.LessOrEqual(t, found, keys[i])
				require.True(t, i == 0 || found > keys[i-1])
			}
			return nil
		})
		require.NoError(t, err)
	}
}

// TestALookIsBounded: a type that hardly any row has does not make the store
// read all of them, and a window of the past finds it all the same.
func TestALookIsBounded(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	first := time.Now()
	appendTest(t, s, testMessage("lanes", "a"))
	lost := func(kind string, n int) {
		outcomes := make([]delivery.Outcome, n)
		for i := range outcomes {
			m := &delivery.Message{ID: "m"}
			outcomes[i] = delivery.Outcome{Lease: delivery.Lease{Lane: "a", Message: m}, Verdict: delivery.Done, Attempt: &delivery.Attempt{
				Lane: "a", Message: fmt.Sprint("m", i), Type: kind, Time: time.Now(), Success: true,
			}}
		}
		require.NoError(t, s.Finish(t.Context(), outcomes...))
	}
	lost("old", 3)
	time.Sleep(10 * time.Millisecond)
	then := time.Now()
	lost("new", delivery.MaxScan)
	for q, want := range map[delivery.AttemptQuery]int{
		{Type: "old"}:                            0,
		{Type: "new"}:                            delivery.MaxScan,
		{Lane: "a", Type: "old"}:                 0,
		{Type: "old", Until: then}:               3,
		{Since: first}:                           delivery.MaxScan, // stands for more
		{Since: then}:                            delivery.MaxScan,
		{Since: first, Until: then}:              3,
		{Lane: "a", Type: "old", Until: then}:    3,
		{Type: "new", Since: first, Until: then}: 0,
	} {
		_, total, err := s.Attempts(t.Context(), q)
		require.NoError(t, err)
		require.EqualValues(t, want, total, "%+v", q)
	}
}
