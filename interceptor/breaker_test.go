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

// call makes one call that ends as told, which the breaker must allow.
func call(t *testing.T, b *breaker, result health) {
	t.Helper()
	permit := b.allow()
	require.NotEqual(t, denied, permit)
	b.done(permit, result)
}

// open tells whether calls are being refused.
func open(b *breaker) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current != 0
}

func fail(t *testing.T, b *breaker) {
	t.Helper()
	call(t, b, ailing)
}

func TestTheBreakerOpensAfterConsecutiveFailures(t *testing.T) {
	t.Parallel()
	b, _ := clockBreaker()
	fail(t, b)
	call(t, b, healthy)
	fail(t, b)
	require.False(t, open(b), "a success in between starts the count again")
	fail(t, b)
	require.Equal(t, denied, b.allow())
	require.True(t, open(b))
}

func TestAfterThePauseOneProbeDecides(t *testing.T) {
	t.Parallel()
	b, now := clockBreaker()
	fail(t, b)
	fail(t, b)
	*now = now.Add(time.Second)
	require.Equal(t, probe, b.allow())
	require.Equal(t, denied, b.allow(), "one at a time")
	b.done(probe, healthy)
	require.Equal(t, regular, b.allow())
	require.False(t, open(b))
}

func TestThePauseDoublesUpToItsLimit(t *testing.T) {
	t.Parallel()
	b, now := clockBreaker()
	fail(t, b)
	fail(t, b)
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
		*now = now.Add(pause - time.Millisecond)
		require.Equal(t, denied, b.allow(), "before %s", pause)
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
	call(t, b, unknown)
	require.Equal(t, probe, b.allow())
}

// TestAnOutageUnderLoadIsOneOutage has more calls under way than it takes to
// open the breaker. They end one after another when it has opened.
func TestAnOutageUnderLoadIsOneOutage(t *testing.T) {
	t.Parallel()
	b, now := clockBreaker()
	for range 20 {
		require.Equal(t, regular, b.allow())
	}
	for range 19 {
		b.done(regular, ailing)
	}
	*now = now.Add(time.Second)
	require.Equal(t, probe, b.allow(), "the pause is that of one outage")
	b.done(regular, ailing)
	require.Equal(t, denied, b.allow(), "a late failure does not end the probe")
	b.done(probe, healthy)
	require.False(t, open(b))
}

func TestALateSuccessDoesNotCloseTheBreaker(t *testing.T) {
	t.Parallel()
	b, _ := clockBreaker()
	early := b.allow()
	fail(t, b)
	fail(t, b)
	b.done(early, healthy)
	require.Equal(t, denied, b.allow(), "the probe decides")
}

func TestWhatACallTellsTheBreaker(t *testing.T) {
	t.Parallel()
	for reason, want := range map[Reason]health{
		ReasonTimeout: ailing, ReasonUnreachable: ailing, ReasonServerError: ailing,
		ReasonBudget: unknown, ReasonCanceled: unknown,
		ReasonRedirect: healthy, ReasonThrottled: healthy, ReasonStatus: healthy, ReasonInvalidAnswer: healthy,
		ReasonTooLarge: healthy, ReasonNotApplicable: healthy, ReasonCondition: healthy,
	} {
		require.Equal(t, want, healthOf(failed(reason, nil), false), reason)
	}
	require.Equal(t, healthy, healthOf(nil, true))
	require.Equal(t, ailing, healthOf(failed(ReasonBudget, nil), true), "it spent the budget itself")
	require.Equal(t, unknown, healthOf(failed(ReasonCanceled, nil), true))
}

func TestABreakerCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	b, _ := clockBreaker()
	b.threshold = 0
	for range 10 {
		fail(t, b)
	}
	require.Equal(t, regular, b.allow())
}
