package transport

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// staleServer hangs up its first connection when the second request on it has
// come: too late for anyone to notice before sending.
func staleServer(t *testing.T, before string) *server {
	t.Helper()

	return serve(t, func(p *peer) {
		for n := 1; ; n++ {
			req, _ := p.request()
			if req == nil {
				return
			}
			if p.n == 1 && n == 2 {
				p.send(before)

				return
			}
			p.send(okAnswer)
		}
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	withKey := func(r *http.Request) { r.Header.Set("Idempotency-Key", "k") }
	noReplay := func(r *http.Request) { r.GetBody = nil }
	stream := func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("stream")))
		r.ContentLength, r.GetBody = -1, nil
	}
	tests := []struct {
		name, method, body string
		opt                Options
		change             func(*http.Request)
		before             string
		again              bool
	}{
		{name: "GET", method: http.MethodGet, again: true},
		{name: "PUT", method: http.MethodPut, body: "x", again: true},
		{name: "DELETE", method: http.MethodDelete, again: true},
		{name: "PUT from memory", method: http.MethodPut, body: "x", change: noReplay, again: true},
		{name: "long PUT", method: http.MethodPut, body: long, again: true},
		{name: "POST with a key", method: http.MethodPost, body: "x", change: withKey, again: true},
		{name: "POST that may be repeated", method: http.MethodPost, body: "x", opt: Options{Replayable: true}, again: true},
		{name: "long POST that may be repeated", method: http.MethodPost, body: long, opt: Options{Replayable: true}, again: true},

		{name: "POST", method: http.MethodPost, body: "x"},
		{name: "POST without body", method: http.MethodPost},
		{name: "long POST", method: http.MethodPost, body: long},
		{name: "PATCH", method: http.MethodPatch, body: "x"},
		{name: "long PUT that cannot be read again", method: http.MethodPut, body: long, change: noReplay},
		{name: "stream that may be repeated", method: http.MethodPost, change: stream, opt: Options{Replayable: true}},
		{name: "GET with half an answer", method: http.MethodGet, before: "HTTP/1.1 2"},
		{name: "GET with one byte", method: http.MethodGet, before: "H"},
		{name: "GET with a hint", method: http.MethodGet, before: "HTTP/1.1 103 Early Hints\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := staleServer(t, tt.before)
			tr := newTransport(t, tt.opt)
			requireGood(t, tr, srv.url)
			req := newRequest(t, tt.method, srv.url, tt.body)
			if tt.change != nil {
				tt.change(req)
			}
			r := do(tr, req)
			if tt.again {
				require.NoError(t, r.err())
				require.Equal(t, "ok", r.body)
				require.Equal(t, int64(2), srv.conns.Load())
			} else {
				require.Error(t, r.headErr)
				require.Equal(t, int64(1), srv.conns.Load(), "sent again")
			}
		})
	}
}

// TestRetryOnce has a server whose every connection breaks on its second
// request, and every later one at once.
func TestRetryOnce(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.request()
		if p.n == 1 {
			p.send(okAnswer)
			p.request()
		}
	})
	tr := newTransport(t, Options{})
	requireGood(t, tr, srv.url)
	var lost *LostError
	require.ErrorAs(t, do(tr, newRequest(t, http.MethodGet, srv.url, "")).headErr, &lost)
	require.Equal(t, int64(2), srv.conns.Load())
}

// TestStaleNoticed closes the connection while it is idle. That is seen before
// anything is sent, so even a POST goes out on a new connection.
func TestStaleNoticed(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			handle := func(p *peer) {
				p.request()
				p.send(okAnswer)
			}
			srv, opt := serveScheme(t, scheme, handle)
			tr := newTransport(t, opt)
			for n := range 3 {
				r := do(tr, newRequest(t, http.MethodPost, srv.url, "body"))
				require.NoError(t, r.err())
				require.Equal(t, int64(n+1), srv.conns.Load())
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
}

// TestStaleLimit sees that a stale connection's place is not lost.
func TestStaleLimit(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.request()
		p.send(okAnswer)
	})
	tr := newTransport(t, Options{MaxConnsPerHost: 1})
	for range 5 {
		requireGood(t, tr, srv.url)
		time.Sleep(5 * time.Millisecond)
	}
}
