package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// awaitHandover waits until the server of the configuration before takes no more
// connections. Caddy reports a change before that: each configuration listens with
// a socket of its own, and for a moment the old one may still be given a
// connection. A test that asks at once could be answered by what it has replaced.
// A server that has closed its socket also serves no connection twice.
func (g *gateway) awaitHandover(t testing.TB) {
	t.Helper()
	_, port, err := net.SplitHostPort(g.address)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return listeners(t, port) <= 1 }, 30*time.Second, time.Millisecond,
		"the server of the old configuration still listens")
	http.DefaultClient.CloseIdleConnections()
}

// listeners counts the sockets of this machine that listen at a port, as
// proc_net_tcp(5) lists them: the second word of a line is the address with the
// port in hexadecimal, the fourth the state, in which 0A means listening.
func listeners(t testing.TB, port string) (n int) {
	t.Helper()
	number, err := strconv.ParseUint(port, 10, 16)
	require.NoError(t, err)
	suffix := fmt.Sprintf(":%04X", number)
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		list, err := os.ReadFile(file)
		if os.IsNotExist(err) { // no IPv6, or no Linux
			continue
		}
		require.NoError(t, err)
		for line := range strings.Lines(string(list)) {
			words := strings.Fields(line)
			if len(words) > 3 && strings.HasSuffix(words[1], suffix) && words[3] == "0A" {
				n++
			}
		}
	}
	return n
}

// TestListenersAreCounted: a wait that sees no listener would wait for nothing.
func TestListenersAreCounted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("sockets are listed on Linux only; elsewhere nothing is waited for")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.Equal(t, 1, listeners(t, port))
	require.NoError(t, listener.Close())
	require.Zero(t, listeners(t, port))
}
