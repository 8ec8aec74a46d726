package webhook

import (
	"cmp"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Format is how an event is written in a delivery. Its Content-Type follows
// from it. What an interceptor is asked is always a structured CloudEvent, with
// the content type that [Webhook.ContentType] names.
type Format string

// The formats.
const (
	// FormatCloudEvents is one CloudEvent in structured mode (CloudEvents HTTP
	// binding 1.0.2 section 3.2). The default.
	FormatCloudEvents Format = "cloudevents"

	// FormatBinary is one CloudEvent in binary mode (section 3.1): the
	// attributes are headers, the body is the data.
	FormatBinary Format = "cloudevents-binary"

	// FormatBatch is a JSON array of CloudEvents (section 3.3), of at most
	// batchSize.
	FormatBatch Format = "cloudevents-batch"

	// FormatOpenRegister is OpenRegister's own payload: event, webhook, data,
	// timestamp, attempt. With method GET it is the query (seed 002).
	FormatOpenRegister Format = "openregister"

	// FormatOpenRegisterCloudEvent is the CloudEvent that OpenRegister makes of
	// that payload (useCloudEvents).
	FormatOpenRegisterCloudEvent Format = "openregister-cloudevent"
)

var formats = []Format{FormatCloudEvents, FormatBinary, FormatBatch, FormatOpenRegister, FormatOpenRegisterCloudEvent}

// The number of events in one call of [FormatBatch].
const (
	DefaultBatchSize = 50
	MaxBatchSize     = 1000
)

const maxAttribute = 1024 // bytes of cloudEventSource and of cloudEventSubject

// compileFormat decides on the format. `useCloudEvents` is OpenRegister's word
// for two of them; it may say the same as `format`, and nothing else.
func (h *Hook) compileFormat(w *Webhook, f *faults) {
	c := &w.Configuration
	h.EventFormat = oneOf(cmp.Or(w.EventFormat, FormatCloudEvents), formats, "/format", f)
	if c.UseCloudEvents != nil {
		meant := FormatOpenRegister
		if *c.UseCloudEvents {
			meant = FormatOpenRegisterCloudEvent
		}
		if w.EventFormat != "" && w.EventFormat != meant {
			f.add("/configuration/useCloudEvents", "is %t, which is format %q, but format says otherwise; leave one of them out", *c.UseCloudEvents, meant)
		}
		h.EventFormat = meant
	}
	h.CloudEventSource, h.CloudEventSubject = c.CloudEventSource, c.CloudEventSubject
	h.checkAttributes(f)
	h.BatchSize = h.compileBatch(w.BatchSize, f)
}

// checkAttributes checks the attributes that a webhook may set itself.
func (h *Hook) checkAttributes(f *faults) {
	const source, subject = "/configuration/cloudEventSource", "/configuration/cloudEventSubject"
	for _, set := range [][2]string{{source, h.CloudEventSource}, {subject, h.CloudEventSubject}} {
		if set[1] != "" && h.EventFormat != FormatOpenRegisterCloudEvent {
			f.add(set[0], "is only for format %q; the other formats keep the event's own", FormatOpenRegisterCloudEvent)
		}
	}
	if !isReference(h.CloudEventSource) {
		f.add(source, "must be a URI reference (RFC 3986 section 4.1) of at most %d bytes, such as /apps/openregister", maxAttribute)
	}
	if len(h.CloudEventSubject) > maxAttribute || !isVisible(h.CloudEventSubject) {
		f.add(subject, "must be a text of at most %d bytes without control characters", maxAttribute)
	}
}

// isReference tells whether a text can be a CloudEvents source; "" is none.
func isReference(text string) bool {
	_, err := url.Parse(text)
	forbidden := func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r)
	}
	return err == nil && len(text) <= maxAttribute && !strings.ContainsFunc(text, forbidden)
}

// isVisible tells whether a text has no control characters.
func isVisible(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// compileBatch gives the number of events that one call may carry: 1 for every
// format but the batch.
func (h *Hook) compileBatch(size int, f *faults) int {
	switch {
	case h.EventFormat != FormatBatch && size != 0:
		f.add("/batchSize", "is only for format %q", FormatBatch)
	case h.EventFormat == FormatBatch:
		return within(cmp.Or(size, DefaultBatchSize), 1, MaxBatchSize, "/batchSize", f)
	}
	return 1
}

// within checks a count and gives it back.
func within(value, least, most int, pointer string, f *faults) int {
	if value < least || value > most {
		f.add(pointer, "is %d; allowed is %d to %d", value, least, most)
	}
	return value
}
