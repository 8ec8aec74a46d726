package asynq

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// spread writes "median (lowest-highest)".
func spread(values []float64, decimals int) string {
	sorted := slices.Sorted(slices.Values(values))
	median := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	return fmt.Sprintf("%.*f (%.*f-%.*f)", decimals, median, decimals, sorted[0], decimals, sorted[len(sorted)-1])
}

func TestSpread(t *testing.T) {
	require.Equal(t, "2 (1-9)", spread([]float64{9, 1, 2}, 0))
	require.Equal(t, "1.5 (1.0-2.0)", spread([]float64{2, 1}, 1))
}
