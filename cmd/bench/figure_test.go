package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1.50", number(1.5, 2))
	require.Equal(t, "-", number(math.NaN(), 2))
	require.Equal(t, "-", number(math.Inf(1), 0))
	require.Equal(t, "1.5 (1.0-2.0)", spread{1.5, 1, 2}.ranged(1))
	require.Equal(t, "-", spreadOf(nil).ranged(1))
}
