package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

// What the end-to-end part compares.
const (
	bareCalls  = "net/http, nothing kept"
	localQueue = "embedded store"
	redisQueue = "Redis"
)

// wantEndToEnd is the promise: the embedded store's share of bare calls.
const wantEndToEnd = 0.5

var errUndelivered = errors.New("events were not delivered")

// delivered is one round of one courier.
type delivered struct {
	Events    int
	PerSecond float64 // from the first append to the receiver's last 204
	CPU       float64 // of the bench's own process for each event, in microseconds
}

// measureEndToEnd runs the couriers in turns.
func measureEndToEnd(ctx context.Context, s *stage, set settings) (map[string][]delivered, error) {
	couriers, names, err := s.couriers(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, c := range couriers {
			c.close()
		}
	}()
	all := map[string][]delivered{}
	var n atomic.Int64
	for i := range set.Rounds {
		for _, name := range order(names, i) {
			seen, err := rush(ctx, couriers[name], &n, set.Duration)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(os.Stderr, "round %d/%d  %-24s %8.0f events/s  CPU %4.0f us\n", i+1, set.Rounds, name, seen.PerSecond, seen.CPU)
			all[name] = append(all[name], seen)
		}
	}
	return all, nil
}

// couriers are those that can run here, in the order of a round.
func (s *stage) couriers(ctx context.Context) (all map[string]courier, names []string, err error) {
	url := "http://" + s.at.Interceptor + "/validate" // reads the event and answers 204
	all, names = map[string]courier{bareCalls: newBare(url)}, []string{bareCalls}
	add := func(name string, open func() (delivery.Store, error)) error {
		store, err := open()
		if err != nil {
			return err
		}
		c, err := newQueued(store, url, 1)
		if err != nil {
			return err
		}
		all[name], names = c, append(names, name)
		return nil
	}
	if err := add(localQueue, func() (delivery.Store, error) {
		return local.Open(filepath.Join(s.dir, "end-to-end"), local.Options{})
	}); err != nil {
		return nil, nil, err
	}
	switch err := s.startRedis(ctx); {
	case errors.Is(err, errNoRedis):
		fmt.Fprintln(os.Stderr, "the row with Redis is left out:", err)
		return all, names, nil
	case err != nil:
		return nil, nil, err
	}
	return all, names, add(redisQueue, func() (delivery.Store, error) {
		return redis.Open(ctx, redis.Config{URL: "redis://" + s.at.Redis + "/0", Prefix: "end-to-end"}, redis.Options{})
	})
}

// rush has all callers hand over events for a while, and waits until every one
// of them has been delivered.
func rush(ctx context.Context, c courier, next *atomic.Int64, duration time.Duration) (delivered, error) {
	before := c.delivered()
	cpuBefore, cpuErr := cpuTime(os.Getpid())
	start := time.Now()
	count, err := handAll(ctx, c.hand, next, start.Add(duration))
	if err != nil {
		return delivered{}, err
	}
	for c.delivered()-before < int64(count) {
		if time.Since(start) > duration+drainTimeout {
			return delivered{}, fmt.Errorf("%w: %d of %d", errUndelivered, int64(count)-c.delivered()+before, count)
		}
		time.Sleep(time.Millisecond)
	}
	seen := delivered{Events: count, PerSecond: float64(count) / time.Since(start).Seconds(), CPU: math.NaN()}
	if cpuAfter, err := cpuTime(os.Getpid()); err == nil && cpuErr == nil && count > 0 {
		seen.CPU = float64((cpuAfter - cpuBefore).Microseconds()) / float64(count)
	}
	return seen, nil
}

// handAll tells how many events were handed over until the deadline.
func handAll(ctx context.Context, hand func(ctx context.Context, n int) error, next *atomic.Int64, deadline time.Time) (int, error) {
	var count atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, callers)
	for range callers {
		group.Go(func() {
			for time.Now().Before(deadline) {
				if err := hand(ctx, int(next.Add(1))); err != nil {
					failures <- err
					return
				}
				count.Add(1)
			}
		})
	}
	group.Wait()
	close(failures)
	return int(count.Load()), <-failures
}

func reportEndToEnd(out io.Writer, all map[string][]delivered, set settings) {
	fmt.Fprintf(out, "\nEvents of %d bytes from %d callers to the receiver's 204; %d rounds of %s in turns, and until all are delivered.\n",
		len(envelope(1)), callers, set.Rounds, set.Duration)
	fmt.Fprint(out, "The CPU is that of the whole sender: caller, store and engine.\n\n")
	perSecond := func(name string) (rates, cpus []float64) {
		for _, d := range all[name] {
			rates, cpus = append(rates, d.PerSecond), append(cpus, d.CPU)
		}
		return rates, cpus
	}
	base, _ := perSecond(bareCalls)
	var doc table.Table
	doc.Add("end to end", "events/s", "CPU us/event", "beside "+bareCalls, "wanted")
	for _, name := range []string{bareCalls, localQueue, redisQueue} {
		if len(all[name]) == 0 {
			continue
		}
		rates, cpus := perSecond(name)
		ratio, wanted := spreadOf(paired(rates, base)), "-"
		if name == localQueue {
			wanted = fmt.Sprintf(">= %.2f, %s", wantEndToEnd, verdict(ratio.Median >= wantEndToEnd))
		}
		doc.Add(name, spreadOf(rates).ranged(0), spreadOf(cpus).ranged(0), ratio.ranged(2), wanted)
	}
	doc.Print(out)
}
