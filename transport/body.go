package transport

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

// maxDrain is how much of an unfinished body Close skips to keep the
// connection, and only if it is in memory already.
const maxDrain = 4 << 10

// answer is the part of an exchange that is the body of its answer.
type answer struct {
	src io.Reader // decodes the framing

	mu   sync.Mutex // one Read at a time; Close does not wait for it
	err  error      // of all further reads
	over bool       // Close was called; guarded by exchange.mu
}

// answered makes the exchange the body of its answer. An answer without a body
// gives its connection back at once.
func (ex *exchange) answered(c *conn, resp *http.Response) (*http.Response, error) {
	if ex.writer != nil && !ex.writer.settled() {
		ex.doubt = true // the answer came before the request was written
	}
	if resp.Close || wantsClose(ex.req) {
		ex.doubt = true
	}
	resp.TLS = c.tls
	if resp.Body == http.NoBody {
		ex.end(true)

		return resp, nil
	}
	// A body that is in the buffer needs no deadline of its own.
	if n := resp.ContentLength; n < 0 || int64(c.br.Buffered()) < n {
		ex.extend(true)
	}
	ex.answer.src = resp.Body
	resp.Body = (*responseBody)(ex)

	return resp, nil
}

// responseBody is an exchange seen as the body of its answer.
type responseBody exchange

// Read reads the body. At its end the connection goes back to the pool.
func (b *responseBody) Read(p []byte) (int, error) {
	ex := (*exchange)(b)
	a := &ex.answer
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return 0, a.err
	}
	if ex.isClosed() {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := a.src.Read(p)
	if err != nil {
		a.err = ex.bodyError(err)
		ex.end(errors.Is(err, io.EOF))
	}

	return n, a.err
}

// Close gives up the rest of the body. It may be called during a Read, which
// then fails.
func (b *responseBody) Close() error {
	ex := (*exchange)(b)
	a := &ex.answer
	ex.mu.Lock()
	again := a.over
	a.over = true
	ex.mu.Unlock()
	if again {
		return nil
	}
	if !a.mu.TryLock() {
		ex.end(false)

		return nil
	}
	defer a.mu.Unlock()
	if a.err == nil {
		a.err = http.ErrBodyReadAfterClose
		ex.end(ex.drain())
	}

	return nil
}

func (ex *exchange) isClosed() bool {
	ex.mu.Lock()
	defer ex.mu.Unlock()

	return ex.answer.over
}

// drain skips the rest of the body if all of it is in memory.
func (ex *exchange) drain() bool {
	c := ex.conn
	if ex.doubt {
		return false
	}
	c.sock.held = true
	defer func() { c.sock.held = false }()
	var skipped [512]byte
	for left := maxDrain; left > 0; {
		n, err := ex.answer.src.Read(skipped[:min(left, len(skipped))])
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		left -= n
	}

	return false
}

// bodyError says why there is no more of the body.
func (ex *exchange) bodyError(err error) error {
	if err == io.EOF { //nolint:errorlint // readers return it bare, and so must we
		return io.EOF
	}
	if err := ex.expired(err); err != nil {
		return err
	}
	if ex.isClosed() {
		return http.ErrBodyReadAfterClose
	}
	if isLost(err) {
		return &LostError{Stage: StageBody, Err: err}
	}

	return malformed(err)
}
