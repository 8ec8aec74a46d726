package caddymodule

import (
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestAGenerationEndsWithItsLastRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g generation
		var given atomic.Int32
		enough := make(chan struct{})
		g.enter()
		g.enter()
		g.end(func() {
			<-enough
			given.Add(1)
		})
		g.leave()
		g.enter() // a request that came before the reload and gets here late
		g.leave()
		g.leave() // and does not wait
		synctest.Wait()
		require.Zero(t, given.Load())
		close(enough)
		synctest.Wait()
		require.EqualValues(t, 1, given.Load())
		g.enter()
		g.leave()
		synctest.Wait()
		require.EqualValues(t, 1, given.Load(), "once")
	})
}

func TestAGenerationWithoutRequestsEndsAtOnce(t *testing.T) {
	t.Parallel()
	var g generation
	given := 0
	g.end(func() { given++ })
	require.Equal(t, 1, given)
}
