package caddymodule

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Bounds of the arrears.
const (
	maxArrears      = 10_000
	maxArrearsBytes = 64 << 20 // of the messages and intents that they keep in memory
	firstAttempt    = 200 * time.Millisecond
	longestPause    = 10 * time.Second
	lastPatience    = 2 * time.Second
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
// or the register has to be asked. Each is tried until it succeeds. Most of them
// are known to the store as holds, so that a crash does not lose them.
type arrears struct {
	ctx    context.Context //nolint:containedctx // of the owner: it ends the work when the queue is closed
	cancel context.CancelFunc
	report func(error)

	mu      sync.Mutex
	waiting int
	bytes   int64
	lines   map[string]chan struct{} // by key: closed when the last one of it has ended
	end     time.Time                // of the last tries
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
	share := 1
	if one.minor {
		share = 2
	}
	if a.ctx.Err() != nil || a.waiting >= maxArrears/share || a.bytes+one.size > maxArrearsBytes/int64(share) {
		return false
	}
	a.waiting++
	a.bytes += one.size
	before, done := a.join(one.keys)
	a.group.Go(func() {
		for _, other := range before {
			<-other
		}
		a.work(one)
		a.leave(one, done)
	})
	return true
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

// work tries until it succeeds or the arrears are closed.
func (a *arrears) work(one arrear) {
	pause := one.first
	for next := firstAttempt; ; next = min(2*next, longestPause) {
		if !waitFor(a.ctx, pause) {
			a.lastTry(one)
			return
		}
		err := one.settle(a.ctx)
		if err == nil {
			return
		}
		a.report(err)
		pause = next/2 + rand.N(next) //nolint:gosec // only spreads the tries
	}
}

// lastTry is made when the owner ends: what has no hold would be lost with it.
func (a *arrears) lastTry(one arrear) {
	ctx, cancel := context.WithDeadline(context.Background(), a.end)
	defer cancel()
	err := one.settle(ctx)
	if err == nil {
		return
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
	if a.end.IsZero() {
		a.end = time.Now().Add(lastPatience)
	}
	a.cancel() // under the lock: nothing is added once the wait has begun
	a.mu.Unlock()
	a.group.Wait()
}
