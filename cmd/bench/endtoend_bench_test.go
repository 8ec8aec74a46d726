package main

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// BenchmarkEndToEnd is for profiles: from the append of each event to the
// receiver's 204, by 64 callers. What is promised is measured by -queue.
//
//	go test ./cmd/bench -run '^$' -bench EndToEnd/embedded -cpuprofile cpu.out
func BenchmarkEndToEnd(b *testing.B) {
	b.Setenv(playMain, "1") // the receiver is this test binary in another process
	address, err := process.PickAddress(b.Context())
	require.NoError(b, err)
	p, err := process.Start(b.Context(), "receiver", address, role("-role", "interceptor", "-listen", address), &process.Tail{})
	require.NoError(b, err)
	b.Cleanup(func() { p.Stop(stopTimeout) })
	url := "http://" + address + "/validate"

	b.Run("bare", func(b *testing.B) {
		c := newBare(url)
		defer c.close()
		benchCourier(b, c)
	})
	b.Run("embedded", func(b *testing.B) {
		store, err := local.Open(b.TempDir(), local.Options{})
		require.NoError(b, err)
		q, err := newQueued(store, url, 1)
		require.NoError(b, err)
		defer q.close()
		benchCourier(b, q)
	})
}

func benchCourier(b *testing.B, c courier) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := c.hand(b.Context(), int(n)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	for c.delivered() < int64(b.N) && !b.Failed() {
		time.Sleep(100 * time.Microsecond)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
