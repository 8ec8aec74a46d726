package main

import (
	"math"
	"slices"
	"time"
)

// spread is the middle of several rounds and how far they lie apart.
type spread struct{ Median, Min, Max float64 }

// spreadOf returns NaN in every field for no values.
func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(values))
	return spread{Median: medianOf(sorted), Min: sorted[0], Max: sorted[len(sorted)-1]}
}

func medianOf(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// percentile returns the smallest latency that at least the share p (0 to 1) of
// all latencies does not exceed; sorted must be in order.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// paired divides a by b round by round. A machine whose speed drifts from round
// to round leaves these ratios alone.
func paired(a, b []float64) []float64 {
	ratios := make([]float64, 0, min(len(a), len(b)))
	for i := range min(len(a), len(b)) {
		if b[i] != 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return ratios
}
