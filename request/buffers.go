package request

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// DefaultMaxBuffered bounds the bytes of bodies that are held at once, for a
// gateway that was given no other number.
const DefaultMaxBuffered = 256 << 20

// busyRetryAfter is what a client is told that finds the buffers full.
const busyRetryAfter = time.Second

// Buffers bounds the bytes of all request bodies that are held at once. One is
// shared by all requests, and is safe for concurrent use. A nil Buffers has no
// limit.
//
// A request takes bytes as they arrive, not as they are announced, so that a
// client cannot keep others out by announcing much and sending nothing. Only
// the first step, when it holds nothing yet, waits; a request that cannot get
// more while it holds some is refused. So nobody who holds bytes ever waits for
// bytes, and there is no deadlock.
type Buffers struct {
	max  int64
	wait time.Duration

	mu      sync.Mutex
	used    int64
	waiters []*waiter // first come, first served
}

type waiter struct {
	need    int64
	granted chan struct{} // closed, under the mutex, when need has been taken
}

// NewBuffers makes Buffers of max bytes. A request that finds them full waits
// at most wait, and no longer than its context, before it is refused with 503.
func NewBuffers(max int64, wait time.Duration) *Buffers {
	return &Buffers{max: max, wait: wait}
}

// Used gives the number of bytes that are held now.
func (b *Buffers) Used() int64 {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// acquire takes n bytes, and waits for them.
func (b *Buffers) acquire(ctx context.Context, n int64) *Problem {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	if len(b.waiters) == 0 && b.used+n <= b.max {
		b.used += n
		b.mu.Unlock()
		return nil
	}
	if n > b.max || b.wait <= 0 {
		b.mu.Unlock()
		return busyProblem()
	}
	w := &waiter{need: n, granted: make(chan struct{})}
	b.waiters = append(b.waiters, w)
	b.mu.Unlock()
	return b.await(ctx, w)
}

func (b *Buffers) await(ctx context.Context, w *waiter) *Problem {
	timer := time.NewTimer(b.wait)
	defer timer.Stop()
	select {
	case <-w.granted:
		return nil
	case <-timer.C:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := slices.Index(b.waiters, w)
	if at < 0 { // granted in the meantime
		return nil
	}
	b.waiters = slices.Delete(b.waiters, at, at+1)
	b.grant() // a smaller need may have stood behind this one
	return busyProblem()
}

// tryAcquire takes n bytes if they are there. It goes before those who wait:
// whoever is in the middle of a body is the sooner done with it.
func (b *Buffers) tryAcquire(n int64) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+n > b.max {
		return false
	}
	b.used += n
	return true
}

func (b *Buffers) release(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.grant()
}

// grant serves those who wait. The caller holds the mutex.
func (b *Buffers) grant() {
	for len(b.waiters) > 0 && b.used+b.waiters[0].need <= b.max {
		b.used += b.waiters[0].need
		close(b.waiters[0].granted)
		b.waiters = slices.Delete(b.waiters, 0, 1)
	}
}

// lease is what one request holds. Each byte of its body counts for weight
// bytes of the buffers, since those who work on the body make copies of it.
type lease struct {
	buffers *Buffers
	weight  int64
	held    int64
}

func (l *lease) cost(n int64) int64 { return n * max(l.weight, 1) }

func (l *lease) acquire(ctx context.Context, n int64) *Problem {
	n = l.cost(n)
	if problem := l.buffers.acquire(ctx, n); problem != nil {
		return problem
	}
	l.held += n
	return nil
}

func (l *lease) grow(n int64) *Problem {
	n = l.cost(n)
	if !l.buffers.tryAcquire(n) {
		return busyProblem()
	}
	l.held += n
	return nil
}

// shrink gives back all but what n bytes of a body take.
func (l *lease) shrink(n int64) {
	n = l.cost(n)
	if l.held > n {
		l.buffers.release(l.held - n)
		l.held = n
	}
}

func busyProblem() *Problem {
	return &Problem{
		Status:     http.StatusServiceUnavailable,
		Reason:     ReasonBusy,
		Title:      "Too much to do",
		Detail:     "Too many request bodies are being handled at the moment. Try again.",
		RetryAfter: busyRetryAfter,
	}
}
