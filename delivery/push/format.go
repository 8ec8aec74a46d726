package push

import (
	"errors"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Content types of the formats.
const (
	typeStructured = "application/cloudevents+json"
	typeBatch      = "application/cloudevents-batch+json"
	typeJSON       = "application/json"
)

// errNotAnEvent says that the stored bytes are no JSON object.
var errNotAnEvent = errors.New("the stored event is not a JSON object")

// input is what a format (webhook.Format) is made of. The functions that write formats are pure:
// they append to dst, which they do not read, and the same input gives the same
// bytes. Of an Event that has not passed strictjson.Check they write nonsense or
// give an error.
type input struct {
	message  *delivery.Message
	sequence bool // adds the extension sequence

	// What OpenRegister's formats tell of the webhook and the attempt.
	hookID, hookName string
	attempt          int
	at               time.Time
	source, subject  string // instead of the event's own; "" keeps that
}

// event gives the position of the event's opening brace.
func (in *input) event() (doc []byte, start int, err error) {
	doc = in.message.Event
	start = skipSpace(doc, 0)
	end := len(doc)
	for end > start && isSpace(doc[end-1]) {
		end--
	}
	if end-start < 2 || doc[start] != '{' || doc[end-1] != '}' {
		return nil, 0, errNotAnEvent
	}
	return doc[:end], start, nil
}

func skipSpace(doc []byte, i int) int {
	for i < len(doc) && isSpace(doc[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
