package request

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Reason says why a request was refused. The set is closed, so that it can be
// a metric label, and each one is the end of a problem type:
// urn:voorpoort:problem:<reason>. Users of this package may add their own.
type Reason string

// The reasons of this package.
const (
	ReasonAmbiguousPath       Reason = "ambiguous_path"       // 400, or 414 when too long to look at
	ReasonMethodOverride      Reason = "method_override"      // 400
	ReasonStreaming           Reason = "streaming"            // 400 upgrades, 415 media types of endless bodies
	ReasonPartialContent      Reason = "partial_content"      // 400: a write of a range of a body
	ReasonBodyTooLarge        Reason = "body_too_large"       // 413
	ReasonBodyIncomplete      Reason = "body_incomplete"      // 400: fewer or more bytes than announced
	ReasonInvalidEncoding     Reason = "invalid_encoding"     // 400: not what Content-Encoding says
	ReasonUnsupportedEncoding Reason = "unsupported_encoding" // 415
	ReasonUnsupportedType     Reason = "unsupported_type"     // 415
	ReasonUnsupportedCharset  Reason = "unsupported_charset"  // 415
	ReasonInvalidJSON         Reason = "invalid_json"         // 400, with an offset
	ReasonInvalidForm         Reason = "invalid_form"         // 400, with an offset
	ReasonUnchangeable        Reason = "unchangeable_body"    // 415: a webhook changed it to what its type cannot hold
	ReasonBusy                Reason = "busy"                 // 503: too many bytes of bodies in memory
)

// problemType is what comes before the reason in the type of a problem.
const problemType = "urn:voorpoort:problem:"

// Problem is a refusal, as the client will see it: a problem document of RFC
// 9457 with its status and the header fields that belong to it. It is an error,
// whose text can be logged: it never holds a part of the request's body.
//
// The zero value of every optional member means that it is left out.
type Problem struct { //nolint:errname // RFC 9457 calls it that
	Status int    // HTTP status, 4xx or 5xx
	Reason Reason // becomes the type
	Title  string // the same for every problem of one reason
	Detail string // a sentence about this request; may name a member of the client's own JSON

	// Offset is the place of the fault in the decoded body, in bytes from 0.
	// It counts only when Located is true.
	Offset  int64
	Located bool

	Errors  []byte // a JSON array that a webhook gave, verbatim
	Webhook string // the webhook that refused
	EventID string // the event it refused

	RetryAfter time.Duration // becomes Retry-After, rounded up to seconds
	Header     http.Header   // other fields of the answer, such as Accept-Encoding
}

// Error says the reason and the place, and nothing that the client wrote.
func (p *Problem) Error() string {
	if p.Located {
		return fmt.Sprintf("request refused: %s at byte %d (status %d)", p.Reason, p.Offset, p.Status)
	}
	return fmt.Sprintf("request refused: %s (status %d)", p.Reason, p.Status)
}

// AppendJSON appends the problem document to dst.
func (p *Problem) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":`...)
	if p.Reason == "" {
		dst = append(dst, `"about:blank"`...)
	} else {
		dst = strictjson.AppendQuote(dst, problemType+string(p.Reason))
	}
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(p.Status), 10)
	dst = appendMember(dst, "title", p.Title)
	dst = appendMember(dst, "detail", p.Detail)
	if p.Located {
		dst = append(dst, `,"offset":`...)
		dst = strconv.AppendInt(dst, p.Offset, 10)
	}
	if len(p.Errors) > 0 {
		dst = append(dst, `,"errors":`...)
		dst = append(dst, p.Errors...)
	}
	dst = appendMember(dst, "webhook", p.Webhook)
	dst = appendMember(dst, "eventId", p.EventID)
	return append(dst, '}')
}

func appendMember(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	dst = append(dst, `":`...)
	return strictjson.AppendQuote(dst, value)
}

// Write answers the request with the problem. Header fields that the client
// should see beside it, such as warnings, may be set on w before. The answer
// is not to be stored (RFC 9111 section 5.2.2.5): it depends on a webhook's
// opinion of the moment, and 405, 410, 414 and 501 would be kept by default.
func (p *Problem) Write(w http.ResponseWriter) {
	document := p.AppendJSON(nil)
	header := w.Header()
	for name, values := range p.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if p.RetryAfter > 0 {
		seconds := int64((p.RetryAfter + time.Second - 1) / time.Second)
		header.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	header.Set("Content-Type", "application/problem+json")
	header.Set("Content-Length", strconv.Itoa(len(document)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(document) //nolint:gosec // JSON with a JSON type and nosniff; the client may be gone, there is nobody else to tell
}
