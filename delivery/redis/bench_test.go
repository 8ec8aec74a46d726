package redis

import (
	"sync"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// everysec is how most servers keep their data.
var everysec = []string{"--appendfsync", "everysec"}

// BenchmarkXadd is what appends are compared with: the barest way to keep
// something in Redis, from 64 callers, without deduplication or fan-out.
func BenchmarkXadd(b *testing.B) {
	s := startServer(b, everysec...)
	c := goredis.NewClient(&goredis.Options{Addr: s.addr(), PoolSize: 64})
	defer c.Close()
	event := storetest.BenchMessage(1, 0).Event
	callers(b, 64, func(int64) error {
		return c.XAdd(b.Context(), &goredis.XAddArgs{Stream: "s", Values: []any{"e", event}}).Err()
	})
}

// BenchmarkAppend is to be at least 0.35 of BenchmarkXadd.
func BenchmarkAppend(b *testing.B) {
	s := startServer(b, everysec...)
	store := s.open(b, s.config())
	callers(b, 64, func(n int64) error {
		return store.Append(b.Context(), storetest.BenchMessage(int(n), 4))
	})
}

func BenchmarkStore(b *testing.B) {
	s := startServer(b, everysec...)
	storetest.Bench(b, func(b *testing.B) delivery.Store {
		b.Helper()
		store := s.open(b, s.config())
		s.measure(b)
		return store
	})
}

// callers has n goroutines do something b.N times together, with its number.
func callers(b *testing.B, n int, do func(n int64) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
