package settle

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// Bounds of what an answer keeps.
const (
	// heldBack is how much of an answer waits for the write to be settled. A
	// larger one goes on, but for its last byte.
	heldBack = 64 << 10

	// DefaultMaxCopy bounds the bytes of an answer that are kept for the event.
	DefaultMaxCopy = 1 << 20
)

// Answer passes the register's answer on to the client and keeps a copy of its
// beginning. What tells a client that its write is done - the whole of a small
// answer, the end of a large one - waits for [Answer.Finish], so that the write
// is settled before anybody can act on it.
//
// A client that has gone does not end the copy: Write then takes what comes and
// sends nothing, and Finish tells of it.
//
// Only answers with a 2xx status are held back and kept. One that is streamed
// (text/event-stream, or larger than 64 KiB) goes on as it comes; when its length
// was announced its last byte waits, and otherwise its end, which the server
// writes when the handler returns.
//
// It is a http.ResponseWriter for one goroutine at a time. Flush is an offer
// that it turns down while it holds the answer back; everything else that a
// http.ResponseController can do goes to the wrapped writer.
type Answer struct {
	w    http.ResponseWriter
	keep int // bytes of the copy

	status  int
	copied  []byte
	size    int64 // bytes that the register sent
	length  int64 // bytes that it announced, -1 for none
	passing bool  // the head has gone on
	last    []byte
	failed  error // of writing to the client: nothing more is sent to it
}

// NewAnswer wraps w. keep bounds the copy, in bytes.
func NewAnswer(w http.ResponseWriter, keep int) *Answer {
	return &Answer{w: w, keep: keep}
}

// Status is the register's status; 0 when it did not answer.
func (a *Answer) Status() int { return a.status }

// Succeeded tells whether the register said 2xx.
func (a *Answer) Succeeded() bool { return a.status/100 == 2 }

// Complete tells whether as much came as the register announced.
func (a *Answer) Complete() bool { return a.length < 0 || a.size == a.length }

// Header is the head of the answer, which may be changed until it goes on.
func (a *Answer) Header() http.Header { return a.w.Header() }

// Held tells whether the head is still here, so that fields can be added.
func (a *Answer) Held() bool { return !a.passing }

// Body is the copy of the body as it came over the wire. whole is false when
// there was more than is kept.
func (a *Answer) Body() (body []byte, whole bool) {
	return a.copied, int64(len(a.copied)) == a.size
}

// Unwrap gives the wrapped writer to a http.ResponseController.
func (a *Answer) Unwrap() http.ResponseWriter { return a.w }

// WriteHeader takes the status. Informational ones (1xx) go on at once.
func (a *Answer) WriteHeader(status int) {
	switch {
	case status == http.StatusSwitchingProtocols: // the last word in HTTP
		a.status, a.length = status, -1
		a.pass()
		return
	case status < 200:
		a.w.WriteHeader(status)
		return
	case a.status != 0:
		return
	}
	a.status, a.length = status, announced(a.w.Header())
	if status == http.StatusNoContent {
		a.length = -1 // it has no body, whatever its head says (RFC 9110 section 15.3.5)
	}
	if !a.Succeeded() || streams(a.w.Header()) {
		a.pass()
	}
}

// announced reads Content-Length; -1 without one.
func announced(header http.Header) int64 {
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return -1
	}
	return length
}

// streams tells whether somebody wants to see the answer while it comes.
func streams(header http.Header) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == "text/event-stream"
}

// Write takes a part of the body.
func (a *Answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	a.size += int64(len(p))
	if !a.Succeeded() {
		return a.w.Write(p)
	}
	if a.passing {
		a.remember(p)
		return a.forward(p), nil
	}
	if len(a.copied)+len(p) <= heldBack {
		a.copied = append(a.copied, p...)
		return len(p), nil
	}
	a.pass()
	a.send(a.copied)
	a.remember(p)
	return a.forward(p), nil
}

// remember copies as much as there is room for.
func (a *Answer) remember(p []byte) {
	if room := a.keep - len(a.copied); room > 0 {
		a.copied = append(a.copied, p[:min(room, len(p))]...)
	}
}

// forward passes bytes on, but for the last byte of an answer whose end the
// client could tell.
func (a *Answer) forward(p []byte) (n int) {
	n = len(p)
	if a.length > 0 && a.size >= a.length && n > 0 {
		a.last = append(a.last, p[n-1])
		p = p[:n-1]
	}
	a.send(p)
	return n
}

// send writes to the client, as long as there is one. That it has gone is no
// fault of the register's: the rest of the answer is still taken, since the
// events of the write may be made of it.
func (a *Answer) send(p []byte) {
	if a.failed != nil || len(p) == 0 {
		return
	}
	_, a.failed = a.w.Write(p)
}

// ReadFrom copies through Write: what a wrapped writer would read for itself
// could not be kept.
func (a *Answer) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{a}, r)
}

// FlushError passes a flush on, unless the answer is held back.
func (a *Answer) FlushError() error {
	if !a.passing || a.failed != nil {
		return nil
	}
	err := http.NewResponseController(a.w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// pass lets the head go.
func (a *Answer) pass() {
	a.passing = true
	a.w.WriteHeader(a.status)
}

// Finish lets go of what was held back. It does nothing when the register did
// not answer, or when it was called before.
func (a *Answer) Finish() error {
	if a.status == 0 || a.failed != nil {
		return a.failed
	}
	rest := a.last
	if !a.passing {
		a.pass()
		rest = a.copied
	}
	a.last = nil
	a.send(rest)
	return a.failed
}
