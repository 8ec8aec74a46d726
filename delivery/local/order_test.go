package local

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestOneTransactionEmptiesAndFillsALine: deliveries of a key are finished, and
// more come, in one transaction of the index. Of the tree that is then being
// changed only what bbolt's cursors can walk may be asked.
func TestOneTransactionEmptiesAndFillsALine(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	keyed := func(from, to int) (all []delivery.Message) {
		for i := from; i < to; i++ {
			m := testMessage(fmt.Sprint("m", i))
			m.Targets = []delivery.Target{{Lane: "a", Key: fmt.Sprint("a rather long key, so that there are many pages ", i%250)}}
			all = append(all, m)
		}
		return all
	}
	appendTest(t, s, keyed(0, 250)...)
	for round := range 5 {
		leases := leaseTest(t, s, "a", 1000)
		require.Len(t, leases, 250)
		// A transaction that waits gathers what comes after it.
		gate, reached := make(chan struct{}), make(chan struct{}, 100)
		s.failCommit = func() error {
			reached <- struct{}{}
			<-gate
			return nil
		}
		appendTest(t, s, testMessage(fmt.Sprint("gate", round), "gate"))
		<-reached
		for _, l := range leases {
			require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l, Verdict: delivery.Done}))
		}
		appendTest(t, s, keyed(250*(round+1), 250*(round+2))...)
		close(gate)
		require.Eventually(t, s.applier.idle, 20*time.Second, time.Millisecond)
	}
	st, err := s.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, 250, st.Pending)
}
