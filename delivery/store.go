package delivery

import (
	"context"
	"time"
)

// Store keeps messages, deliveries, attempts and holds. All methods are safe
// for concurrent use. Stores group concurrent writes by themselves: callers
// need not collect.
//
// Package storetest holds every store to this contract.
type Store interface {
	Journal
	Queue
	Archive
	Inspector
	Puller
	Documents

	// Close ends the use of the store. Calls in flight end first; later ones
	// fail. Leases are not returned: they end by themselves.
	Close() error
}

// Journal is the store as the request path sees it. When a method returns nil
// its effect survives a crash of the gateway at once, and what else the store's
// guarantee names.
type Journal interface {
	// Hold stores an intent.
	Hold(ctx context.Context, h Hold) error

	// Release settles a hold: the messages are stored and the hold is removed,
	// both or neither. Without messages the hold is dropped. If the hold is not
	// there it stores nothing and returns ErrNoHold.
	Release(ctx context.Context, hold string, messages ...Message) error

	// Append stores messages, all or none. A message whose Source and ID are
	// stored already is passed over: appending is safe to repeat. Within one
	// call and between calls that do not overlap, Seq follows the order of
	// arrival.
	Append(ctx context.Context, messages ...Message) error

	// Orphans claims holds whose owner is gone, oldest first, at most limit.
	// While this store is open no other gateway gets the same ones, and they
	// count as its own holds. One that cannot be read is an error, beside which
	// the others are given.
	Orphans(ctx context.Context, limit int) ([]Hold, error)
}

// Queue is the store as the engine sees it.
//
// Due times are those of the store's clock. A store on one machine reckons them
// again when that clock is set back by more than a few seconds, also while the
// store was not open: what was to wait for a time waits for that time from the
// present on, and leases end when they would have. A store whose clock is that
// of a server may leave this to the server.
type Queue interface {
	// Watch tells in which lanes something is or will be due: once for each
	// lane that is not empty, then whenever a lane's earliest time may have
	// moved forward. It may tell too often or too early, never too late by more
	// than a few milliseconds for this gateway's own appends. Calls of found do
	// not overlap and return quickly. Watch returns when ctx ends, with its
	// error; it survives failures of the store by itself.
	Watch(ctx context.Context, found func(lane string, due time.Time)) error

	// Lease takes at most limit deliveries of a lane that are due, earliest
	// first, until a time. next is when the lane's following delivery is due,
	// or its earliest lease ends; zero when the lane has nothing else.
	Lease(ctx context.Context, lane string, limit int, until time.Time) (leases []Lease, next time.Time, err error)

	// Extend moves the end of leases. lost are those that have ended and were
	// taken or finished by another: their calls should be given up.
	Extend(ctx context.Context, until time.Time, leases ...Lease) (lost []Lease, err error)

	// Finish ends leases and writes their attempts to the log, with the
	// counters, in one step per outcome. An outcome whose lease was lost only
	// has its attempt logged. A crash right after Finish may undo it: the
	// delivery is then attempted again.
	Finish(ctx context.Context, outcomes ...Outcome) error
}

// Archive is the store as people see it.
type Archive interface {
	// Message gives a message and where each of its deliveries stands.
	// ErrNotFound if there is none.
	Message(ctx context.Context, source, id string) (*Message, []Delivery, error)

	// Deliveries lists deliveries.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)

	// Attempts lists the log; total is how many rows the query selects without
	// Before, Offset and Limit.
	Attempts(ctx context.Context, q AttemptQuery) (rows []Attempt, total uint64, err error)

	// Stats gives a lane's counters; zero for a lane that never had anything.
	Stats(ctx context.Context, lane string) (Stats, error)

	// Replay makes a delivery pending again, due at a time, with its attempts
	// counted from the beginning. A pending one is only made due. A message
	// that never went to the lane becomes a delivery of it. ErrNotFound if the
	// message is not there.
	Replay(ctx context.Context, lane string, seq uint64, due time.Time) error

	// Discard settles a dead or pending delivery for good. ErrNotFound if there
	// is none; nothing happens to one that is settled otherwise.
	Discard(ctx context.Context, lane string, seq uint64, reason string) error

	// Holds lists the holds, oldest first, at most limit.
	Holds(ctx context.Context, limit int) ([]Hold, error)

	// Purge removes messages, with their settled deliveries, and rows of the
	// log that are older than a time; if the store is larger than maxBytes (0 is
	// no limit) also the oldest beyond that. What is pending or dead stays,
	// whatever its age. It gives how many messages it removed.
	Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error)
}
