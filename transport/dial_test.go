package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowDial connects and then waits, so that what the server sends at once has
// arrived.
func slowDial(wait time.Duration) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		time.Sleep(wait)

		return c, err
	}
}

func requireDialError(t *testing.T, err error, op DialOp) {
	t.Helper()
	var dial *DialError
	require.ErrorAs(t, err, &dial)
	require.Equal(t, op, dial.Op)
}

func TestDialErrors(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := l.Addr().String()
	require.NoError(t, l.Close())
	tr := newTransport(t, Options{})

	err = do(tr, newRequest(t, http.MethodPost, "http://user:hunter2@"+free+"/?token=hunter2", "x")).headErr
	requireDialError(t, err, DialRefused)
	require.NotContains(t, err.Error(), "hunter2")

	failing := newTransport(t, Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}
	}})
	requireDialError(t, do(failing, newRequest(t, http.MethodGet, "http://nowhere.invalid", "")).headErr, DialDNS)

	hanging := newTransport(t, Options{DialTimeout: 20 * time.Millisecond, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()

		return nil, ctx.Err()
	}})
	requireDialError(t, do(hanging, newRequest(t, http.MethodGet, "http://nowhere.invalid", "")).headErr, DialTimeout)
}

func TestGuard(t *testing.T) {
	t.Parallel()
	srv := answering(t, okAnswer)
	_, port, err := net.SplitHostPort(srv.addr)
	require.NoError(t, err)
	private := errors.New("loopback is private")
	custom := slowDial(0)
	for name, opt := range map[string]Options{"dialer": {}, "custom dial": {Dial: custom}} {
		for _, url := range []string{srv.url, "http://localhost:" + port} {
			t.Run(name+"/"+strings.TrimPrefix(url, "http://"), func(t *testing.T) {
				t.Parallel()
				opt := opt
				var asked atomic.Int64
				opt.Guard = func(_ context.Context, addr netip.AddrPort) error {
					asked.Add(1)
					if addr.Addr().IsLoopback() {
						return private
					}

					return nil
				}
				err := do(newTransport(t, opt), newRequest(t, http.MethodGet, url, "")).headErr
				requireDialError(t, err, DialGuard)
				require.ErrorIs(t, err, ErrGuarded)
				require.ErrorIs(t, err, private)
				require.Positive(t, asked.Load())

				opt.Guard = func(context.Context, netip.AddrPort) error { return nil }
				requireGood(t, newTransport(t, opt), url)
			})
		}
	}
}

func TestGuardUnmaps(t *testing.T) {
	t.Parallel()
	var got netip.AddrPort
	tr := New(Options{Guard: func(_ context.Context, addr netip.AddrPort) error {
		got = addr

		return nil
	}})
	require.NoError(t, tr.guard(t.Context(), "tcp6", "[::ffff:127.0.0.1]:80"))
	require.Equal(t, netip.MustParseAddrPort("127.0.0.1:80"), got)
	require.NoError(t, tr.guard(t.Context(), "unix", "/some/path"))
	require.ErrorIs(t, tr.guard(t.Context(), "tcp", "pipe"), ErrGuarded)
}

func TestTargetUnix(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	host := make(chan string, 2)
	serveOn(t, l, func(p *peer) {
		for req, _ := p.request(); req != nil; req, _ = p.request() {
			host <- req.Host
			p.send(okAnswer)
		}
	})
	tr := newTransport(t, Options{Target: func(*http.Request) (Target, error) {
		return Target{Network: "unix", Address: path}, nil
	}})
	requireGood(t, tr, "http://register.test/")
	require.Equal(t, "register.test", <-host)
	requireGood(t, tr, "http://register.test/")

	refuse := errors.New("nowhere to go")
	tr = newTransport(t, Options{Target: func(*http.Request) (Target, error) { return Target{}, refuse }})
	require.ErrorIs(t, do(tr, newRequest(t, http.MethodPost, "http://x", "b")).headErr, refuse)
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ scheme, address, want string }{
		{"http", "example.org", "example.org:80"},
		{"https", "example.org", "example.org:443"},
		{"https", "example.org:8443", "example.org:8443"},
		{"http", "example.org:", "example.org:80"},
		{"http", "[::1]", "[::1]:80"},
		{"http", "[::1]:8080", "[::1]:8080"},
		{"http", "[fe80::1%eth0]:8080", "[fe80::1%eth0]:8080"},
		{"http", "127.0.0.1", "127.0.0.1:80"},
		{"http", "bücher.example", "xn--bcher-kva.example:80"},
	} {
		_, got, err := key{scheme: tt.scheme, address: tt.address}.endpoint()
		require.NoError(t, err)
		require.Equal(t, tt.want, got, tt.address)
	}
	network, address, err := key{network: "unix", address: "/a/b"}.endpoint()
	require.NoError(t, err)
	require.Equal(t, []string{"unix", "/a/b"}, []string{network, address})
}

func TestServerName(t *testing.T) {
	t.Parallel()
	tr := New(Options{})
	for host, want := range map[string]string{
		"example.org": "example.org", "example.org:443": "example.org", "[::1]:443": "::1", "[::1]": "::1",
		"127.0.0.1:443": "127.0.0.1", "bücher.example:1": "xn--bcher-kva.example",
	} {
		require.Equal(t, want, tr.serverName(host), host)
	}
}
