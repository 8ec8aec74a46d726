package caddymodule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAGenerationEndsWithItsLastRequest(t *testing.T) {
	t.Parallel()
	var g generation
	given := 0
	g.enter()
	g.enter()
	g.end(func() { given++ })
	g.leave()
	require.Zero(t, given)
	g.enter() // a request that came before the reload and gets here late
	g.leave()
	require.Zero(t, given)
	g.leave()
	require.Equal(t, 1, given)
	g.enter()
	g.leave()
	require.Equal(t, 1, given, "once")
}

func TestAGenerationWithoutRequestsEndsAtOnce(t *testing.T) {
	t.Parallel()
	var g generation
	given := 0
	g.end(func() { given++ })
	require.Equal(t, 1, given)
}
