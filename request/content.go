package request

import (
	"errors"
	"io"
	"sync"
)

var (
	errBodyReplaced = errors.New("request: another handler has replaced the body")

	// errBodySpent is what a proxy gets that wants to send a body again which it
	// has sent in pieces.
	errBodySpent = errors.New("request: the body was already sent in part and cannot be sent again; use request_buffers to allow it")

	// errBodyEnded is what somebody gets who reads a body when its request is
	// over and its memory may be another request's.
	errBodyEnded = errors.New("request: the request of this body is over")
)

// content is the bytes that all readers of a body share, until it is ended: its
// memory is another body's then, and nobody gets a byte of it.
type content struct {
	before *content // what the request was given before this
	first  replay   // the reader that is put on the request

	mu    sync.Mutex // guards the rest, and all readers
	data  []byte
	size  int  // of data, also when it is gone
	open  int  // readers that have not come to the end
	taken bool // something has been read
	ended bool
}

func newContent(data []byte) *content {
	c := &content{data: data, size: len(data), open: 1}
	c.first.content = c
	return c
}

// another gives one more reader.
func (c *content) another() (io.ReadCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil, errBodyEnded
	}
	c.open++
	return &replay{content: c}, nil
}

// end takes the bytes away from all readers, those of what the request was given
// before included, or reports false when somebody may still want them: a
// transport can go on reading a body when the request is over. A reader that is
// inside Read is waited for; it only copies.
func (c *content) end() bool {
	if c == nil {
		return false
	}
	for earlier := c.before; earlier != nil; earlier = earlier.before {
		if !earlier.idle() {
			return false
		}
	}
	if !c.take() {
		return false
	}
	for earlier := c.before; earlier != nil; earlier = earlier.before {
		earlier.drop()
	}
	return true
}

// take takes the bytes away when all readers have come to the end.
func (c *content) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open > 0 {
		return false
	}
	c.data, c.ended = nil, true
	return true
}

// idle tells, of a content that was replaced, whether nobody is in
// the middle of it.
func (c *content) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open == 0 || !c.taken
}

// drop takes the bytes away at once.
func (c *content) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data, c.ended = nil, true
}

// replay is a body that a proxy can send again after it has closed it, although
// the proxy keeps one reader for all its attempts. The reader of a failed
// attempt may still be running when the next one begins, and then two readers
// share this body. What each of them gets must be the whole body or an error,
// and never some bytes of it twice. Hence: a body that was taken in one piece
// starts again after Close, since a piece cannot be shared; one that was taken
// in several pieces ends there.
type replay struct {
	content *content

	at     int  // bytes taken
	pieces int  // reads that took them
	closed bool // since bytes were taken
}

// Read gives io.EOF together with the last bytes.
func (b *replay) Read(p []byte) (int, error) {
	c := b.content
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case b.at == c.size && !b.closed:
		return 0, io.EOF
	case c.ended:
		return 0, errBodyEnded
	case b.closed && (b.pieces > 1 || b.at < c.size):
		return 0, errBodySpent
	case b.closed:
		b.at, b.pieces, b.closed = 0, 0, false
		c.open++
	}
	n := copy(p, c.data[b.at:])
	if n > 0 {
		b.at += n
		b.pieces++
		c.taken = true
	}
	if b.at == c.size {
		c.open--
		return n, io.EOF
	}
	return n, nil
}

// Close ends an attempt. One that took nothing, because the connection failed,
// leaves the body as it was.
func (b *replay) Close() error {
	b.content.mu.Lock()
	defer b.content.mu.Unlock()
	b.closed = b.at > 0
	return nil
}
