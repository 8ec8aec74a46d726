package transport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// headBudget bounds the heads of one exchange and keeps the bytes of a head
// that is not in the read buffer as a whole.
type headBudget struct {
	on     bool
	limit  int64 // 0: none
	used   int64 // bytes received since the exchange began
	err    error // of the connection
	keep   bool
	kept   []byte
	beyond int64 // size of the read buffer, which may hold bytes of the body
}

func (h *headBudget) start(limit int64, buffered, buffer int) {
	h.on, h.keep, h.err = true, false, nil
	h.limit, h.used, h.beyond = limit, int64(buffered), int64(buffer)
}

func (h *headBudget) stop() {
	h.on, h.keep = false, false
	if cap(h.kept) > maxKept {
		h.kept = nil
	}
}

// maxKept is how much memory for long heads a connection holds on to.
const maxKept = 8 << 10

// exceeded fails when the heads cannot be within the limit any more, wherever
// they end in what was received.
func (h *headBudget) exceeded() error {
	if h.on && h.limit > 0 && h.used > h.limit+h.beyond {
		return ErrHeadTooLarge
	}

	return nil
}

// check fails when the heads that were read are larger than the limit. What is
// still in the buffer is not part of them.
func (h *headBudget) check(br *bufio.Reader) error {
	if h.limit > 0 && h.used-int64(br.Buffered()) > h.limit {
		return ErrHeadTooLarge
	}

	return nil
}

func (h *headBudget) add(p []byte, err error) {
	if !h.on {
		return
	}
	h.err = err
	h.used += int64(len(p))
	if h.keep {
		h.kept = append(h.kept, p...)
	}
}

// readHead reads one head, informational or final. The answer's body, if any,
// is still to be read. doubt says that the framing is ambiguous, so that the
// connection must not be used again.
func (c *conn) readHead(req *http.Request) (resp *http.Response, doubt bool, err error) {
	raw, err := c.peekHead()
	if err != nil {
		return nil, true, err
	}
	if resp := parsePlain(raw, req, c.br); resp != nil {
		_, _ = c.br.Discard(len(raw)) // it is in the buffer

		return resp, false, c.head.check(c.br)
	}
	resp, err = http.ReadResponse(c.br, req)
	if err != nil {
		if c.head.err != nil {
			err = c.head.err // the parser takes a cut line for a malformed one
		}

		return nil, true, headError(err)
	}
	if c.head.keep {
		raw, c.head.keep = c.head.kept, false
	}
	if err := c.head.check(c.br); err != nil {
		return nil, true, err
	}
	if resp.ProtoMajor != 1 {
		return nil, true, &ProtocolError{Reason: "not HTTP/1"}
	}
	if resp.StatusCode < 100 {
		return nil, true, &ProtocolError{Reason: "status code below 100"}
	}
	if err := checkAnswer(resp.Header); err != nil {
		return nil, true, err
	}

	return resp, ambiguous(resp, raw), nil
}

// peekHead waits for the first byte and returns the head's bytes if they are
// in the buffer already, which is nearly always so. The slice is valid until
// the buffer is filled again. Otherwise the bytes are kept as they come.
// Either way there may be bytes of the body behind the head.
func (c *conn) peekHead() ([]byte, error) {
	if _, err := c.br.Peek(1); err != nil {
		return nil, err
	}
	raw, _ := c.br.Peek(c.br.Buffered())
	if end := bytes.Index(raw, []byte("\r\n\r\n")); end >= 0 {
		return raw[:end+4], nil
	}
	c.head.kept = append(c.head.kept[:0], raw...)
	c.head.keep = true

	return nil, nil
}

// ambiguous looks for framing fields that http.ReadResponse dropped without a
// word: Content-Length beside Transfer-Encoding (RFC 9112 section 6.3: "ought
// to be handled as an error") and Transfer-Encoding in HTTP/1.0 (section 6.1:
// "faulty framing"). An answer that the server frames in another way than we
// do leaves bytes behind that look like the next answer.
func ambiguous(resp *http.Response, raw []byte) bool {
	if len(resp.TransferEncoding) > 0 {
		return hasField(raw, "content-length")
	}
	if !resp.ProtoAtLeast(1, 1) {
		return hasField(raw, "transfer-encoding")
	}

	return false
}

// checkAnswer refuses what http.ReadResponse lets through although others read
// it differently: a space before the colon (RFC 9112 section 5.1), with which
// "Transfer-Encoding :" is a field of another name, and a bare CR or a NUL in a
// value (RFC 9110 section 5.5).
func checkAnswer(fields http.Header) error {
	for name, values := range fields {
		if !httpguts.ValidHeaderFieldName(name) {
			return &ProtocolError{Reason: "name of a header field is not valid"}
		}
		for _, v := range values {
			if strings.IndexByte(v, '\r') >= 0 || strings.IndexByte(v, 0) >= 0 {
				return &ProtocolError{Reason: "value of a header field is not valid"}
			}
		}
	}

	return nil
}

// hasField says whether a line of head starts with the field name, in any
// case.
func hasField(head []byte, name string) bool {
	for len(head) > 0 {
		line := head
		if end := bytes.IndexByte(head, '\n'); end >= 0 {
			line, head = head[:end], head[end+1:]
		} else {
			head = nil
		}
		if len(line) > len(name) && line[len(name)] == ':' &&
			bytes.EqualFold(line[:len(name)], []byte(name)) {
			return true
		}
	}

	return false
}

// headError says what an error means once a byte of an answer has come.
func headError(err error) error {
	var protocol *ProtocolError
	switch {
	case errors.Is(err, ErrHeadTooLarge), errors.As(err, &protocol), isTimeout(err):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return &ProtocolError{Reason: "ended within its head", Err: io.ErrUnexpectedEOF}
	case isLost(err):
		return &ProtocolError{Reason: "broke off within its head", Err: err}
	}

	return malformed(err)
}
