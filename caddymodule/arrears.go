package caddymodule

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Bounds of the arrears.
const (
	maxArrears   = 10_000
	firstAttempt = 200 * time.Millisecond
	longestPause = 10 * time.Second
	lastPatience = 2 * time.Second
)

// reportEvery is how often the arrears tell that something is not settled: an
// outage would fill the log otherwise.
const reportEvery = 10 * time.Second

// seldom passes on what comes first in each while.
func seldom(report func(error)) func(error) {
	var mu sync.Mutex
	var last time.Time
	return func(err error) {
		mu.Lock()
		now := time.Now()
		tell := now.Sub(last) >= reportEvery
		if tell {
			last = now
		}
		mu.Unlock()
		if tell {
			report(err)
		}
	}
}

// arrears are settlements that could not be made at once: the store was down,
// or the register has to be asked. Each is tried until it succeeds. They are
// known to the store as holds, so that a crash loses none of them.
type arrears struct {
	ctx    context.Context //nolint:containedctx // of the owner: it ends the work when the queue is closed
	cancel context.CancelFunc
	report func(error)

	mu      sync.Mutex
	waiting int
	group   sync.WaitGroup
}

func newArrears(report func(error)) *arrears {
	ctx, cancel := context.WithCancel(context.Background())
	return &arrears{ctx: ctx, cancel: cancel, report: report}
}

// add tries a settlement again and again, at first after a pause. It is false
// when there are too many already, or when the arrears are closed: the hold is
// then settled after the next start, or by another gateway.
func (a *arrears) add(first time.Duration, settle func(context.Context) error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting >= maxArrears || a.ctx.Err() != nil {
		return false
	}
	a.waiting++
	a.group.Go(func() {
		a.work(first, settle)
		a.mu.Lock()
		a.waiting--
		a.mu.Unlock()
	})
	return true
}

// work tries until it succeeds or the arrears are closed.
func (a *arrears) work(pause time.Duration, settle func(context.Context) error) {
	for next := firstAttempt; ; next = min(2*next, longestPause) {
		if !a.rest(pause) {
			a.lastTry(settle)
			return
		}
		err := settle(a.ctx)
		if err == nil {
			return
		}
		a.report(err)
		pause = next/2 + rand.N(next) //nolint:gosec // only spreads the tries
	}
}

// lastTry is made when the owner ends: what has no hold would be lost with it.
func (a *arrears) lastTry(settle func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), lastPatience)
	defer cancel()
	if err := settle(ctx); err != nil {
		a.report(err)
	}
}

// rest waits; false when the arrears are closed meanwhile.
func (a *arrears) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-a.ctx.Done():
		return false
	}
}

// count is how many settlements are under way.
func (a *arrears) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waiting
}

// close ends the work, after one more try each. What is not settled then keeps
// its hold, if it has one.
func (a *arrears) close() {
	a.mu.Lock()
	a.cancel() // under the lock: nothing is added once the wait has begun
	a.mu.Unlock()
	a.group.Wait()
}
