package delivery

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// success makes as many successful calls as may run at the same time.
func (l *limiter) success() {
	for range l.calls() {
		l.grow()
	}
}

// TestLimiterGrows: it doubles at first, and after trouble grows by one at most.
func TestLimiterGrows(t *testing.T) {
	t.Parallel()
	l := newLimiter(16)
	for _, want := range []int{2, 4, 8, 16, 16} {
		require.Equal(t, want, l.calls())
		l.success()
	}
	l.shrink(0, false)
	require.Equal(t, 8, l.calls())
	for range 10 {
		before := l.calls()
		l.success()
		require.LessOrEqual(t, l.calls(), before+1)
	}
	require.Equal(t, 16, l.calls())
}

// TestLimiterShrinksOncePerRound: calls that were begun before the last halving
// say nothing new.
func TestLimiterShrinksOncePerRound(t *testing.T) {
	t.Parallel()
	l := limiter{max: 16, limit: 16}
	for range 16 {
		l.shrink(0, false)
	}
	require.Equal(t, 8, l.calls())
	l.shrink(1, true)
	require.Equal(t, 1, l.calls())
	l.shrink(2, false)
	require.Equal(t, 1, l.calls())
}

func TestLimiterBounds(t *testing.T) {
	t.Parallel()
	l := newLimiter(1)
	l.success()
	require.Equal(t, 1, l.calls())
	l = newLimiter(16)
	for range 5 {
		l.success()
	}
	l.resize(3)
	require.Equal(t, 3, l.calls())
	l.resize(100)
	require.Equal(t, 3, l.calls())
}
