package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func roundOf(requests int, p50Micros, cpuMicros float64) round {
	return round{load: loadResult{Requests: requests, Seconds: 2, P50: p50Micros, P99: 2 * p50Micros}, cpuMicros: cpuMicros}
}

func TestRoundValues(t *testing.T) {
	t.Parallel()
	r := roundOf(1000, 300, 50)
	require.InDelta(t, 500, r.value(throughput), 0)
	require.InDelta(t, 300, r.value(p50), 0)
	require.InDelta(t, 600, r.value(p99), 0)
	require.InDelta(t, 50, r.value(cpu), 0)
	require.True(t, math.IsNaN(r.value("other")))
}

func TestRatioIsPairedByRound(t *testing.T) {
	t.Parallel()
	all := results{
		plain:   {roundOf(1000, 100, 10), roundOf(500, 200, 20), roundOf(100, 1, 1)},
		"merge": {roundOf(900, 150, 15), roundOf(400, 300, 30), roundOf(100, 2, 2)},
	}
	require.Equal(t, spread{Median: 0.9, Min: 0.8, Max: 1}, all.ratio("merge", plain, throughput))
	require.Equal(t, spread{Median: 1.5, Min: 1.5, Max: 2}, all.ratio("merge", plain, cpu))
	require.True(t, math.IsNaN(all.ratio("merge", "absent", cpu).Median))
}

func TestErrorsAreAddedUp(t *testing.T) {
	t.Parallel()
	all := results{"x": {
		{load: loadResult{Errors: 1, Failure: "first"}}, {load: loadResult{Errors: 2, Failure: "second"}}, {},
	}}
	count, failure := all.errors("x")
	require.Equal(t, 3, count)
	require.Equal(t, "first", failure)
}

func TestOrderTurnsRound(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c"}
	require.Equal(t, []string{"a", "b", "c"}, order(all, 0))
	require.Equal(t, []string{"c", "b", "a"}, order(all, 1))
	require.Equal(t, []string{"a", "b", "c"}, order(all, 2))
}

func TestTargetVerdicts(t *testing.T) {
	t.Parallel()
	faster := target{Metric: throughput, Want: 1.2}
	require.True(t, faster.met(1.2))
	require.False(t, faster.met(1.19))
	require.False(t, faster.met(math.NaN()))
	require.Equal(t, ">= 1.20", faster.bound())

	shorter := target{Metric: p50, Want: 1.5}
	require.True(t, shorter.met(1.5))
	require.False(t, shorter.met(1.51))
	require.False(t, shorter.met(math.NaN()))
	require.Equal(t, "<= 1.50", shorter.bound())
}
