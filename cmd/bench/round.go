package main

import (
	"math"
	"slices"
)

// metric is one number of a round.
type metric string

// The metrics of a round.
const (
	throughput metric = "req/s"
	p50        metric = "p50"
	p99        metric = "p99"
	cpu        metric = "CPU"
)

// round is one scenario's numbers of one round.
type round struct {
	load loadResult
	// cpuMicros is the gateway's own CPU time for each request it got, in
	// microseconds; NaN where the system does not tell.
	cpuMicros float64
	// redisMicros is the same of Redis, where the scenario has one.
	redisMicros float64
	told        aftermath
	watched     watched
}

func (r round) value(m metric) float64 {
	switch m {
	case throughput:
		return float64(r.load.Requests) / r.load.Seconds
	case p50:
		return r.load.P50
	case p99:
		return r.load.P99
	case cpu:
		return r.cpuMicros
	default:
		return math.NaN()
	}
}

// results holds the rounds of every scenario by its name.
type results map[string][]round

func (r results) values(name string, m metric) []float64 {
	rounds := r[name]
	values := make([]float64, len(rounds))
	for i := range rounds {
		values[i] = rounds[i].value(m)
	}
	return values
}

// ratio compares two scenarios round by round.
func (r results) ratio(name, baseline string, m metric) spread {
	return spreadOf(paired(r.values(name, m), r.values(baseline, m)))
}

func (r results) errors(name string) (count int, failure string) {
	for _, round := range r[name] {
		count += round.load.Errors
		if failure == "" {
			failure = round.load.Failure
		}
	}
	return count, failure
}

// order returns the scenarios of one round: A B C, then C B A, so that a slow
// drift of the machine does not favour the early ones.
func order[T any](all []T, round int) []T {
	turn := slices.Clone(all)
	if round%2 == 1 {
		slices.Reverse(turn)
	}
	return turn
}
