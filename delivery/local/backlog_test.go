package local

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestALargeBacklog has a million deliveries wait in a thousand lanes, and
// compares what it costs to lease and finish one with the cost when a thousand
// wait. It takes two minutes and 3 GB of disk:
//
//	VOORPOORT_LARGE=1 go test ./delivery/local -run TestALargeBacklog -v
func TestALargeBacklog(t *testing.T) {
	if os.Getenv("VOORPOORT_LARGE") == "" {
		t.Skip("set VOORPOORT_LARGE to run this")
	}
	small, _ := backlogCost(t, 1000)
	large, heap := backlogCost(t, 1_000_000)
	t.Logf("lease and finish: %v of 1,000, %v of 1,000,000; heap %d MB", small, large, heap>>20)
	require.Less(t, heap, uint64(300<<20))
	require.Less(t, large, 5*small)
}

// backlogCost gives the time of leasing and finishing one of n deliveries in
// 1,000 lanes, and the heap in use when all wait.
func backlogCost(t *testing.T, n int) (each time.Duration, heap uint64) {
	t.Helper()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	begun := time.Now()
	var batch []delivery.Message
	for i := range n {
		m := testMessage(fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", i), fmt.Sprint("lane", i%1000))
		m.Event = make([]byte, 1536)
		if batch = append(batch, m); len(batch) == 100 || i == n-1 {
			appendTest(t, s, batch...)
			batch = nil
		}
	}
	require.NoError(t, s.flushed(t.Context()))
	t.Logf("%d appended in %v", n, time.Since(begun))
	peek := func() { // Every lane has its next ones in memory.
		require.NoError(t, s.reading(func(r *reader) {
			for _, l := range s.allLanes() {
				l.mu.Lock()
				l.fill(r)
				l.mu.Unlock()
			}
		}))
	}
	peek()
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	begun = time.Now()
	finished := leaseAll(t, s, 1000, max(1, min(n/1000, 20)))
	each = time.Since(begun) / time.Duration(finished)
	require.NoError(t, s.Close())
	begun = time.Now()
	s = openTest(t, dir, Options{})
	t.Logf("opened in %v, %d MB on disk", time.Since(begun), s.Size()>>20)
	return each, mem.HeapInuse
}

// leaseAll leases and finishes some of each lane.
func leaseAll(t *testing.T, s *Store, lanes, limit int) (finished int) {
	t.Helper()
	for i := range lanes {
		leases, _, err := s.Lease(t.Context(), fmt.Sprint("lane", i), limit, time.Now().Add(time.Hour))
		require.NoError(t, err)
		outcomes := make([]delivery.Outcome, len(leases))
		for i, l := range leases {
			outcomes[i] = delivery.Outcome{Lease: l, Verdict: delivery.Done, Attempt: &delivery.Attempt{
				Lane: l.Lane, Message: l.Message.ID, Seq: l.Message.Seq, Time: time.Now(), Success: true,
			}}
		}
		require.NoError(t, s.Finish(t.Context(), outcomes...))
		finished += len(leases)
	}
	require.NoError(t, s.flushed(t.Context()))
	return finished
}
