package event

import "net/http"

// Request is the one canonical view of a request from which events are made. It is read, never changed.
type Request struct {
	// Method is the HTTP method. When the event comes from a [Match], the method that was matched is told instead.
	Method string

	// Path is the percent-encoded path as it will be forwarded.
	Path string

	// Query is the raw query without the question mark.
	Query string

	// Header holds the header fields under their canonical names. Only those on the allow-list get into an event.
	Header http.Header

	// Body is one JSON value that has passed strictjson.Check, or empty when the request has no body.
	Body []byte

	// Opaque is a body that is not JSON, for registers that take such bodies; it is told in base64.
	Opaque []byte

	// ContentType is the media type of the body as the client declared it. It is not copied into the event, where
	// the header field stands if it is on the allow-list.
	ContentType string

	// Trace is the trace context of the work on this request, in the form of the header field traceparent (W3C Trace Context). It
	// becomes the attribute of that name (CloudEvents extension Distributed Tracing), by which what happens later, and elsewhere,
	// is found to belong together. Empty: none.
	Trace string
}
