package delivery

import "time"

// Message is one CloudEvent on its way. Stores give out messages that share
// their bytes: nothing of a message may be changed.
type Message struct {
	// Seq is the position that the store gave it, from 1; later messages have
	// higher positions. It is 0 before the message is stored.
	Seq uint64

	ID      string // CloudEvents id; Source and ID together are unique
	Source  string
	Type    string // CloudEvents type
	Class   string // the other system's name of the type, may be empty
	Subject string // may be empty
	Time    time.Time

	// Event is the CloudEvent as one JSON object in structured mode, without
	// the attributes that a lane adds when it sends (sequence).
	Event []byte

	// Targets are the lanes that get it, each once. A message without targets
	// is kept, and can be replayed, until it is purged.
	Targets []Target
}

// Target is a lane that gets a message.
type Target struct {
	Lane string // at most 255 bytes, no NUL

	// Due is when the first attempt may start; zero is at once.
	Due time.Time

	// Key orders: deliveries of a lane with the same key, other than "", are
	// attempted one at a time and in the order of Seq. At most 1024 bytes.
	Key string

	// Skip, if not empty, says why the message is not delivered: the delivery
	// is stored as skipped and can be replayed.
	Skip string

	// Dead, if not empty, says why the message cannot be delivered as it is: the
	// delivery is stored as a dead letter at once.
	Dead string
}

// State is where a delivery stands.
type State uint8

// The states of a delivery.
const (
	Pending   State = iota + 1 // due, leased, or waiting for another of its key
	Delivered                  // the receiver took it
	Dead                       // a dead letter
	Skipped                    // never attempted: the lane was disabled
	Discarded                  // a person gave it up
)

// String gives the state in lower case.
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Delivered:
		return "delivered"
	case Dead:
		return "dead"
	case Skipped:
		return "skipped"
	case Discarded:
		return "discarded"
	}
	return "unknown"
}
