package delivery

import (
	"context"
	"math/rand/v2"
	"time"
)

// Waits between tries of a store that fails.
const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// backoff gives the wait before the next try: it doubles, has up to half of it
// taken off by chance, and never ends.
type backoff struct {
	first, most time.Duration
	failures    int
}

func storeBackoff() backoff { return backoff{first: minBackoff, most: maxBackoff} }

func (b *backoff) next() time.Duration {
	d := min(b.first<<min(b.failures, 20), b.most)
	b.failures++
	return d - time.Duration(rand.Int64N(int64(d)/2+1)) //nolint:gosec // spreads load, keeps no secret
}

func (b *backoff) reset() { b.failures = 0 }

// sleep waits, and tells whether it was to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
