package transport

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEarlyAnswer has servers that answer before they have read the request.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	const answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"
	bodies := map[string]func(*http.Request){
		"large": func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, 32<<20))), 32<<20
		},
		"endless": func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(zeros{}), -1 },
		"silent":  func(r *http.Request) { r.Body, r.ContentLength = newTestBody("x", true), -1 },
	}
	for name, body := range bodies {
		t.Run(name+"/keeps the connection", func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) {
				_, _ = http.ReadRequest(p.br)
				if p.n > 1 {
					p.send(okAnswer)

					return
				}
				p.send(answer)
				_, _ = p.Read(make([]byte, 1))
				time.Sleep(50 * time.Millisecond)
			})
			tr := newTransport(t, Options{})
			req := newRequest(t, http.MethodPost, srv.url, "")
			body(req)
			r := do(tr, req)
			require.NoError(t, r.err())
			require.Equal(t, 413, r.status)
			require.Equal(t, "no", r.body)
			requireGood(t, tr, srv.url)
			require.Equal(t, int64(2), srv.conns.Load())
		})
		t.Run(name+"/answers at length", func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) { // both would wait for each other without a writer
				_, _ = http.ReadRequest(p.br)
				p.send("HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n" + strings.Repeat("y", 16<<20))
				_, _ = io.Copy(io.Discard, p)
			})
			req, err := http.NewRequest(http.MethodPost, srv.url, http.NoBody)
			require.NoError(t, err)
			body(req)
			resp, err := newTransport(t, Options{}).RoundTrip(req)
			require.NoError(t, err)
			n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{resp.Body}, make([]byte, 1<<20))
			require.NoError(t, err)
			require.Equal(t, int64(16<<20), n)
		})
	}
}

// TestEarlyAnswerSmall answers without reading, and closes its side only, so
// that the answer is not lost to a reset.
func TestEarlyAnswerSmall(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		if p.n > 1 {
			p.request()
			p.send(okAnswer)

			return
		}
		p.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
		_ = p.Conn.(*net.TCPConn).CloseWrite()
		time.Sleep(50 * time.Millisecond)
	})
	tr := newTransport(t, Options{})
	r := do(tr, newRequest(t, http.MethodPost, srv.url, strings.Repeat("x", SmallBody)))
	require.NoError(t, r.err())
	require.Equal(t, 413, r.status)
	requireGood(t, tr, srv.url)
	require.Equal(t, int64(2), srv.conns.Load())
}

func TestRequestTrailers(t *testing.T) {
	t.Parallel()
	trailer := make(chan http.Header, 1)
	srv := serve(t, func(p *peer) {
		req, _ := p.request()
		trailer <- req.Trailer
		p.send(okAnswer)
	})
	req := newRequest(t, http.MethodPost, srv.url, "")
	req.Trailer = http.Header{"X-Sum": nil}
	req.Body, req.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("body"), &onEOF{func() { req.Trailer.Set("X-Sum", "42") }})), -1
	require.NoError(t, do(newTransport(t, Options{}), req).err())
	require.Equal(t, http.Header{"X-Sum": {"42"}}, <-trailer)
}

// TestEarlyHead has a server that answers first and reads the request then. All
// is sent and read in the end, but not in the order that makes it certain.
func TestEarlyHead(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		for {
			req, err := http.ReadRequest(p.br)
			if err != nil {
				return
			}
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
			time.Sleep(20 * time.Millisecond)
			_, _ = io.Copy(io.Discard, req.Body)
			time.Sleep(20 * time.Millisecond)
			p.send("ok")
		}
	})
	tr := newTransport(t, Options{})
	r := do(tr, newRequest(t, http.MethodPost, srv.url, strings.Repeat("x", 16<<20)))
	require.NoError(t, r.err())
	require.Equal(t, "ok", r.body)
	requireGood(t, tr, srv.url)
	require.Equal(t, int64(2), srv.conns.Load())
}

// TestBidirectional answers a stream while it goes on.
func TestBidirectional(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		req, err := http.ReadRequest(p.br)
		if err != nil {
			return
		}
		p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		buf := make([]byte, 10)
		for {
			n, err := req.Body.Read(buf)
			if n > 0 {
				p.send(fmt.Sprintf("%x\r\n%s\r\n", n, buf[:n]))
			}
			if err != nil {
				p.send("0\r\n\r\n")

				return
			}
		}
	})
	pr, pw := io.Pipe()
	req := newRequest(t, http.MethodPost, srv.url, "")
	req.Body, req.ContentLength = pr, -1
	resp, err := newTransport(t, Options{}).RoundTrip(req)
	require.NoError(t, err)
	buf := make([]byte, 4)
	for _, word := range []string{"ping", "pong"} {
		_, err = io.WriteString(pw, word)
		require.NoError(t, err)
		_, err = io.ReadFull(resp.Body, buf)
		require.NoError(t, err)
		require.Equal(t, word, string(buf))
	}
	require.NoError(t, pw.Close())
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, rest)
}
