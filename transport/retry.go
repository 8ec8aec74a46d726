package transport

import (
	"errors"
	"net/http"
)

// repeatable says whether a failed request may be sent once more, as far as
// the server is concerned; that its body can be is another question.
func (ex *exchange) repeatable(c *conn, err error) bool {
	var lost *LostError
	if !c.reused || ex.ctx.Err() != nil || !errors.As(err, &lost) {
		return false
	}

	return c.sock.written.Load() == 0 || ex.t.opt.Replayable || idempotent(ex.req)
}

// idempotent follows RFC 9110 section 9.2.2, and net/http for the key fields.
func idempotent(req *http.Request) bool {
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	_, key := req.Header["Idempotency-Key"]
	_, xkey := req.Header["X-Idempotency-Key"]

	return key || xkey
}

// replayAlways is for requests that are in memory as a whole.
func replayAlways() bool { return true }
