package event

import "net/http"

// Response is what the register answered. It is read, never changed.
type Response struct {
	// Status is the HTTP status code.
	Status int

	// Header holds the header fields under their canonical names.
	Header http.Header

	// Body is one JSON value that has passed strictjson.Check, verbatim; nil when there is none or when it is not known
	// because it is Opaque or Truncated.
	Body []byte

	// Opaque says that the answer is not JSON, but of ContentType.
	Opaque      bool
	ContentType string

	// Truncated says that the answer was larger than what is kept of it.
	Truncated bool
}

// success reports whether the register says that it has acted (RFC 9110 section 15.3).
func (r *Response) success() bool { return r.Status >= 200 && r.Status < 300 }

// missing says why there is no body: a word for receivers.
func (r *Response) missing() string {
	switch {
	case r == nil:
		return "unknown"
	case r.Truncated:
		return "too-large"
	case r.Opaque:
		return "not-json"
	default:
		return "empty"
	}
}
