package transport

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// conn is one pooled connection. It is used by one exchange at a time.
type conn struct {
	nc     net.Conn // sock itself, or TLS on top of it
	sock   *socket
	br     *bufio.Reader // reads from conn, so that heads can be bounded
	probe  *prober
	tls    *tls.ConnectionState
	host   *host
	head   headBudget
	reused bool

	idleSince time.Time
	deadline  bool // one was set and may still stand
}

func newConn(nc net.Conn, sock *socket) *conn {
	c := &conn{nc: nc, sock: sock, probe: newProber(sock.Conn)}
	c.br = bufio.NewReaderSize(c, MaxTrailerBytes)
	if tc, ok := nc.(*tls.Conn); ok {
		state := tc.ConnectionState()
		c.tls = &state
	}

	return c
}

// Read feeds the buffered reader. While a head is being read it counts.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.head.exceeded(); err != nil {
		c.head.err = err

		return 0, err
	}
	n, err := c.nc.Read(p)
	c.head.add(p[:n], err)

	return n, err
}

func (c *conn) Write(p []byte) (int, error) { return c.nc.Write(p) }

func (c *conn) close() { _ = c.sock.Close() }

// setDeadline sets or, for the zero time, clears both deadlines.
func (c *conn) setDeadline(t time.Time) {
	if t.IsZero() && !c.deadline {
		return
	}
	c.deadline = !t.IsZero()
	_ = c.sock.SetDeadline(t) // fails on a closed connection only, which shows soon enough
}

// setReadDeadline changes the deadline of reads alone.
func (c *conn) setReadDeadline(t time.Time) {
	if t.IsZero() && !c.deadline {
		return
	}
	c.deadline = c.deadline || !t.IsZero()
	_ = c.sock.SetReadDeadline(t)
}

// interrupt makes the reads and writes under way, and all later ones, fail.
func (c *conn) interrupt() { _ = c.sock.SetDeadline(time.Unix(1, 0)) }

// silent says whether everything that was received has also been read. What
// TLS has decrypted but not handed out is invisible from outside, hence the
// attempt to read with the socket held.
func (c *conn) silent() bool {
	if c.br.Buffered() > 0 {
		return false
	}
	if c.tls == nil {
		return true
	}
	c.sock.held = true
	_, err := c.br.Peek(1)
	c.sock.held = false

	return errors.Is(err, errHeld)
}

// stale says whether the connection cannot be used again: the server closed it
// or sent something that nobody asked for. The system is asked each time, even
// right after an answer: about a microsecond is little beside a write that
// fails, and may not be repeated, because a server restarted just then.
func (c *conn) stale() bool { return c.probe.readable() }
