package main

import (
	"math"
	"slices"
	"time"
)

// latencies are how long the first arrivals of a phase's writes took, at all
// receivers but one.
func (b books) latencies(p phase, except string) []time.Duration {
	began := map[number]int64{}
	for _, done := range b.Register {
		if done.Action != remove && done.At >= p.From && done.At < p.To {
			began[done.Number] = done.At
		}
	}
	var all []time.Duration
	seen := map[debt]bool{}
	for _, r := range b.Receivers {
		at, ok := began[r.Number]
		if arrival := (debt{r.Hook, r.Number}); ok && r.Hook != except && !seen[arrival] {
			seen[arrival] = true
			all = append(all, time.Duration(r.At-at))
		}
	}
	return all
}

// answers are how long clients waited for writes that were done.
func (b books) answers() []time.Duration {
	var all []time.Duration
	for _, t := range b.Clients {
		if t.done() {
			all = append(all, time.Duration(t.Took))
		}
	}
	return all
}

// p99 is the smallest duration that 99 percent do not exceed; 0 for none.
func p99(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	rank := int(math.Ceil(0.99*float64(len(sorted)))) - 1
	return sorted[rank]
}

// ratio is NaN when there is nothing to compare with.
func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}
