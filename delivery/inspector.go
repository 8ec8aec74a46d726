package delivery

import (
	"context"
	"time"
)

// MaxScan is how many messages or rows of the log one call looks at when
// nothing but looking finds what is asked for: a page must not take longer
// because there is more in the store.
const MaxScan = 10_000

// Inspector is the rest of the store as people see it.
type Inspector interface {
	// Messages lists messages, with Event and without Targets, in the order of
	// Seq. It looks at no more than MaxScan messages; next is where it stopped:
	// what After, or with Newest Before, has to be for what follows. 0 is the
	// end. A page may have fewer messages than Limit, or none, and not be the
	// last.
	Messages(ctx context.Context, q MessageQuery) (page []Message, next uint64, err error)

	// AllStats gives the counters of all lanes that ever had anything, in one
	// step: 10,000 lanes are for a page of a list.
	AllStats(ctx context.Context) (map[string]Stats, error)

	// HoldByID gives a hold that is not settled. ErrNotFound.
	HoldByID(ctx context.Context, id string) (Hold, error)

	// HoldCount is how many holds are not settled, those of requests that are
	// under way included. It costs the same however many there are.
	HoldCount(ctx context.Context) (int, error)
}

// Puller is, with [Queue.Lease], the store as a subscriber sees it that fetches
// its messages.
type Puller interface {
	// Settle makes a pending delivery a delivered one, whether it is leased or
	// not, or waiting for another of its key: the subscriber has it. A lease of
	// it is lost. Nothing happens to one that is not pending. ErrNotFound if
	// there is none.
	Settle(ctx context.Context, lane string, seq uint64) error
}

// MessageQuery selects messages. Zero fields select all.
type MessageQuery struct {
	Type    string
	Subject string
	Source  string
	ID      string // fast: found by an index

	// Since and Until are of when the message was stored: Since is within, Until
	// is not. Both are fast.
	Since time.Time
	Until time.Time

	After  uint64 // only messages with a higher Seq
	Before uint64 // only messages with a lower Seq; 0 is no limit
	Newest bool   // highest Seq first
	Limit  int    // 1 to 1000; 0 means 50
}
