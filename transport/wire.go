package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"sync"
)

// wire is a whole request in the form it has on the connection.
type wire struct {
	buf []byte
}

// wires keeps buffers between requests; those that a large body made large
// are not kept.
var wires = sync.Pool{New: func() any { return &wire{buf: make([]byte, 0, 4<<10)} }}

const maxPooledWire = SmallBody + 16<<10

func newWire() *wire { return wires.Get().(*wire) } //nolint:forcetypeassert // nothing else is put there

func (w *wire) free() {
	if cap(w.buf) <= maxPooledWire {
		w.buf = w.buf[:0]
		wires.Put(w)
	}
}

// Write lets http.Request.Write fill the buffer.
func (w *wire) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)

	return len(p), nil
}

// WriteByte keeps http.Request.Write from putting a buffer of its own in
// between.
func (w *wire) WriteByte(b byte) error {
	w.buf = append(w.buf, b)

	return nil
}

// small says whether the request can be put into one buffer on the caller's
// goroutine.
func small(req *http.Request, readAhead int64) bool {
	if req.Body == nil || req.Body == http.NoBody {
		return true
	}
	if n, ok := inMemory(req.Body); ok {
		return n <= SmallBody && req.ContentLength <= SmallBody
	}

	return req.ContentLength > 0 && req.ContentLength <= readAhead && len(req.TransferEncoding) == 0
}

// inMemory returns how many bytes are left in a body that is known not to
// block: one that, possibly inside an io.NopCloser, has a Len method as
// bytes.Reader, bytes.Buffer and strings.Reader do.
func inMemory(body io.Reader) (int, bool) {
	switch reflect.TypeOf(body) {
	case nopCloser, nopCloserWriterTo:
		body, _ = reflect.TypeAssert[io.Reader](reflect.ValueOf(body).Field(0))
	}
	if l, ok := body.(interface{ Len() int }); ok {
		return l.Len(), true
	}

	return 0, false
}

var (
	nopCloser         = reflect.TypeOf(io.NopCloser(nil))
	nopCloserWriterTo = reflect.TypeOf(io.NopCloser(&bytes.Reader{}))
)

// encode puts the request, with this body, into the buffer and closes the
// body. closing asks
// the server to close the connection.
func (w *wire) encode(req *http.Request, body io.ReadCloser, closing bool) error {
	if !plain(req) {
		// Without the context, whose trace would report a write.
		return copyOf(context.Background(), req, body, closing).Write(w)
	}
	if body != nil {
		defer func() { _ = body.Close() }()
	}
	length := req.ContentLength
	if req.Body == nil || req.Body == http.NoBody {
		if length != 0 && req.Body == nil {
			return fmt.Errorf("request has no body but a length of %d", length)
		}
		length = 0
	}
	var err error
	if w.buf, err = appendHead(w.buf, req, length, closing || req.Close); err != nil || length == 0 {
		return err
	}

	return w.appendBody(body, int(length))
}

// plain says whether appendHead knows how to write the request. The others
// are left to http.Request.Write.
func plain(req *http.Request) bool {
	if len(req.TransferEncoding) > 0 || len(req.Trailer) > 0 || len(req.Header["Connection"]) > 0 {
		return false
	}

	return req.ContentLength > 0 || req.Body == nil || req.Body == http.NoBody
}

// copyOf returns a shallow copy of the request with another body.
func copyOf(ctx context.Context, req *http.Request, body io.ReadCloser, closing bool) *http.Request {
	other := req.WithContext(ctx)
	other.Body = body
	other.Close = req.Close || closing

	return other
}

var errBodyLength = errors.New("length of the request body is not the declared one")

// appendBody reads a body that must have exactly that length.
func (w *wire) appendBody(body io.Reader, length int) error {
	head := len(w.buf)
	w.buf = slices.Grow(w.buf, length+1)[:head+length]
	if n, err := io.ReadFull(body, w.buf[head:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: %d of %d bytes", errBodyLength, n, length)
		}

		return fmt.Errorf("reading the request body: %w", err)
	}
	var extra [1]byte
	n, err := io.ReadFull(body, extra[:])
	if n > 0 {
		return fmt.Errorf("%w: more than %d bytes", errBodyLength, length)
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the request body: %w", err)
	}

	return nil
}
