package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
)

// What the stores are compared with, and what was promised.
const (
	boltBatch   = "bbolt Batch, one put each"
	localAppend = "embedded store, append"
	redisXadd   = "Redis XADD"
	redisAppend = "Redis, append"

	wantLocalAppend = 0.5
	wantRedisAppend = 0.35
	wantFinish      = 1.0
)

// kept is one round of one keeper.
type kept struct {
	PerSecond float64 // events kept
	CPU       float64 // of this process for each, in microseconds
	Finished  float64 // deliveries leased and finished in a second; 0 for a bare keeper
}

// keeperOf opens a keeper with nothing in it. Each round has one of its own, so
// that none pays for what an earlier one left.
type keeperOf func(ctx context.Context) (keeper, error)

// keepers are those that can run here, in the order of a round.
func (s *stage) keepers(ctx context.Context) (all map[string]keeperOf, names []string, err error) {
	all = map[string]keeperOf{
		boltBatch:   func(context.Context) (keeper, error) { return newBareBolt(filepath.Join(s.dir, "bare")) },
		localAppend: func(context.Context) (keeper, error) { return newStoredLocally(filepath.Join(s.dir, "kept")) },
	}
	switch err := s.startRedis(ctx); {
	case errors.Is(err, errNoRedis):
		fmt.Fprintln(os.Stderr, "the rows with Redis are left out:", err)
		return all, []string{boltBatch, localAppend}, nil
	case err != nil:
		return nil, nil, err
	}
	all[redisXadd] = func(context.Context) (keeper, error) { return newBareStream(s.at.Redis), nil }
	all[redisAppend] = func(ctx context.Context) (keeper, error) { return newStoredInRedis(ctx, s.at.Redis) }
	return all, []string{boltBatch, localAppend, redisXadd, redisAppend}, nil
}

// measureKeeping runs the keepers in turns.
func measureKeeping(ctx context.Context, s *stage, set settings) (map[string][]kept, error) {
	keepers, names, err := s.keepers(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string][]kept{}
	for i := range set.Rounds {
		for _, name := range order(names, i) {
			seen, err := keepFor(ctx, keepers[name], set.Duration)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(os.Stderr, "round %d/%d  %-26s %8.0f events/s  CPU %4.0f us  %8.0f deliveries/s\n",
				i+1, set.Rounds, name, seen.PerSecond, seen.CPU, seen.Finished)
			all[name] = append(all[name], seen)
		}
	}
	return all, nil
}

// keepFor has all callers hand events to a new keeper for a while, and then
// leases and finishes what that made due.
func keepFor(ctx context.Context, open keeperOf, duration time.Duration) (seen kept, err error) {
	k, err := open(ctx)
	if err != nil {
		return seen, err
	}
	defer k.close()
	var next atomic.Int64
	before, err := cpuTime(os.Getpid())
	if err != nil {
		return seen, err
	}
	start := time.Now()
	count, err := handAll(ctx, k.keep, &next, start.Add(duration))
	if err != nil {
		return seen, err
	}
	seen.PerSecond = float64(count) / time.Since(start).Seconds()
	after, err := cpuTime(os.Getpid())
	if err != nil || count == 0 {
		return seen, err
	}
	seen.CPU = float64((after - before).Microseconds()) / float64(count)
	if s, ok := k.(*stored); ok {
		seen.Finished, err = finishRate(ctx, s, keptLanes*count)
	}
	return seen, err
}

// finishRate is how many deliveries a second are leased and finished.
func finishRate(ctx context.Context, s *stored, want int) (float64, error) {
	start := time.Now()
	n, err := finishAll(ctx, s, keptLaneNames(keptLanes), 2*keptLanes)
	if err == nil && n != want {
		err = fmt.Errorf("%w: %d of %d", errUndelivered, n, want)
	}
	return float64(n) / time.Since(start).Seconds(), err
}

func reportKeeping(out io.Writer, all map[string][]kept, set settings) {
	fmt.Fprintf(out, "\nEvents of %d bytes from %d callers, each for %d lanes and kept once, beside what keeps bytes only; %d rounds of %s in turns.\n\n",
		keptSize, callers, keptLanes, set.Rounds, set.Duration)
	field := func(name string, f func(kept) float64) (values []float64) {
		for _, k := range all[name] {
			values = append(values, f(k))
		}
		return values
	}
	rate := func(k kept) float64 { return k.PerSecond }
	var doc table.Table
	doc.Add("keeping", "events/s", "CPU us/event", "beside the bare one", "wanted", "deliveries leased and finished/s", "beside appends", "wanted")
	row := func(name, bare string, want float64) {
		if len(all[name]) == 0 {
			return
		}
		rates, cpus := field(name, rate), field(name, func(k kept) float64 { return k.CPU })
		cells := []string{name, spreadOf(rates).ranged(0), spreadOf(cpus).ranged(0)}
		if bare == "" {
			doc.Add(append(cells, "1", "-", "-", "-", "-")...)
			return
		}
		finished := field(name, func(k kept) float64 { return k.Finished })
		ratio, beside := spreadOf(paired(rates, field(bare, rate))), spreadOf(paired(finished, rates))
		doc.Add(append(cells,
			ratio.ranged(2), fmt.Sprintf(">= %.2f, %s", want, verdict(ratio.Median >= want)), spreadOf(finished).ranged(0),
			beside.ranged(2), fmt.Sprintf(">= %.0f, %s", wantFinish, verdict(beside.Median >= wantFinish)))...)
	}
	row(boltBatch, "", 0)
	row(localAppend, boltBatch, wantLocalAppend)
	row(redisXadd, "", 0)
	row(redisAppend, redisXadd, wantRedisAppend)
	doc.Print(out)
}
