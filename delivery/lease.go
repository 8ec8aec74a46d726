package delivery

import "time"

// Lease is the right to attempt one delivery until a time.
type Lease struct {
	Lane    string
	Message *Message // shared: not to be changed

	// Attempt is the number of the attempt that this lease is for, from 1. A
	// delivery that is replayed starts at 1 again.
	Attempt int

	// First is when the delivery was first due: what its age is counted from.
	First time.Time

	// Until is when another may lease the delivery.
	Until time.Time

	// Replayed tells that a person asked for this delivery again.
	Replayed bool

	// Token tells this lease from an earlier or later one of the same delivery.
	Token uint64
}

// Verdict is what becomes of a leased delivery.
type Verdict uint8

// The verdicts.
const (
	Done    Verdict = iota + 1 // the receiver took it
	Retry                      // it is due again at Outcome.Due
	Bury                       // it becomes a dead letter
	Restore                    // it was not attempted: due at Outcome.Due, the attempt does not count
)

// Outcome ends a lease.
type Outcome struct {
	Lease   Lease
	Verdict Verdict
	Due     time.Time // for Retry and Restore; zero is at once
	Reason  string    // for Bury: why, for people; at most 1024 bytes are kept

	// Park, with Bury and a key, keeps the later deliveries of the key waiting
	// until the dead letter is replayed or discarded. Otherwise they go on.
	Park bool

	// Attempt is the row for the log; nil writes none. The store sets its ID.
	Attempt *Attempt
}
