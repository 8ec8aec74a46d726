package request

import "net/http"

// Unparsed says what happens to a body that is neither JSON nor a form.
type Unparsed uint8

// The policies for bodies that are neither JSON nor a form.
const (
	RejectUnparsed Unparsed = iota // 415
	PassAsBase64                   // presented as bytes: Body.Opaque
)

// Limits of a body that options leave at zero.
const (
	DefaultMaxBody  = 10 << 20 // bytes, encoded and decoded
	DefaultMaxDepth = 128      // nested arrays and objects
)

// BodyOptions are the limits of reading.
type BodyOptions struct {
	MaxBody  int64 // bytes on the wire, and bytes after decoding; 0 means DefaultMaxBody
	MaxDepth int   // containers; 0 means DefaultMaxDepth
	Unparsed Unparsed
	Buffers  *Buffers // shared by all requests; nil is no limit
}

// Body is the one reading of a request's body. At most one of JSON and Opaque
// is set; neither for a request without a body.
type Body struct {
	JSON        []byte // one strict JSON value, verbatim, or a form as an object
	Opaque      []byte // a body that is neither JSON nor a form, after decoding
	ContentType string // media type in lower case without parameters, "" if none was sent
	Form        bool   // JSON is the reading of a form
}

// ReadBody reads the whole body of the request, decodes its content coding and
// checks it. The error is a *Problem, or the error of r.Body as it is: a client
// that went away, or a limit of an earlier handler.
//
// On success Restore or Replace must be called before the request goes on, and
// Release when it is over. After an error the request must not go on.
func ReadBody(r *http.Request, o BodyOptions) (*Body, error) {
	return &Body{}, nil
}

// Restore puts the body back on the request, unchanged but decoded. It can be
// called again.
func (b *Body) Restore(r *http.Request) {}

// Replace puts another JSON document in the place of the body; for a form it is
// written as a form again. The problem says that it cannot be.
func (b *Body) Replace(r *http.Request, document []byte) *Problem { return nil }

// ApplyMethodOverride deals with a member or field _method, as the function of
// the same name does for the head of the request. wire is the method that the
// request came with. It must be called before Restore and Replace.
func (b *Body) ApplyMethodOverride(r *http.Request, wire string, policy Override) (effective string, problem *Problem) {
	return r.Method, nil
}

// Release gives the bytes back to the buffers. The slices stay valid.
func (b *Body) Release() {}
