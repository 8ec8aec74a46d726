package main

import "fmt"

// target is a promise about one scenario beside another.
type target struct {
	Scenario, Baseline string
	Metric             metric
	// Want is the bound on the ratio of the two: at least for throughput, at most
	// for latencies and CPU.
	Want float64
}

// targets are the promises of the project's README.
func targets() []target {
	return []target{
		{"no rule matches", plain, throughput, 0.98},
		{"rule, no webhook", plain, throughput, 0.95},
		{"merge", forwardAuth, throughput, 1.2},
		{"merge, transport", forwardAuth, throughput, 1.2},
		{"merge, proxy", forwardAuth, throughput, 1.5},
		{"merge, proxy", forwardAuth, cpu, 0.6},
		{"validate x3", "validate", p50, 1.5},
		{"validate x3, c=1", "validate, c=1", p50, 1.5},
		{"deliver" + viewed, "deliver", throughput, 0.95},
		{settled, forwardAuth, throughput, 1},
		{settled + crowded, forwardAuth + crowded, throughput, 1},
		{settled + ", redis", forwardAuth, throughput, 0.8},
		{settled + ", redis" + crowded, forwardAuth + crowded, throughput, 0.8},
		{"deliver", forwardAuth, throughput, 1},
		{"deliver" + crowded, forwardAuth + crowded, throughput, 1},
		{"deliver, redis", forwardAuth, throughput, 0.8},
		{"deliver, redis" + crowded, forwardAuth + crowded, throughput, 0.8},
	}
}

// met tells whether the ratio keeps the promise.
func (t target) met(ratio float64) bool {
	if t.Metric == throughput {
		return ratio >= t.Want
	}
	return ratio <= t.Want
}

func (t target) bound() string {
	if t.Metric == throughput {
		return fmt.Sprintf(">= %.2f", t.Want)
	}
	return fmt.Sprintf("<= %.2f", t.Want)
}
