package main

import (
	"sync/atomic"
	"time"
)

// clock is the validator's idea of now: real, or the same day in another month.
type clock struct{ month atomic.Int64 }

// set chooses a month; 0 goes back to the real time.
func (c *clock) set(month time.Month) { c.month.Store(int64(month)) }

func (c *clock) now() time.Time {
	now := time.Now()
	month := time.Month(c.month.Load())
	if month == 0 {
		return now
	}
	return time.Date(now.Year(), month, 5, now.Hour(), now.Minute(), now.Second(), 0, now.Location())
}
