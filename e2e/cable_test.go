package e2e_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cable is the way from one gateway to a server, and can be cut.
type cable struct {
	address string
	to      string

	mu    sync.Mutex
	isCut bool
	open  map[net.Conn]bool
}

func newCable(t testing.TB, to string) *cable {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u := &cable{address: listener.Addr().String(), to: to, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		u.cut()
	})
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go u.carry(c)
		}
	}()
	return u
}

// carry joins a connection with one to the server.
func (u *cable) carry(c net.Conn) {
	defer u.close(c)
	if !u.add(c) {
		return
	}
	far, err := net.DialTimeout("tcp", u.to, time.Second)
	if err != nil || !u.add(far) {
		return
	}
	defer u.close(far)
	go func() {
		_, _ = io.Copy(far, c)
		u.close(far)
	}()
	_, _ = io.Copy(c, far)
}

func (u *cable) add(c net.Conn) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.isCut {
		_ = c.Close()
		return false
	}
	u.open[c] = true
	return true
}

func (u *cable) close(c net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, c)
	_ = c.Close()
}

// cut breaks all connections, and lets no other through until mend.
func (u *cable) cut() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.isCut = true
	for c := range u.open {
		_ = c.Close()
	}
}

func (u *cable) mend() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.isCut = false
}
