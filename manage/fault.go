package manage

import (
	"net/http"
	"strings"
)

// fault is one thing that is wrong with a request: at a JSON Pointer into its
// body.
type fault struct{ pointer, detail string }

// invalid is a body in which something is wrong.
func invalid(faults ...fault) error {
	p := &Problem{Status: http.StatusBadRequest}
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(f.pointer, "/"), "/", ".") + " " + f.detail)
		p.Errors = append(p.Errors, ProblemFault{Pointer: "#" + f.pointer, Detail: f.detail})
	}
	p.Detail = strings.Join(texts, "; ")
	return p
}

// missing is a thing that is not there; text is OpenConnector's for it.
func missing(detail, text string) error {
	return &Problem{Status: http.StatusNotFound, Detail: detail, Text: text}
}

// conflict is a thing that is there and cannot be done with as asked.
func conflict(detail string) error { return refuse(http.StatusConflict, detail) }

// readOptional reads a body that may be absent.
func readOptional[T any](w http.ResponseWriter, r *http.Request) (document T, err error) {
	if r.ContentLength == 0 {
		return document, nil
	}
	return readDocument[T](w, r)
}

// tooMany and unavailable are what may be tried again later.
func tooMany(detail string) error {
	return refuse(http.StatusTooManyRequests, detail).with("Retry-After", "60")
}

func unavailable(detail string) *Problem {
	return refuse(http.StatusServiceUnavailable, detail).with("Retry-After", "1")
}
