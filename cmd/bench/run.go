package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// settings of one bench run.
type settings struct {
	Rounds      int
	Duration    time.Duration // of one scenario in one round
	Connections int
	Only        string
	Gateway     string
	GOGC        string
}

// measure runs all rounds and returns what they saw.
func measure(ctx context.Context, s *stage, chosen []scenario, set settings) (results, error) {
	gateways := map[string]*process{}
	for _, sc := range chosen {
		p, err := s.startGateway(ctx, sc)
		if err != nil {
			return nil, err
		}
		if err := s.probe(ctx, sc, p.address); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, p.output)
		}
		gateways[sc.Name] = p
	}
	all := results{}
	for i := range set.Rounds {
		for _, sc := range order(chosen, i) {
			seen, err := s.playRound(ctx, sc, gateways[sc.Name], set)
			if err != nil {
				return nil, err
			}
			all[sc.Name] = append(all[sc.Name], seen)
			fmt.Fprintf(os.Stderr, "round %d/%d  %-18s %8.0f req/s  p50 %5.0f us  CPU %4.0f us\n",
				i+1, set.Rounds, sc.Name, seen.value(throughput), seen.load.P50, seen.cpuMicros)
		}
	}
	return all, nil
}

// playRound loads one gateway for a while, from a process of its own.
func (s *stage) playRound(ctx context.Context, sc scenario, gateway *process, set settings) (round, error) {
	connections := set.Connections
	if sc.Connections > 0 {
		connections = sc.Connections
	}
	before, cpuErr := cpuTime(gateway.pid())
	cmd := exec.CommandContext(ctx, s.self, "-role", "load", "-target", gateway.address, "-path", sc.Path,
		"-connections", strconv.Itoa(connections), "-seconds", fmt.Sprint(set.Duration.Seconds()))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return round{}, fmt.Errorf("loading %s: %w", sc.Name, err)
	}
	seen := round{cpuMicros: math.NaN()}
	if err := json.Unmarshal(out, &seen.load); err != nil {
		return round{}, fmt.Errorf("loading %s: %w", sc.Name, err)
	}
	if cpuErr == nil && seen.load.Sent > 0 {
		after, err := cpuTime(gateway.pid())
		if err != nil {
			return round{}, fmt.Errorf("%s: %w", sc.Name, err)
		}
		seen.cpuMicros = float64((after - before).Microseconds()) / float64(seen.load.Sent)
	}
	return seen, nil
}
