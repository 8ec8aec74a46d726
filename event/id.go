package event

import (
	"crypto/sha256"
	"strconv"

	"github.com/google/uuid"
)

// newID gives a UUID of version 7: unique, and in order of time for whoever stores events by id.
func newID() string {
	return uuid.Must(uuid.NewV7()).String()
}

// derivedID gives the id of the event after n others of the same exchange. It is the same whenever it is asked for, so that
// events which are made again after a crash are recognised. Like its first it is a UUID of version 7 with the same time.
func derivedID(first string, n int) string {
	sum := sha256.Sum256([]byte(first + "/" + strconv.Itoa(n)))
	id := uuid.UUID(sum[:16])
	if origin, err := uuid.Parse(first); err == nil {
		copy(id[:6], origin[:6])
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
