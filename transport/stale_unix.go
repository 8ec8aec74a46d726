//go:build unix

package transport

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// prober asks, without blocking and without consuming anything, whether a
// socket has something to read: data, the end of the stream or an error. On an
// idle connection each of the three means that it must not be used.
type prober struct {
	raw syscall.RawConn
	fds [1]unix.PollFd
	n   int
	err error
	ask func(fd uintptr) // made once, so that asking allocates nothing
}

// newProber returns nil when the connection is not backed by a descriptor.
func newProber(c any) *prober {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	p := &prober{raw: raw}
	p.ask = func(fd uintptr) {
		p.fds[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
		p.n, p.err = unix.Poll(p.fds[:], 0)
	}

	return p
}

// readable is false when the connection is open and silent, and when nobody
// can tell.
func (p *prober) readable() bool {
	if p == nil {
		return false
	}
	// Control, not Read: Read would report a deadline that has passed while
	// the connection was idle.
	if err := p.raw.Control(p.ask); err != nil {
		return true
	}

	return p.err == nil && p.n > 0
}
