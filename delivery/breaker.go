package delivery

import (
	"fmt"
	"time"
)

// Defaults of a breaker.
const (
	DefaultBreakerFailures = 10
	DefaultBreakerPause    = 30 * time.Second
	MaxBreakerPause        = 24 * time.Hour
)

// Breaker says when a lane is left alone because its receiver only fails: after
// a number of failures in a row nothing is sent for a while. Then the oldest
// delivery probes: if it fails, the pause doubles; if it succeeds, all goes on.
// Deliveries that wait for the end of a pause lose no attempt by it.
type Breaker struct {
	Failures int           // in a row; 0 means DefaultBreakerFailures, less than 0 never
	Pause    time.Duration // the first; 0 means DefaultBreakerPause
	MaxPause time.Duration // 0 means MaxBreakerPause, which is also the most
}

func (b Breaker) validate() error {
	if b.Pause < 0 || b.MaxPause < 0 || b.MaxPause > MaxBreakerPause || b.Pause > MaxBreakerPause {
		return fmt.Errorf("delivery: breaker pauses of %v to %v; allowed is up to %v", b.Pause, b.MaxPause, MaxBreakerPause)
	}
	return nil
}

func (b Breaker) withDefaults() Breaker {
	if b.Failures == 0 {
		b.Failures = DefaultBreakerFailures
	}
	b.MaxPause = within(b.MaxPause, MaxBreakerPause, MaxBreakerPause)
	b.Pause = within(b.Pause, DefaultBreakerPause, b.MaxPause)
	return b
}

// circuit is the state of a lane's breaker.
type circuit struct {
	failures int           // in a row
	pause    time.Duration // the current or latest one; 0 while the circuit is closed
	until    time.Time     // end of the pause

	// epoch tells calls of before an opening from the probes after it: only a
	// probe's failure doubles the pause.
	epoch uint64
}

// open is whether only probes are sent: from the opening to the first success.
func (c *circuit) open() bool { return c.pause > 0 }

// succeed closes the circuit, also when the success is that of an old call.
func (c *circuit) succeed() {
	c.failures, c.pause, c.until = 0, 0, time.Time{}
}

// fail counts a failure of a call that was begun in an epoch, and opens the
// circuit if it was one too many.
func (c *circuit) fail(b Breaker, epoch uint64, now time.Time) {
	if b.Failures < 0 || epoch != c.epoch {
		return
	}
	c.failures++
	switch {
	case c.open():
		c.pause = min(2*c.pause, b.MaxPause)
	case c.failures >= b.Failures:
		c.pause = b.Pause
	default:
		return
	}
	c.epoch++
	c.until = now.Add(c.pause)
}
