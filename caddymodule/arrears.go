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

// arrear is one settlement that could not be made at once.
type arrear struct {
	// settle is tried until it succeeds.
	settle func(context.Context) error

	// first is the pause before the first try.
	first time.Duration

	// size is how many bytes it keeps in memory.
	size int64

	// keys say what it must not overtake, and what must not overtake it: other
	// arrears with one of them. Those are settled one after another.
	keys []string

	// minor ones take at most half of the room: without them the register is
	// asked a question too many, and nothing is lost.
	minor bool

	// lost hears why, when the arrears end and the last try has failed.
	lost func(error)
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
	return &arrears{ctx: ctx, cancel: cancel, report: report, lines: map[string]chan struct{}{}}
}

// add takes a settlement. It is false when there is no room for it, or when the
// arrears are closed: the hold, if there is one, is then settled after the next
// start, or by another gateway.
func (a *arrears) add(one arrear) bool {
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
func (a *arrears) work(one arrear) {
	pause := one.first
	for next := firstAttempt; ; next = min(2*next, longestPause) {
		if !a.rest(pause) {
			a.lastTry(settle)
			return
		}
		err := settle(a.ctx)
		if err == nil {
			return
		}
// join gives those that were last for each of the keys, and makes the new one the
// last. The caller holds the mutex.
func (a *arrears) join(keys []string) (before []<-chan struct{}, done chan struct{}) {
	done = make(chan struct{})
	for _, key := range keys {
		if last := a.lines[key]; last != nil && last != done {
			before = append(before, last)
		}
		a.lines[key] = done
	}
	return before, done
}

func (a *arrears) leave(one arrear, done chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting--
	a.bytes -= one.size
	for _, key := range one.keys {
		if a.lines[key] == done {
			delete(a.lines, key)
		}
	}
	close(done)
}

// has is whether a settlement with one of these keys is under way: another has to
// wait behind it.
func (a *arrears) has(keys []string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, key := range keys {
		if a.lines[key] != nil {
			return true
		}
	}
	return false
}

		a.report(err)
		pause = next/2 + rand.N(next) //nolint:gosec // only spreads the tries
	}
}

// lastTry is made when the owner ends: what has no hold would be lost with it.
func (a *arrears) lastTry(one arrear) {
	ctx, cancel := context.WithDeadline(context.Background(), a.end)
	defer cancel()
	if err := settle(ctx); err != nil {
		a.report(err)
	}
	a.report(err)
	if one.lost != nil {
		one.lost(err)
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
