package request

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBuffersNil(t *testing.T) {
	t.Parallel()
	var none *Buffers
	l := lease{buffers: none}
	require.Nil(t, l.acquire(t.Context(), 1<<40))
	require.Nil(t, l.grow(1<<40))
	l.shrink(0)
	require.Zero(t, none.Used())
}

func TestBuffersWaitInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBuffers(10, time.Minute)
		first := lease{buffers: b}
		require.Nil(t, first.acquire(t.Context(), 8))

		var order []string
		var mu sync.Mutex
		waitFor := func(name string, n int64) {
			l := lease{buffers: b}
			require.Nil(t, l.acquire(t.Context(), n))
			mu.Lock()
			order = append(order, name)
			mu.Unlock()
		}
		go waitFor("large", 9)
		synctest.Wait()
		go waitFor("small", 1) // fits, but may not overtake
		synctest.Wait()
		require.Empty(t, order)

		require.Nil(t, first.grow(2), "who holds bytes goes first")
		require.NotNil(t, first.grow(1), "and never waits")
		first.shrink(0)
		synctest.Wait()
		require.ElementsMatch(t, []string{"large", "small"}, order)
		require.EqualValues(t, 10, b.Used())
	})
}

func TestBuffersWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBuffers(10, time.Second)
		holder := lease{buffers: b}
		require.Nil(t, holder.acquire(t.Context(), 10))

		start := time.Now()
		late := lease{buffers: b}
		problem := late.acquire(t.Context(), 1)
		require.NotNil(t, problem)
		require.Equal(t, 503, problem.Status)
		require.Equal(t, ReasonBusy, problem.Reason)
		require.Positive(t, problem.RetryAfter)
		require.Equal(t, time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.NotNil(t, late.acquire(ctx, 1))
		require.Less(t, time.Since(start), 2*time.Second)
		require.NotNil(t, late.acquire(t.Context(), 11), "more than there can ever be")

		holder.shrink(0)
		require.Zero(t, b.Used())
		require.Empty(t, b.waiters)
	})
}

// TestBuffersGiveUpLetsOthersIn: the one who stands first in line leaves, and
// the one behind, who needs less, gets in at that moment.
func TestBuffersGiveUpLetsOthersIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBuffers(10, time.Hour)
		holder := lease{buffers: b}
		require.Nil(t, holder.acquire(t.Context(), 5))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			large := lease{buffers: b}
			_ = large.acquire(ctx, 9) // canceled below
		}()
		synctest.Wait()
		in := false
		go func() {
			small := lease{buffers: b}
			in = small.acquire(t.Context(), 5) == nil
		}()
		synctest.Wait()
		require.False(t, in)
		cancel()
		synctest.Wait()
		require.True(t, in)
	})
}

func TestBuffersUnderLoad(t *testing.T) {
	t.Parallel()
	b := NewBuffers(1000, 10*time.Second)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			l := lease{buffers: b}
			defer l.shrink(0)
			if l.acquire(t.Context(), int64(i)) != nil {
				return
			}
			for range 3 {
				if l.grow(50) != nil {
					return
				}
			}
			if used := b.Used(); used > 1000 {
				t.Errorf("%d bytes held", used)
			}
		})
	}
	wg.Wait()
	require.Zero(t, b.Used())
}
