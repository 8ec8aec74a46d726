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

// allow tells whether a call may be made now. A caller that got true reports
// the result with done.
func (b *breaker) allow() bool {
	if b.threshold <= 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current == 0 {
		return true
	}
	if b.probing || b.now().Before(b.until) {
		return false
	}
	b.probing = true
	return true
}

// done reports how an allowed call ended. The result unknown (the call was
// canceled) neither closes nor opens the breaker.
func (b *breaker) done(result health) {
	if b.threshold <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
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

// open tells whether calls are being refused, for metrics and tests.
func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current != 0
}

// health is what a finished call says about its webhook.
type health uint8

const (
	unknown health = iota
	healthy
	ailing
)
