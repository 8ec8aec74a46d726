package interceptor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheRoomOfAShadowIsFreeAgainWhenItEnds(t *testing.T) {
	t.Parallel()
	s := newShadows(1)
	for range 3 {
		require.True(t, s.reserve())
		require.False(t, s.reserve(), "there is room for one")
		require.True(t, s.start(func(context.Context) {}))
		s.wg.Wait()
	}
	s.stop()
	for range 3 {
		require.True(t, s.reserve())
		require.False(t, s.start(func(context.Context) { t.Error("it was stopped") }))
	}
}

func TestStopWaitsForTheShadowsItEnds(t *testing.T) {
	t.Parallel()
	s := newShadows(1)
	ended := false
	require.True(t, s.reserve())
	require.True(t, s.start(func(ctx context.Context) {
		<-ctx.Done()
		ended = true
	}))
	s.stop()
	require.True(t, ended)
}
