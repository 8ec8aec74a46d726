package request

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Unparsed says what happens to a body that is neither JSON nor a form.
type Unparsed uint8

// The policies for bodies that are neither JSON nor a form.
const (
	RejectUnparsed Unparsed = iota // 415
	PassAsBase64                   // presented as bytes: Body.Opaque
)

var unparsedNames = [...]string{RejectUnparsed: "reject", PassAsBase64: "pass-as-base64"} //nolint:gosec // no credentials: two words of a configuration

// ParseUnparsed reads a policy by its name in a configuration: reject or
// pass-as-base64. The empty string is reject.
func ParseUnparsed(name string) (Unparsed, error) {
	if name == "" {
		return RejectUnparsed, nil
	}
	for policy, known := range unparsedNames {
		if name == known {
			return Unparsed(policy), nil
		}
	}
	return 0, fmt.Errorf("unknown policy %q for unparsed bodies: one of reject, pass-as-base64", name)
}

// String gives the name in a configuration.
func (u Unparsed) String() string { return unparsedNames[u] }

// Limits of a body that options leave at zero.
const (
	DefaultMaxBody  = 8 << 20 // bytes, encoded and decoded
	DefaultMaxDepth = strictjson.DefaultMaxDepth
)

// BodyOptions are the limits of reading.
type BodyOptions struct {
	MaxBody  int64 // bytes on the wire, and bytes after decoding; 0 means DefaultMaxBody
	MaxDepth int   // containers; 0 means DefaultMaxDepth
	Unparsed Unparsed
	Buffers  *Buffers // shared by all requests; nil is no limit

	// Weight is how many bytes of the buffers each byte of a body takes: 1, or
	// more when copies will be made of the body. 0 means 1.
	Weight int64
}

// Body is the one reading of a request's body. At most one of JSON and Opaque
// is set; neither for a request without a body.
type Body struct {
	JSON        []byte // one strict JSON value, verbatim, or a form as an object
	Opaque      []byte // a body that is neither JSON nor a form, after decoding
	ContentType string // media type in lower case without parameters, "" if none was sent
	Form        bool   // JSON is the reading of a form

	forward []byte // what goes on when nothing changes
	form    form
	changed bool // forward is not what was on the wire
	lease   lease

	memory *Memory  // of forward; nil when it is not to be used again
	given  *content // what the request was last given to read
}

// ReadBody reads the whole body of the request, decodes its content coding and
// checks it. The error is a *Problem, or the error of r.Body as it is: a client
// that went away, or a limit of an earlier handler.
//
// What the body is follows from its type and its bytes, so that no type hides a
// document from the webhooks that a lenient register would parse:
//
//   - a JSON type (application/json, text/json, anything with +json) or no type
//     at all: the body must be one strict JSON value, else 400 with the offset;
//   - a form: its fields as an object, else 400. A "form" that begins like a JSON
//     object or array (curl -d without a type) is JSON, unless it has a `=`, `&`
//     or `;` and so would be fields to one register and a document to another;
//   - any other type: JSON, by the same strict rules, if it begins like an object
//     or array or is one strict JSON value; else the policy Unparsed decides.
//
// The character encoding is UTF-8: another charset parameter on any of these is
// refused with 415, and UTF-16 or a byte order mark with 400.
//
// On success Restore or Replace must be called before the request goes on, and
// Release when it is over. After an error the request must not go on.
func ReadBody(r *http.Request, o BodyOptions) (*Body, error) {
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	b := &Body{lease: lease{buffers: o.Buffers, weight: o.Weight}}
	if r.Body == nil || r.Body == http.NoBody {
		m, _ := parseMedia(r.Header) // without a body the type describes nothing
		b.ContentType = m.name
		return b, nil
	}
	if err := b.read(r, o); err != nil {
		b.Release()
		return nil, err
	}
	return b, nil
}

