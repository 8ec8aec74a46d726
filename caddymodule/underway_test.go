package caddymodule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHoldsAreUnderWayUntilTheyLeave(t *testing.T) {
	t.Parallel()
	var u underWay
	require.False(t, u.has("a"), "of nothing")
	leave := u.enter("a")
	other := u.enter("b")
	require.True(t, u.has("a"))
	leave()
	require.False(t, u.has("a"))
	require.True(t, u.has("b"))
	other()
	require.Empty(t, u.ids)
}
