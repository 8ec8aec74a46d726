package delivery

import (
	"context"
	"time"
)

// Sender makes the calls of one lane. It is safe for concurrent use.
type Sender interface {
	// Send makes one call about the leased deliveries: one, or for a lane that
	// sends batches several, all of which share the result. It returns soon
	// after ctx ends, and never fails the engine: whatever the receiver does is
	// a result.
	Send(ctx context.Context, leases []Lease) Result

	// Close ends the use of connections when the calls in flight have ended.
	Close()
}

// BoundedSender is a Sender whose calls end by themselves within a time. If that
// is not longer than the timeout of its lane, the engine sets no timer of its
// own for each of them.
type BoundedSender interface {
	Sender

	// Timeout of every call; greater than 0.
	Timeout() time.Duration
}

// Result is what one call came to.
type Result struct {
	Started  time.Time
	Duration time.Duration
	URL      string // without credentials
	Method   string

	Status int    // HTTP status; 0 without an answer
	Reason Reason // "" when the receiver took it (2xx)
	Error  string // for people, without secrets; "" for a success

	Request  []byte // the body that was sent, for the log of a failure; not to be changed
	Response []byte // the beginning of the answer's body, at most MaxResponseText bytes

	// RetryAfter is how long the receiver asked to be left alone (RFC 9110
	// section 10.2.3); 0 if it did not.
	RetryAfter time.Duration

	// Unsendable tells that the message itself cannot be sent in this lane's
	// format: trying again would change nothing.
	Unsendable bool
}
