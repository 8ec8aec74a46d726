package redis

import (
	"cmp"
	"time"
)

// Options are how the store works. The zero value is right for most.
type Options struct {
	// Heartbeat is how long the holds of a gateway that says nothing stay its
	// own; 30 s. A gateway speaks three times as often.
	Heartbeat time.Duration

	// Poll is how often Watch looks by itself, which is what a lost
	// notification can cost; 1 s.
	Poll time.Duration

	// RetryFor is how long a write is repeated when a connection breaks or the
	// server refuses for now, before callers get an UnavailableError; 3 s. The
	// caller's context ends the wait earlier.
	RetryFor time.Duration

	// Writers is how many round trips of each kind of write may be under way; 2.
	// Another than the first is begun only for many calls: the larger a round
	// trip, the less each call in it costs the server.
	Writers int
}

func (o Options) filled() Options {
	o.Heartbeat = cmp.Or(o.Heartbeat, 30*time.Second)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.RetryFor = cmp.Or(o.RetryFor, 3*time.Second)
	o.Writers = max(cmp.Or(o.Writers, 2), 1)
	return o
}
