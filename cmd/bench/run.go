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

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// settings of one bench run.
type settings struct {
	Rounds      int
	Duration    time.Duration // of one scenario in one round
	Connections int
	Only        string
	Gateway     string
	GOGC        string

	Memory, Queue, Stores, Cockpit bool // measure these instead
}

// measure runs all rounds and returns what they saw.
func measure(ctx context.Context, s *stage, chosen []scenario, set settings) (results, error) {
	gateways := map[string]*process.Process{}
	for _, sc := range chosen {
		p, err := s.startGateway(ctx, sc)
		if err != nil {
			return nil, err
		}
		if err := s.probe(ctx, sc, p.Address); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, p.Output)
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

// playRound loads one gateway for a while and, where somebody is told, waits until
// every event has come. The CPU time is that of both.
func (s *stage) playRound(ctx context.Context, sc scenario, gateway *process.Process, set settings) (round, error) {
	used := s.meter(sc, gateway)
	before, err := s.receivedIfTold(ctx, sc)
	if err != nil {
		return round{}, err
	}
	seen := round{}
	if err := s.door(ctx, sc, "shut"); err != nil {
		return round{}, err
	}
	unwatch, err := s.watch(ctx, sc, gateway.Address)
	if err != nil {
		return round{}, err
	}
	if seen.load, err = s.playLoad(ctx, sc, gateway.Address, set); err != nil {
		return round{}, fmt.Errorf("loading %s: %w", sc.Name, err)
	}
	if seen.watched, err = unwatch(); err != nil {
		return round{}, err
	}
	if err := s.door(ctx, sc, "open"); err != nil {
		return round{}, err
	}
	if sc.Told {
		if seen.told, err = s.await(ctx, sc, before, seen.load.Sent-seen.load.Errors); err != nil {
			return round{}, fmt.Errorf("%w\n%s", err, gateway.Output)
		}
	}
	seen.cpuMicros, seen.redisMicros = used(seen.load.Sent)
	return seen, nil
}

func (s *stage) receivedIfTold(ctx context.Context, sc scenario) (inbox, error) {
	if !sc.Told {
		return inbox{}, nil
	}
	return s.received(ctx, sc)
}

// playLoad runs the load generator in a process of its own.
func (s *stage) playLoad(ctx context.Context, sc scenario, address string, set settings) (loadResult, error) {
	connections := set.Connections
	if sc.Connections > 0 {
		connections = sc.Connections
	}
	cmd := exec.CommandContext(ctx, s.self, "-role", "load", "-target", address, "-path", sc.Path,
		"-connections", strconv.Itoa(connections), "-seconds", fmt.Sprint(set.Duration.Seconds()))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return loadResult{}, err
	}
	var result loadResult
	err = json.Unmarshal(out, &result)
	return result, err
}

// meter begins to count the CPU time of the gateway and, where the scenario has
// one, of Redis. What it returns gives both per request, in microseconds.
func (s *stage) meter(sc scenario, gateway *process.Process) func(requests int) (own, redis float64) {
	since := func(p *process.Process) func(int) float64 {
		before, err := cpuTime(p.PID())
		return func(requests int) float64 {
			after, failed := cpuTime(p.PID())
			if err != nil || failed != nil || requests == 0 {
				return math.NaN()
			}
			return float64((after - before).Microseconds()) / float64(requests)
		}
	}
	own, redis := since(gateway), func(int) float64 { return math.NaN() }
	if sc.Redis && s.redis != nil {
		redis = since(s.redis)
	}
	return func(requests int) (float64, float64) { return own(requests), redis(requests) }
}
