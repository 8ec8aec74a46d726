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
	return another(first, strconv.Itoa(n))
}

// DoubtID gives the id of the event that stands for another while nobody knows whether its write happened. It is an id of its
// own because the gateway that saw the register's answer may only have been cut off from the store: what it stores when it is
// back must not be taken for the doubt.
func DoubtID(id string) string { return another(id, "unknown") }

func another(first, name string) string {
	sum := sha256.Sum256([]byte(first + "/" + name))
	id := uuid.UUID(sum[:16])
	if origin, err := uuid.Parse(first); err == nil {
		copy(id[:6], origin[:6])
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
