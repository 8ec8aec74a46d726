package event

import "github.com/google/uuid"

// newID gives a UUID of version 7: unique, and in order of time for whoever stores events by id.
func newID() string {
	return uuid.Must(uuid.NewV7()).String()
}
