package redis

import (
	"os"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// TestAppendRatio compares appends with XADD in turns, so that both see the same
// machine: REDIS_RATIO=1 go test -run AppendRatio -v.
func TestAppendRatio(t *testing.T) {
	if os.Getenv("REDIS_RATIO") == "" {
		t.Skip("REDIS_RATIO is not set")
	}
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	c := goredis.NewClient(&goredis.Options{Addr: server.addr(), PoolSize: 64})
	defer c.Close()
	event := storetest.BenchMessage(1, 0).Event
	var bare, ours time.Duration
	const n, rounds = 5000, 10
	next := 0
	for range rounds {
		bare += timed(t, n, func(int) error {
			return c.XAdd(t.Context(), &goredis.XAddArgs{Stream: "s", Values: []any{"e", event}}).Err()
		})
		ours += timed(t, n, func(i int) error {
			return store.Append(t.Context(), storetest.BenchMessage(next+i, 4))
		})
		next += n
	}
	ratio := float64(bare) / float64(ours)
	t.Logf("XADD %.0f/s, Append %.0f/s, ratio %.2f", n*rounds/bare.Seconds(), n*rounds/ours.Seconds(), ratio)
	require.Greater(t, ratio, 0.35)
}

// timed has 64 callers do something n times together.
func timed(t *testing.T, n int, do func(i int) error) time.Duration {
	t.Helper()
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	errs := make(chan error, 64)
	start := time.Now()
	for range cap(errs) {
		go func() {
			var err error
			for i := range work {
				if e := do(i); e != nil {
					err = e
				}
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	return time.Since(start)
}
