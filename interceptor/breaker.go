package interceptor

import (
	"sync"
	"time"
)

// breaker keeps a webhook that failed several times in a row from costing
// every request its timeout. After a number of consecutive failures it opens:
// calls are refused at once for a pause that doubles up to a limit. When the
// pause is over one call goes through as a probe; its result closes the
// breaker or opens it again.
type breaker struct {
	threshold       int // consecutive failures that open it; 0 or less: never opens
	pause, maxPause time.Duration
	now             func() time.Time

	mu       sync.Mutex
	failures int
	current  time.Duration // the pause in force, 0 while closed
	until    time.Time
	probing  bool
}

// permit is a breaker's word on one call. It goes back to done with the result.
type permit uint8

const (
	denied  permit = iota
	regular        // the breaker is closed
	probe          // the one call that finds out whether it can be
)

// open tells whether calls are refused, or one of them finds out whether they
// still have to be.
func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current != 0
}

// allow tells whether a call may be made now. A caller that was not denied
// reports the result with done.
func (b *breaker) allow() permit {
	if b.threshold <= 0 {
		return regular
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current == 0 {
		return regular
	}
	if b.probing || b.now().Before(b.until) {
		return denied
	}
	b.probing = true
	return probe
}

// done reports how an allowed call ended. The result unknown (the call was
// canceled) neither closes nor opens the breaker.
func (b *breaker) done(p permit, result health) {
	if b.threshold <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case p == probe:
		b.probing = false
	case b.current != 0:
		// It began before the breaker opened. A hundred requests that hang at
		// the same time are one outage: they must not double the pause a
		// hundred times, nor end the probe.
		return
	}
	switch result {
	case healthy:
		b.failures, b.current = 0, 0
	case ailing:
		b.fail()
	default: // unknown: the next call will tell
	}
}

func (b *breaker) fail() {
	b.failures++
	if b.failures < b.threshold {
		return
	}
	b.current = min(max(b.current*2, b.pause), b.maxPause)
	b.until = b.now().Add(b.current)
}

// health is what a finished call says about its webhook.
type health uint8

const (
	unknown health = iota
	healthy
	ailing
)
