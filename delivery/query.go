package delivery

import (
	"errors"
	"time"
)

// ErrNotFound says that a message, delivery or attempt is not in the store.
var ErrNotFound = errors.New("delivery: not found")

// Delivery is one message in one lane, as the store has it.
type Delivery struct {
	Lane     string
	Seq      uint64
	Message  *Message // without Targets; shared: not to be changed
	State    State
	Attempts int       // made since it was appended or replayed
	Due      time.Time // of a pending one: the next attempt, or the end of its lease
	Waiting  bool      // pending behind another of its key
	Key      string
	Changed  time.Time // when it came into its state
	Stamp    int64     // Changed by the store's own clock, in nanoseconds since 1970: the same for all who ask, also after a restart
	Reason   string    // why it is dead, skipped or discarded
}

// DeliveryQuery selects deliveries. Zero fields select all.
type DeliveryQuery struct { //nolint:revive // beside AttemptQuery, Query alone would not say of what
	Lane  string
	State State

	Seq uint64 // those of one message

	// Newest asks for another order: by Seq, highest first, and by lane where
	// that is the same. The order is otherwise by lane and then by Seq. Over all
	// lanes it is fast for a State that [Stats] count.
	Newest bool

	// After pages: only deliveries behind this one, in the order of the answer.
	After *Position
	Limit int // 1 to 1000; 0 means 50
}

// Position is a place in a list of deliveries.
type Position struct {
	Lane string
	Seq  uint64
}

// AttemptQuery selects rows of the log, newest first. Zero fields select all.
//
// Each combination of Lane, Message and Success is found by an index, and the
// total is exact. With Since or Until it is exact up to MaxScan, and MaxScan
// stands for more. With Type the store looks only at the newest MaxScan rows of
// those that the other fields select: for the page at those with an ID below
// Before, for the total without it.
type AttemptQuery struct {
	ID      uint64 // exactly this row; the other fields still count
	Lane    string
	Message string // the event's id
	Success *bool
	Type    string // of the event

	// Since and Until are of when the row was written, as far as the store knows
	// it: about when the attempt ended. Since is within, Until is not.
	Since time.Time
	Until time.Time

	Before uint64 // only rows with a smaller ID: the page after the one that ended there
	Offset int    // rows to pass over, for callers that count pages
	Limit  int    // 1 to 1000; 0 means 50
}

// Stats are a lane's counters. Total is always Successful and Failed together.
type Stats struct {
	Total      uint64 // attempts
	Successful uint64
	Failed     uint64

	Pending  uint64 // deliveries that are not settled
	Retrying uint64 // of these, the ones that have failed at least once
	Dead     uint64 // dead letters
	Skipped  uint64

	LastAttempt time.Time
	LastSuccess time.Time
	LastFailure time.Time
}
