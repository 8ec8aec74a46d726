package redis

import (
	"sync"
	"time"
)

// clock translates between the times of this gateway and of the server. What it
// knows is the difference; each answer says between which values it lies, and it
// moves only if it lies outside, so that a time keeps its value there and back.
type clock struct {
	mu     sync.RWMutex
	offset int64 // microseconds: the server's time less ours
	known  bool

	// settling is while the store is opened: of some answers the quickest counts.
	settling bool
	width    int64 // between the values of the best answer so far
}

// learn takes in that the server said now between two of our moments.
func (c *clock) learn(sent, got time.Time, now int64) {
	low, high := now-got.UnixMicro(), now+1-sent.UnixMicro()
	c.mu.RLock()
	fits := c.known && !c.settling && low <= c.offset && c.offset <= high
	c.mu.RUnlock()
	if fits {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.known, c.settling && high-low < c.width:
		c.offset, c.width = (low+high)/2, high-low
	case c.offset < low:
		c.offset = low
	case c.offset > high:
		c.offset = high
	}
	c.known = true
}

// settle says when the settling begins and ends.
func (c *clock) settle(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settling = on
}

func (c *clock) difference() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset
}

// server gives one of our times as the server's, in microseconds, rounded up:
// nothing is due before its time.
func (c *clock) server(t time.Time) int64 {
	return t.Add(time.Microsecond-1).UnixMicro() + c.difference()
}

// due is server, with 0 for the zero time, which is "at once".
func (c *clock) due(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(c.server(t), 1)
}

// local gives a time of the server as ours.
func (c *clock) local(t int64) time.Time {
	return time.UnixMicro(t - c.difference())
}