func (b *Body) read(r *http.Request, o BodyOptions) error {
	m, problem := parseMedia(r.Header)
	if problem != nil {
		return problem
	}
	codings, problem := parseCodings(r.Header)
	if problem != nil {
		return problem
	}
	b.ContentType = m.name
	in := intake{lease: &b.lease, limit: o.MaxBody}
	data, err := in.readWire(r)
	if err != nil {
		return err
	}
	if len(data) > 0 && len(codings) > 0 {
		b.changed = true
		coded := in.memory
		if data, err = in.decode(r.Context(), data, codings); err != nil {
			return err
		}
		coded.Recycle() // the decoders have let go of it
	}
	b.lease.shrink(int64(cap(data)))
	if len(data) == 0 {
		return nil
	}
	b.forward, b.memory = data, in.memory
	if problem := b.classify(m, o); problem != nil {
		return problem
	}
	return nil
}

// classify decides what the bytes are.
func (b *Body) classify(m media, o BodyOptions) *Problem {
	data := b.forward
	switch {
	case m.isForm() && !looksLikeJSON(data):
		return b.readForm(m)
	case m.isForm() && hasFormSyntax(data):
		return mediaProblem("The body is JSON to one reader and a form to another. Send JSON as application/json.")
	case m.isJSON(), looksLikeJSON(data), strictjson.Check(data, o.MaxDepth) == nil:
		if problem := m.checkCharset(); problem != nil {
			return problem
		}
		if err := strictjson.Check(data, o.MaxDepth); err != nil {
			return jsonProblem(err, data)
		}
		b.JSON = data
	case o.Unparsed == PassAsBase64:
		b.Opaque = data
	default:
		return mediaProblem("The body is neither JSON nor a form.")
	}
	return nil
}

func (b *Body) readForm(m media) *Problem {
	if problem := m.checkCharset(); problem != nil {
		return problem
	}
	fields, problem := parseForm(b.forward)
	if problem != nil {
		return problem
	}
	b.form, b.Form = fields, true
	b.JSON = fields.json()
	return nil
}

// Release gives the bytes back to the buffers, which are free for another
// request from then on. The slices stay valid. It can be called again.
func (b *Body) Release() { b.lease.shrink(0) }

// Recycle lets another request have the memory of a JSON body, and tells whether
// that can be: all who were given the body to read, by Restore, by Replace or
// through GetBody, have come to its end. From then on whoever reads it once more
// gets an error, and JSON is nil. The caller must not look at the body any
// more, nor know of anybody else who does.
//
// It is not done with a form, nor with a body that is neither JSON nor a form.
// When it is not, nothing has changed, and the memory is left to the garbage
// collector.
func (b *Body) Recycle() bool {
	if b.JSON == nil || b.Form || !b.given.end() {
		return false
	}
	b.JSON, b.forward, b.given = nil, nil, nil
	if b.memory != nil {
		b.memory.Recycle()
		b.memory = nil
	}
	return true
}

// jsonProblem tells the client what is wrong with its document, and where.
func jsonProblem(err error, data []byte) *Problem {
	problem := &Problem{
		Status: http.StatusBadRequest,
		Reason: ReasonInvalidJSON,
		Title:  "Invalid JSON",
		Detail: "The body is not one strict JSON value.",
	}
	var fault *strictjson.Error
	if !errors.As(err, &fault) {
		return problem
	}
	problem.Offset, problem.Located = int64(fault.Offset), true
	problem.Detail = "The body is not one strict JSON value: " + fault.Error() + "."
	if hasForeignEncoding(data) {
		problem.Detail += " Send it as UTF-8 without a byte order mark."
	}
	return problem
}

// hasForeignEncoding tells whether the beginning is that of UTF-16, UTF-32 or a
// byte order mark.
func hasForeignEncoding(data []byte) bool {
	switch data[0] {
	case 0, 0xEF, 0xFE, 0xFF:
		return true
	}
	return len(data) > 1 && data[1] == 0
}
