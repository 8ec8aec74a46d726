package transport

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// writer sends a request whose body may block or may be too large for the
// kernel's buffers, on a goroutine of its own. The caller reads the answer
// meanwhile, so that a server which answers before it reads cannot make both
// sides wait for each other.
type writer struct {
	body *sentBody
	sink sink
	done chan struct{}
	err  error // valid once done is closed
}

// settle is how long an answer waits for the writer to notice that it has
// finished. Without it the end of a write races with the answer to it.
const settle = time.Millisecond

// linger is how long the end of an exchange waits for a body whose Read does
// not return.
const linger = 100 * time.Millisecond

// runStreamed sends the request while its answer is read.
func (ex *exchange) runStreamed() (*http.Response, error) {
	body, unsent := ex.req.Body, true
	defer func() {
		if unsent {
			_ = body.Close() // it never got a connection
		}
	}()
	send := func() error {
		ex.writer, unsent = ex.startWriter(ex.conn, body), false

		return nil
	}
	again := func() bool {
		if ex.req.GetBody == nil || !ex.writer.abort(ex.conn) {
			return false
		}
		next, err := ex.req.GetBody()
		if err != nil {
			return false
		}
		ex.writer, body, unsent = nil, next, true

		return true
	}

	return ex.try(send, again)
}

func (ex *exchange) startWriter(c *conn, from io.ReadCloser) *writer {
	w := &writer{body: &sentBody{ReadCloser: from}, sink: sink{conn: c}, done: make(chan struct{})}
	req := copyOf(ex.ctx, ex.req, w.body, ex.closing())
	ex.extend(false) // the time for the head starts when the body is sent
	go func() {
		w.err = send(&w.sink, req)
		failed := w.failed()
		if failed == nil {
			ex.awaitHead()
		}
		close(w.done)
		if failed != nil {
			c.interrupt() // nobody answers half a request
		}
	}()

	return w
}

var bufferedWriters = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 4<<10) }}

func send(to io.Writer, req *http.Request) error {
	bw := bufferedWriters.Get().(*bufio.Writer) //nolint:forcetypeassert // nothing else is put there
	bw.Reset(to)
	defer func() {
		bw.Reset(nil)
		bufferedWriters.Put(bw)
	}()
	if err := req.Write(bw); err != nil {
		return err
	}

	return bw.Flush()
}

// settled says whether the whole request is written.
func (w *writer) settled() bool {
	select {
	case <-w.done:
		return w.err == nil
	default:
	}
	timer := time.NewTimer(settle)
	defer timer.Stop()
	select {
	case <-w.done:
		return w.err == nil
	case <-timer.C:
		return false
	}
}

// stopped says whether the goroutine has ended.
func (w *writer) stopped() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// finish ends the writer and says whether it had sent all.
func (w *writer) finish(c *conn) bool {
	if w.stopped() {
		return w.err == nil
	}
	w.abort(c)

	return false
}

// abort ends the writer and says whether it has ended. A body whose Read still
// blocks after its Close is left to itself: the writer ends when that Read
// returns, and uses neither the connection nor the request any more.
func (w *writer) abort(c *conn) bool {
	if w.stopped() {
		return true
	}
	c.interrupt()
	go w.body.Close()
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-w.done:
		return true
	case <-timer.C:
		return false
	}
}

// requestError returns the error if the request itself is the reason that it
// was not sent.
func (w *writer) requestError() error {
	if !w.stopped() {
		return nil
	}

	return w.failed()
}

// failed returns the error of a body that could not be read or has not the
// declared length. The writer has ended, or calls it itself.
func (w *writer) failed() error {
	if w.err == nil {
		return nil
	}
	if err := w.body.failed(); err != nil {
		return fmt.Errorf("reading the request body: %w", err)
	}
	if w.sink.failed {
		return nil
	}

	return w.err
}

// sink remembers that the connection failed. The error of http.Request.Write
// does not tell: it wraps those of either side in the same way.
type sink struct {
	conn   *conn
	failed bool
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.conn.Write(p)
	s.failed = s.failed || err != nil

	return n, err
}

// sentBody is a request body that remembers its error and is closed once.
//
// Close ends a Read that blocks, so the two may be called at the same time. Some
// bodies, Caddy's among them, count in Read what Close looks at. A Read that is
// about to return is therefore waited for.
type sentBody struct {
	io.ReadCloser
	reading sync.Mutex
	once    sync.Once
	err     atomic.Pointer[error]
}

// closePatience is how long Close waits for a Read, before it ends it.
const closePatience = 50 * time.Millisecond

func (b *sentBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()

	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err.CompareAndSwap(nil, &err)
	}

	return n, err
}

func (b *sentBody) Close() (err error) {
	b.once.Do(func() {
		if b.await() {
			defer b.reading.Unlock()
		}

		err = b.ReadCloser.Close()
	})

	return err
}

// await takes the lock unless a Read blocks.
func (b *sentBody) await() bool {
	for range closePatience / time.Millisecond {
		if b.reading.TryLock() {
			return true
		}

		time.Sleep(time.Millisecond)
	}

	return false
}

func (b *sentBody) failed() error {
	if err := b.err.Load(); err != nil {
		return *err
	}

	return nil
}
