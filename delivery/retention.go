package delivery

import "time"

// retention is what a purge leaves.
type retention struct {
	age      time.Duration // less than 0: for ever
	maxBytes int64         // 0: no limit
}

// nothing is whether a purge would remove nothing.
func (r retention) nothing() bool { return r.age < 0 && r.maxBytes <= 0 }

// before is the time that a purge at now removes what is older than; zero removes
// nothing by age.
func (r retention) before(now time.Time) time.Time {
	if r.age < 0 {
		return time.Time{}
	}
	return now.Add(-r.age)
}

// Retain changes how long settled messages and the log are kept, and how large
// the store may get: see Options.Retention and Options.MaxBytes, also for zero.
// A change is followed by a purge at once.
func (e *Engine) Retain(age time.Duration, maxBytes int64) {
	if age == 0 {
		age = DefaultRetention
	}
	next := retention{age, maxBytes}
	if last := e.retention.Swap(&next); last != nil && *last == next {
		return
	}
	select {
	case e.retained <- struct{}{}:
	default:
	}
}
