package redis

import (
	"context"
	"sync"
)

// Limits of what shares a round trip: a script holds up everybody else on the
// server while it runs.
const (
	groupCalls = 256
	groupBytes = 1 << 20

	// groupBeside is how many calls are worth a round trip beside the one that is
	// under way. What a script costs whatever it does is about as much as six
	// calls in it.
	groupBeside = 48
)

// group lets concurrent calls share round trips: a writer takes what waits and
// runs it at once. What arrives meanwhile is the next round trip, which begins
// when the one before has ended, or earlier if much is waiting.
type group[Q, A any] struct {
	// run does calls and sets the result of each; it returns when the outcome is
	// known or given up. writer tells writers apart, from 0.
	run func(writer int, calls []*call[Q, A])

	// left is told of calls that nobody waits for any more, after run.
	left func(c *call[Q, A])

	mu      sync.Mutex
	waiting []*call[Q, A]
	running int // round trips
	wake    *sync.Cond
	closed  bool
	writers sync.WaitGroup
}

// call is one caller's part of a round trip.
type call[Q, A any] struct {
	ctx     context.Context //nolint:containedctx // the call outlives no caller that waits
	request Q
	size    int

	answer A
	err    error
	done   chan struct{}

	taken bool // under the group's lock: by a writer
	gone  bool // under the group's lock: its caller went
}

func newGroup[Q, A any](run func(writer int, calls []*call[Q, A])) *group[Q, A] {
	g := &group[Q, A]{run: run}
	g.wake = sync.NewCond(&g.mu)
	return g
}

// start begins n writers; stop ends them.
func (g *group[Q, A]) start(n int) {
	for i := range n {
		g.writers.Go(func() { g.write(i) })
	}
}

// do makes a call. A caller whose context ends while its call is under way gets
// the context's error, and the call may have its effect.
func (g *group[Q, A]) do(ctx context.Context, request Q, size int) (answer A, err error) {
	if err := ctx.Err(); err != nil {
		return answer, err
	}
	c := &call[Q, A]{ctx: ctx, request: request, size: size, done: make(chan struct{})}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return answer, ErrClosed
	}
	g.waiting = append(g.waiting, c)
	g.mu.Unlock()
	g.wake.Signal()
	select {
	case <-c.done:
		return c.answer, c.err
	case <-ctx.Done():
	}
	return answer, g.leave(c)
}

// leave is a caller's going. A call that no writer has taken is forgotten.
func (g *group[Q, A]) leave(c *call[Q, A]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.gone = true
	if !c.taken {
		for i, w := range g.waiting {
			if w == c {
				g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
				break
			}
		}
	}
	return c.ctx.Err()
}

func (g *group[Q, A]) write(writer int) {
	for {
		calls := g.take()
		if calls == nil {
			return
		}
		g.run(writer, calls)
		g.end()
		for _, c := range calls {
			close(c.done)
		}
		g.forget(calls)
	}
}

// take waits for calls; nil is the end.
func (g *group[Q, A]) take() []*call[Q, A] {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) == 0 || g.running > 0 && len(g.waiting) < groupBeside {
		if g.closed && len(g.waiting) == 0 {
			return nil
		}
		g.wake.Wait()
	}
	g.running++
	n, bytes := 0, 0
	for n < min(len(g.waiting), groupCalls) && (n == 0 || bytes+g.waiting[n].size <= groupBytes) {
		bytes += g.waiting[n].size
		g.waiting[n].taken = true
		n++
	}
	calls := append([]*call[Q, A](nil), g.waiting[:n]...)
	rest := copy(g.waiting, g.waiting[n:])
	clear(g.waiting[rest:])
	g.waiting = g.waiting[:rest]
	if rest > 0 {
		g.wake.Signal()
	}
	return calls
}

// end notes that a round trip has ended: what waited for it can go.
func (g *group[Q, A]) end() {
	g.mu.Lock()
	g.running--
	waits := len(g.waiting) > 0
	g.mu.Unlock()
	if waits {
		g.wake.Signal()
	}
}

func (g *group[Q, A]) forget(calls []*call[Q, A]) {
	if g.left == nil {
		return
	}
	g.mu.Lock()
	var gone []*call[Q, A]
	for _, c := range calls {
		if c.gone {
			gone = append(gone, c)
		}
	}
	g.mu.Unlock()
	for _, c := range gone {
		g.left(c)
	}
}

// stop lets what waits be done, and ends the writers.
func (g *group[Q, A]) stop() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wake.Broadcast()
	g.writers.Wait()
}
