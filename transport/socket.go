package transport

import (
	"net"
	"sync/atomic"
)

// socket is the network connection, below TLS if there is any. It remembers
// what an exchange did to it, because whether a request may be repeated and
// whether a connection may be reused depends on bytes, not on opinions.
type socket struct {
	net.Conn

	// written counts the bytes of this exchange that went out. It is atomic
	// since TLS may write from a Read.
	written atomic.Int64

	// held makes Read fail with errHeld instead of asking the system. It is
	// set only by the goroutine that owns the reading side.
	held bool
}

func (s *socket) Read(p []byte) (int, error) {
	if s.held {
		return 0, errHeld
	}

	return s.Conn.Read(p)
}

func (s *socket) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	s.written.Add(int64(n))

	return n, err
}

// heldError is temporary, so that crypto/tls does not remember it.
type heldError struct{}

var errHeld net.Error = heldError{}

func (heldError) Error() string   { return "nothing buffered" }
func (heldError) Timeout() bool   { return true }
func (heldError) Temporary() bool { return true }
