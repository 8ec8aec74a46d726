package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpreadOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, spread{Median: 2, Min: 1, Max: 9}, spreadOf([]float64{9, 1, 2}))
	require.Equal(t, spread{Median: 2.5, Min: 1, Max: 9}, spreadOf([]float64{9, 3, 1, 2}))
	require.Equal(t, spread{Median: 7, Min: 7, Max: 7}, spreadOf([]float64{7}))
	require.True(t, math.IsNaN(spreadOf(nil).Median))
}

func TestSpreadOfLeavesTheRoundsInOrder(t *testing.T) {
	t.Parallel()
	rounds := []float64{3, 1, 2}
	spreadOf(rounds)
	require.Equal(t, []float64{3, 1, 2}, rounds)
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	require.Equal(t, time.Duration(50), percentile(hundred, 0.50))
	require.Equal(t, time.Duration(99), percentile(hundred, 0.99))
	require.Equal(t, time.Duration(100), percentile(hundred, 1))
	require.Equal(t, time.Duration(1), percentile(hundred, 0))
	require.Equal(t, time.Duration(5), percentile([]time.Duration{5}, 0.99))
	require.Zero(t, percentile(nil, 0.5))
}

func TestPaired(t *testing.T) {
	t.Parallel()
	require.Equal(t, []float64{2, 0.5}, paired([]float64{4, 1}, []float64{2, 2}))
	require.Equal(t, []float64{2}, paired([]float64{4, 1}, []float64{2}))
	require.Empty(t, paired([]float64{4}, []float64{0}))
}
