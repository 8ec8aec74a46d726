package redis

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type sum = call[int, int]

// doubling is a group whose round trips wait for the test.
func doubling(sizes *[]int, gate <-chan struct{}) *group[int, int] {
	var mu sync.Mutex
	return newGroup(func(_ int, calls []*sum) {
		<-gate
		mu.Lock()
		*sizes = append(*sizes, len(calls))
		mu.Unlock()
		for _, c := range calls {
			c.answer = 2 * c.request
		}
	})
}

func TestGroupSharesRoundTrips(t *testing.T) {
	t.Parallel()
	var sizes []int
	gate := make(chan struct{})
	close(gate)
	g := doubling(&sizes, gate)
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			got, err := g.do(t.Context(), i, 1)
			require.NoError(t, err)
			require.Equal(t, 2*i, got, "each gets its own answer")
		})
	}
	for g.len() < 1000 {
		time.Sleep(time.Millisecond)
	}
	g.start(1)
	all.Wait()
	g.stop()
	require.Equal(t, []int{groupCalls, groupCalls, groupCalls, 1000 - 3*groupCalls}, sizes)
}

func (g *group[Q, A]) len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

func TestGroupBoundsBytes(t *testing.T) {
	t.Parallel()
	var sizes []int
	gate := make(chan struct{})
	g := doubling(&sizes, gate)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _, _ = g.do(t.Context(), 1, groupBytes/2+1) })
	}
	for g.len() < 4 {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	g.start(1)
	all.Wait()
	g.stop()
	require.Equal(t, []int{1, 1, 1, 1}, sizes)
}

func TestGroupForgetsACallThatNobodyHasTaken(t *testing.T) {
	t.Parallel()
	var sizes []int
	gate := make(chan struct{})
	close(gate)
	g := doubling(&sizes, gate)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { _, err := g.do(ctx, 1, 0); ended <- err }()
	for g.len() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	g.start(1)
	g.stop()
	require.Empty(t, sizes, "it never reached the server")
}

func TestGroupTellsOfCallsThatWereLeft(t *testing.T) {
	t.Parallel()
	started, gate := make(chan struct{}), make(chan struct{})
	var left []int
	g := newGroup(func(int, []*sum) { close(started); <-gate })
	g.left = func(c *sum) { left = append(left, c.request) }
	g.start(1)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { _, err := g.do(ctx, 5, 0); ended <- err }()
	<-started
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	close(gate)
	g.stop()
	require.Equal(t, []int{5}, left)
}

func TestGroupEnds(t *testing.T) {
	t.Parallel()
	g := newGroup(func(int, []*sum) {})
	g.start(3)
	g.stop()
	g.stop()
	_, err := g.do(t.Context(), 1, 0)
	require.ErrorIs(t, err, ErrClosed)
}
