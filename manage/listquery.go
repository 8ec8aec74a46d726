package manage

import (
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
)

// Kinds of cursors: one of a list means nothing in another.
const (
	messageCursor    = "message"
	deadLetterCursor = "dead"
	logCursor        = "log"
)

// seq reads a number that a list gave out: an id, or where a pull ended.
func (q *query) seq(name string) uint64 {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	n, ok := position(text)
	if !ok {
		q.fault(name, "is not one that this list has given out")
	}
	return n
}

// after is the position in the store where the page before ended.
func (q *query) after(kind string) uint64 {
	parts := q.cursor(kind, 1)
	if parts == nil {
		return 0
	}
	n, ok := position(parts[0])
	if !ok {
		q.fault("cursor", "is not one that this list has given out")
	}
	return n
}

// place is where the page before ended in a list of deliveries; nil for its
// beginning.
func (q *query) place(kind string) *delivery.Position {
	parts := q.cursor(kind, 2)
	if parts == nil {
		return nil
	}
	seq, ok := position(parts[1])
	if !ok {
		q.fault("cursor", "is not one that this list has given out")
	}
	return &delivery.Position{Lane: parts[0], Seq: seq}
}

// nextAfter is the cursor of the page behind a position, null if there is none.
func nextAfter(kind string, seq uint64) *string {
	if seq == 0 {
		return nil
	}
	cursor := cursorOf(kind, strconv.FormatUint(seq, 10))
	return &cursor
}

// nextPlace is the cursor of the page behind a delivery.
func nextPlace(kind string, d *delivery.Delivery) *string {
	cursor := cursorOf(kind, d.Lane, strconv.FormatUint(d.Seq, 10))
	return &cursor
}
