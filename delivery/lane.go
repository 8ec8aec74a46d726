package delivery

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Defaults and limits of a lane.
const (
	DefaultTimeout       = 20 * time.Second // Standard Webhooks advises 15 to 30 s
	MaxTimeout           = 10 * time.Minute // a hanging receiver keeps a socket for as long
	DefaultMaxConcurrent = 16               // calls of a lane at the same time
	MaxLaneConcurrent    = 256              // one receiver must not get all sockets of the machine
	MaxBatch             = 1000             // deliveries in one call; they are in memory together
)

// Lane is the configuration of one webhook's queue. It is not changed after it
// was attached.
type Lane struct {
	ID   string // that messages are addressed to, at most 255 bytes
	Name string // for people

	// Version tells one configuration of the lane from another, for example by a
	// hash. A lane that is attached with another version than before starts
	// afresh: it is no longer gone or paused, and its breaker is closed.
	Version string

	// Sender makes the calls. The engine closes it when the lane was detached and
	// its last call has ended.
	Sender Sender

	// Pull says that the subscriber fetches its messages, or is not to be called
	// for now: the engine leases
	// nothing of the lane, and needs no Sender.
	Pull bool

	// Timeout of one call; 0 means DefaultTimeout, at most MaxTimeout.
	Timeout time.Duration

	Schedule Schedule
	Order    Order

	// Batch is how many deliveries go into one call at most; 0 means 1, at most
	// MaxBatch.
	Batch int

	// MaxConcurrent is how many calls run at the same time at most; 0 means
	// DefaultMaxConcurrent, at most MaxLaneConcurrent. How many really do follows
	// what the receiver can take.
	MaxConcurrent int

	Breaker Breaker

	// NoRetry are statuses, 400 to 499, that make a dead letter of a delivery at
	// once, beside 410, 413 and 415, which always do.
	NoRetry []int
}

// Validate says what of a lane cannot be.
func (l *Lane) Validate() error {
	switch {
	case l.ID == "" || len(l.ID) > 255:
		return errors.New("delivery: a lane's id has 1 to 255 bytes")
	case l.Sender == nil && !l.Pull:
		return fmt.Errorf("delivery: lane %q has no sender", l.ID)
	case l.Timeout < 0 || l.Timeout > MaxTimeout:
		return fmt.Errorf("delivery: lane %q: timeout %v; allowed is up to %v", l.ID, l.Timeout, MaxTimeout)
	case l.Batch < 0 || l.Batch > MaxBatch:
		return fmt.Errorf("delivery: lane %q: batch of %d; allowed is up to %d", l.ID, l.Batch, MaxBatch)
	case l.MaxConcurrent < 0 || l.MaxConcurrent > MaxLaneConcurrent:
		return fmt.Errorf("delivery: lane %q: %d calls at a time; allowed is up to %d", l.ID, l.MaxConcurrent, MaxLaneConcurrent)
	}
	for _, status := range l.NoRetry {
		if status < 400 || status > 499 {
			return fmt.Errorf("delivery: lane %q: status %d is always retried; 400 to 499 need not be", l.ID, status)
		}
	}
	if err := l.Order.validate(); err != nil {
		return err
	}
	return l.Breaker.validate()
}

// withDefaults gives the lane that the engine works with: whatever is out of
// its limits is brought to them.
func (l Lane) withDefaults() Lane {
	l.Timeout = within(l.Timeout, DefaultTimeout, MaxTimeout)
	l.Batch = within(l.Batch, 1, MaxBatch)
	l.MaxConcurrent = within(l.MaxConcurrent, DefaultMaxConcurrent, MaxLaneConcurrent)
	l.Schedule = l.Schedule.withDefault()
	l.Breaker = l.Breaker.withDefaults()
	l.NoRetry = slices.Clone(l.NoRetry)
	return l
}

// within gives the default for what is not set, and at most the limit.
func within[T int | time.Duration](n, standard, limit T) T {
	if n <= 0 {
		n = standard
	}
	return min(n, limit)
}
