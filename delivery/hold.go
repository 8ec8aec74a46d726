package delivery

import (
	"errors"
	"time"
)

// Hold is the intent of a write, stored durably before the register is touched.
type Hold struct {
	ID      string    // unique, at most 64 bytes; UUIDv7
	Created time.Time // of the request

	// Intent is what is needed to find out what became of the write and to make
	// its messages: JSON of the caller, opaque to the store.
	Intent []byte
}

// ErrNoHold says that a hold is not there: it was settled before, by this
// gateway or, if it was an orphan, by another.
var ErrNoHold = errors.New("delivery: no such hold")
