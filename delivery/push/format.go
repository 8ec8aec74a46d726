package push

import (
	"errors"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Format is how messages are written for a receiver.
type Format string

// The formats.
const (
	// CloudEvents is the event as it was stored, in structured mode
	// (CloudEvents 1.0.2, JSON event format). It is the default.
	CloudEvents Format = "cloudevents"

	// CloudEventsBinary is binary mode (CloudEvents 1.0.2, HTTP binding section
	// 3.1): attributes as ce- header fields, the data as body. An event that
	// binary mode cannot tell, such as one without data, is sent structured.
	CloudEventsBinary Format = "cloudevents-binary"

	// CloudEventsBatch is a JSON array of structured events (HTTP binding
	// section 3.3). It is the only format for more than one message in a call.
	CloudEventsBatch Format = "cloudevents-batch"

	// OpenRegister is OpenRegister's standard payload: event, webhook, data,
	// timestamp and attempt. With method GET it is the query of the URL, as
	// PHP's http_build_query writes it, and there is no body.
	OpenRegister Format = "openregister"

	// OpenRegisterCloudEvent is the event with what OpenRegister adds to its
	// own: an object `openregister`, which CloudEvents does not allow, and
	// webhook and attempt within data. It is sent as application/json.
	OpenRegisterCloudEvent Format = "openregister-cloudevent"
)

// Content types of the formats.
const (
	typeStructured = "application/cloudevents+json"
	typeBatch      = "application/cloudevents-batch+json"
	typeJSON       = "application/json"
)

// errNotAnEvent says that the stored bytes are no JSON object.
var errNotAnEvent = errors.New("the stored event is not a JSON object")

// input is what a format is made of. The functions that write formats are pure:
// they append to dst, which they do not read, and the same input gives the same
// bytes. Of an Event that has not passed strictjson.Check they write nonsense or
// give an error.
type input struct {
	message  *delivery.Message
	sequence bool // adds the extension sequence

	// What OpenRegister's formats tell of the attempt.
	hookID, hookName string
	attempt          int
	at               time.Time
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
