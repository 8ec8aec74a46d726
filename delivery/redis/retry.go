package redis

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pauses between tries double from the first to the last, each with jitter, so
// that gateways do not come back all at once.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 2 * time.Second
)

// probe is how long a write may take while the server is known to be down: one
// that hangs is not to hold up each caller for as long as an answer may take.
// What is not written, such as the heartbeat, takes its time, and finds a server
// that is only slow.
const probe = 500 * time.Millisecond

// pause waits before try n, from 1. It gives the context's error.
func pause(ctx context.Context, n int, most time.Duration) error {
	d := min(firstPause<<min(n-1, 10), most)
	d = d/2 + rand.N(d/2+1) //nolint:gosec // jitter
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask tries something that may be done twice until it works, RetryFor is over or
// ctx ends. While the server is known to be down there is one try: callers that
// have a policy for it are not to wait.
func (s *Store) ask(ctx context.Context, op string, try func(ctx context.Context) error) error {
	end := time.Now().Add(s.options.RetryFor)
	for n := 1; ; n++ {
		again, err := failure(op, try(ctx))
		if err == nil {
			s.down.Store(false)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !again || s.down.Load() || time.Now().After(end) {
			if again {
				s.down.Store(true)
			}
			return err
		}
		if err := pause(ctx, n, 500*time.Millisecond); err != nil {
			return err
		}
	}
}

// probing bounds a try by [probe] while the server is known to be down.
func (s *Store) probing(ctx context.Context) (context.Context, context.CancelFunc) {
	if !s.down.Load() {
		return ctx, func() {}
	}
	bound := probe
	if s.config.Wait > 0 {
		bound += s.config.waitTimeout()
	}
	return context.WithTimeout(ctx, bound)
}
