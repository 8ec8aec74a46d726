package interceptor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clockBreaker opens after two failures, for 1 s, doubling up to 3 s.
func clockBreaker() (*breaker, *time.Time) {
	now := time.Unix(1_760_000_000, 0)
	return &breaker{threshold: 2, pause: time.Second, maxPause: 3 * time.Second, now: func() time.Time { return now }}, &now
}

func fail(t *testing.T, b *breaker) {
	t.Helper()
	require.True(t, b.allow())
	b.done(ailing)
}

func TestTheBreakerOpensAfterConsecutiveFailures(t *testing.T) {
	t.Parallel()
	b, _ := clockBreaker()
	fail(t, b)
	require.True(t, b.allow())
	b.done(healthy)
	fail(t, b)
	require.True(t, b.allow(), "a success in between starts the count again")
	b.done(ailing)
	require.False(t, b.allow())
	require.True(t, b.open())
}

func TestAfterThePauseOneProbeDecides(t *testing.T) {
	t.Parallel()
	b, now := clockBreaker()
	fail(t, b)
	fail(t, b)
	*now = now.Add(time.Second)
	require.True(t, b.allow(), "the probe")
	require.False(t, b.allow(), "one at a time")
	b.done(healthy)
	require.True(t, b.allow())
	require.False(t, b.open())
}

func TestThePauseDoublesUpToItsLimit(t *testing.T) {
	t.Parallel()
	b, now := clockBreaker()
	fail(t, b)
	fail(t, b)
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
		*now = now.Add(pause - time.Millisecond)
		require.False(t, b.allow(), "before %s", pause)
		*now = now.Add(time.Millisecond)
		fail(t, b)
	}
}

func TestACanceledProbeLetsTheNextOneTry(t *testing.T) {
	t.Parallel()
	b, now := clockBreaker()
	fail(t, b)
	fail(t, b)
	*now = now.Add(time.Second)
	require.True(t, b.allow())
	b.done(unknown)
	require.True(t, b.allow())
}

func TestABreakerCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	b, _ := clockBreaker()
	b.threshold = 0
	for range 10 {
		fail(t, b)
	}
	require.True(t, b.allow())
}
