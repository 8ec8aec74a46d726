package transport

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// peer is the server's end of one connection, in the hands of a test.
type peer struct {
	net.Conn
	n  int // 1 for the first connection to the server
	br *bufio.Reader
}

// request reads one request with its body; nil when the client hung up.
func (p *peer) request() (*http.Request, string) {
	req, err := http.ReadRequest(p.br)
	if err != nil {
		return nil, ""
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, ""
	}

	return req, string(body)
}

func (p *peer) send(s string) { _, _ = io.WriteString(p.Conn, s) }

// reset closes the connection with a RST.
func (p *peer) reset() {
	if tc, ok := p.Conn.(*net.TCPConn); ok {
		_ = tc.SetLinger(0)
	}
	_ = p.Close()
}

// server is a listener on loopback whose connections a test handles byte by
// byte.
type server struct {
	url   string
	addr  string
	conns atomic.Int64
	l     net.Listener

	mu    sync.Mutex
	open  []net.Conn
	wg    sync.WaitGroup
	ended bool
}

// serve runs handle for each connection and closes it afterwards.
func serve(t testing.TB, handle func(*peer)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)

	return serveOn(t, l, handle)
}

func serveOn(t testing.TB, l net.Listener, handle func(*peer)) *server {
	t.Helper()
	s := &server{l: l, addr: l.Addr().String(), url: "http://" + l.Addr().String()}
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if !s.add(c) {
				_ = c.Close()

				return
			}
			p := &peer{Conn: c, n: int(s.conns.Add(1)), br: bufio.NewReader(c)}
			s.wg.Go(func() {
				defer func() { _ = c.Close() }()
				handle(p)
			})
		}
	})
	t.Cleanup(s.close)

	return s
}

func (s *server) add(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, c)

	return !s.ended
}

func (s *server) close() {
	_ = s.l.Close()
	s.mu.Lock()
	s.ended = true
	for _, c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// answering serves one fixed answer to every request, on kept connections.
func answering(t testing.TB, answer string) *server {
	t.Helper()

	return serve(t, func(p *peer) {
		for {
			if req, _ := p.request(); req == nil {
				return
			}
			p.send(answer)
		}
	})
}

func newTransport(t testing.TB, opt Options) *Transport {
	t.Helper()
	tr := New(opt)
	t.Cleanup(tr.Close)

	return tr
}

func newRequest(t testing.TB, method, url, body string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, r)
	require.NoError(t, err)

	return req
}

// result is what came of a request.
type result struct {
	status  int
	body    string
	headErr error // of RoundTrip
	bodyErr error // of reading the body
	resp    *http.Response
}

func (r result) err() error {
	if r.headErr != nil {
		return r.headErr
	}

	return r.bodyErr
}

// do makes a request and reads the whole answer.
func do(rt http.RoundTripper, req *http.Request) result {
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return result{headErr: err}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	_ = resp.Body.Close()

	return result{status: resp.StatusCode, body: string(body), bodyErr: err, resp: resp}
}

// requireGood makes a request that must get the answer "ok".
func requireGood(t testing.TB, rt http.RoundTripper, url string) {
	t.Helper()
	r := do(rt, newRequest(t, http.MethodGet, url, ""))
	require.NoError(t, r.err())
	require.Equal(t, "ok", r.body)
}
