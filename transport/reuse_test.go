package transport

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReuse sends two requests: whether the second one comes on the first
// connection is decided by how the first answer ended.
func TestReuse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("b", 10_000)
	field := "X-Long: " + strings.Repeat("v", 6000) + "\r\n"
	tests := []struct {
		name   string
		answer string
		method string
		body   string
		reused bool
	}{
		{name: "length", answer: okAnswer, body: "ok", reused: true},
		{name: "no body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", reused: true},
		{name: "204", answer: "HTTP/1.1 204 No Content\r\n\r\n", reused: true},
		{name: "304 with a length", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", reused: true},
		{name: "HEAD", method: http.MethodHead, answer: "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", reused: true},
		{name: "chunked", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", body: "ok", reused: true},
		{name: "chunked behind a long head", answer: "HTTP/1.1 200 OK\r\n" + field + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", body: "ok", reused: true},
		{name: "informational answers", answer: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + okAnswer, body: "ok", reused: true},
		{name: "one length twice", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", body: "ok", reused: true},
		{name: "HTTP/1.0 with keep-alive", answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", body: "ok", reused: true},
		{name: "long body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + long, body: long, reused: true},

		{name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", body: "ok"},
		{name: "HTTP/1.0 with chunks that do not count", answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok", body: "ok"},
		{name: "connection close", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", body: "ok"},
		{name: "length and chunks", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", body: "ok"},
		{name: "length and chunks behind a long head", answer: "HTTP/1.1 200 OK\r\n" + field + "Transfer-Encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n", body: "ok"},
		{name: "bytes after the body", answer: okAnswer + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", body: "ok"},
		{name: "bytes after a long body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + long + okAnswer, body: long},
		{name: "bytes after the chunks", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + okAnswer, body: "ok"},
		{name: "bytes after 204", answer: "HTTP/1.1 204 No Content\r\n\r\n" + okAnswer},
		{name: "a body for HEAD", method: http.MethodHead, answer: okAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) {
				for first := true; ; first = false {
					if req, _ := p.request(); req == nil {
						return
					}
					if p.n == 1 && first {
						p.send(tt.answer)
					} else {
						p.send(okAnswer)
					}
				}
			})
			tr := newTransport(t, Options{})
			method := tt.method
			if method == "" {
				method = http.MethodGet
			}
			r := do(tr, newRequest(t, method, srv.url, ""))
			require.NoError(t, r.err())
			require.Equal(t, tt.body, r.body)
			requireGood(t, tr, srv.url)
			want := int64(2)
			if tt.reused {
				want = 1
			}
			require.Equal(t, want, srv.conns.Load())
		})
	}
}

func TestReuseAsksToClose(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		opt    Options
		change func(*http.Request)
	}{
		{name: "Request.Close", change: func(r *http.Request) { r.Close = true }},
		{name: "Connection field", change: func(r *http.Request) { r.Header.Set("Connection", "close") }},
		{name: "no idle connections", opt: Options{MaxIdlePerHost: -1}, change: func(*http.Request) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan bool, 4)
			srv := serve(t, func(p *peer) {
				for req, _ := p.request(); req != nil; req, _ = p.request() {
					asked <- req.Close
					p.send(okAnswer)
				}
			})
			tr := newTransport(t, tt.opt)
			for range 2 {
				req := newRequest(t, http.MethodPost, srv.url, "x")
				tt.change(req)
				require.NoError(t, do(tr, req).err())
				require.True(t, <-asked)
			}
			require.Equal(t, int64(2), srv.conns.Load())
		})
	}
}

// TestReuseAfterClose closes bodies that were not read to their end.
func TestReuseAfterClose(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		reused       bool
	}{
		{"rest is in memory", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + strings.Repeat("x", 1000), true},
		{"chunked rest is in memory", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
		{"rest is long", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000), false},
		{"rest never comes", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + strings.Repeat("x", 99), false},
		{"last chunk never comes", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false},
		{"rest and more", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) {
				for first := true; ; first = false {
					if req, _ := p.request(); req == nil {
						return
					}
					if p.n == 1 && first {
						p.send(tt.answer)
					} else {
						p.send(okAnswer)
					}
				}
			})
			tr := newTransport(t, Options{})
			resp, err := tr.RoundTrip(newRequest(t, http.MethodGet, srv.url, ""))
			require.NoError(t, err)
			_, err = io.ReadFull(resp.Body, make([]byte, 3))
			require.NoError(t, err)
			start := time.Now()
			require.NoError(t, resp.Body.Close())
			require.Less(t, time.Since(start), time.Second)
			_, err = resp.Body.Read(make([]byte, 3))
			require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
			require.NoError(t, resp.Body.Close())
			requireGood(t, tr, srv.url)
			want := int64(2)
			if tt.reused {
				want = 1
			}
			require.Equal(t, want, srv.conns.Load())
		})
	}
}

// TestReuseHidden sends a second answer right behind a long first one, and reads
// with a buffer so large that ours is passed by. What is left over is then
// still in the kernel or, with TLS, decrypted within crypto/tls.
func TestReuseHidden(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			srv, opt := serveScheme(t, scheme, func(p *peer) {
				for req, _ := p.request(); req != nil; req, _ = p.request() {
					if p.n == 1 {
						p.send("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + strings.Repeat("b", 10_000) +
							"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
					} else {
						p.send(okAnswer)
					}
				}
			})
			tr := newTransport(t, opt)
			requests := []*http.Request{newRequest(t, http.MethodGet, srv.url, ""), newRequest(t, http.MethodGet, srv.url, "")}
			resp, err := tr.RoundTrip(requests[0])
			require.NoError(t, err)
			_, err = io.ReadFull(resp.Body, make([]byte, 10_000))
			require.NoError(t, err)
			r := do(tr, requests[1])
			require.NoError(t, r.err())
			require.Equal(t, "ok", r.body)
			require.Equal(t, int64(2), srv.conns.Load())
		})
	}
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	srv := answering(t, "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"2\r\nok\r\n0\r\nX-Sum: 42\r\nX-More: 1\r\n\r\n")
	tr := newTransport(t, Options{})
	for range 2 {
		r := do(tr, newRequest(t, http.MethodGet, srv.url, ""))
		require.NoError(t, r.err())
		require.Equal(t, "ok", r.body)
		require.Equal(t, http.Header{"X-Sum": {"42"}, "X-More": {"1"}}, r.resp.Trailer)
	}
	require.Equal(t, int64(1), srv.conns.Load())
}
