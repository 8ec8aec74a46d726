package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCancel cancels at each stage.
func TestCancel(t *testing.T) {
	t.Parallel()
	silent := func(p *peer) { _, _ = io.Copy(io.Discard, p) }
	stages := map[string]struct {
		handle func(*peer)
		opt    Options
		change func(*http.Request)
	}{
		"dialing":              {handle: silent, opt: Options{Dial: hangingDial}},
		"waiting for the head": {handle: silent},
		"within the head":      {handle: func(p *peer) { p.request(); p.send("HTTP/1.1 200 OK\r\nA: "); silent(p) }},
		"within the body":      {handle: func(p *peer) { p.request(); p.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"); silent(p) }},
		"writing": {
			handle: func(p *peer) { time.Sleep(time.Second) },
			change: func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(zeros{}), -1 },
		},
		"reading ahead":    {handle: silent, change: func(r *http.Request) { r.Body, r.ContentLength = newTestBody("x", true), 10 }},
		"reading a stream": {handle: silent, change: func(r *http.Request) { r.Body, r.ContentLength = newTestBody("x", true), -1 }},
		"body that ignores its close": {handle: silent, change: func(r *http.Request) {
			pr, _ := io.Pipe()
			r.Body, r.ContentLength = io.NopCloser(pr), -1
		}},
	}
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, stage.handle)
			cause := errors.New("the client went away")
			ctx, cancel := context.WithCancelCause(context.Background())
			req := newRequest(t, http.MethodPost, srv.url, "body").WithContext(ctx)
			if stage.change != nil {
				stage.change(req)
			}
			tr := newTransport(t, stage.opt)
			time.AfterFunc(30*time.Millisecond, func() { cancel(cause) })
			start := time.Now()
			r := do(tr, req)
			require.ErrorIs(t, r.err(), context.Canceled)
			require.ErrorIs(t, r.err(), cause)
			require.Less(t, time.Since(start), time.Second)
			require.Empty(t, tr.pool.hosts, "a connection was kept")
		})
	}
	t.Run("waiting for a connection", func(t *testing.T) {
		t.Parallel()
		srv := serve(t, silent)
		tr := newTransport(t, Options{MaxConnsPerHost: 1})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		waiting := newRequest(t, http.MethodGet, srv.url, "").WithContext(ctx)
		go func() { done <- do(tr, waiting).err() }()
		require.Eventually(t, func() bool { return srv.conns.Load() == 1 }, time.Second, time.Millisecond)
		short, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer stop()
		require.ErrorIs(t, do(tr, newRequest(t, http.MethodGet, srv.url, "").WithContext(short)).err(), context.DeadlineExceeded)
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
	for _, length := range []int64{-1, 10} {
		t.Run(fmt.Sprintf("closes the body/%d", length), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			body := newTestBody("x", true)
			req := newRequest(t, http.MethodPost, serve(t, silent).url, "").WithContext(ctx)
			req.Body, req.ContentLength = body, length
			require.ErrorIs(t, do(newTransport(t, Options{}), req).err(), context.DeadlineExceeded)
			require.Equal(t, int64(1), body.closes.Load())
		})
	}
	t.Run("between head and body", func(t *testing.T) {
		t.Parallel()
		srv := answering(t, okAnswer)
		tr := newTransport(t, Options{HeaderTimeout: -1}) // nothing else sets a deadline
		ctx, cancel := context.WithCancel(context.Background())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.url, http.NoBody)
		require.NoError(t, err)
		resp, err := tr.RoundTrip(req)
		require.NoError(t, err)
		cancel()
		time.Sleep(10 * time.Millisecond)
		_, _ = io.ReadAll(resp.Body)
		req, err = http.NewRequest(http.MethodPost, srv.url, http.NoBody)
		require.NoError(t, err)
		require.NoError(t, do(tr, req).err())
		require.Equal(t, int64(2), srv.conns.Load())
	})
	t.Run("after the end", func(t *testing.T) {
		t.Parallel()
		srv := answering(t, okAnswer)
		tr := newTransport(t, Options{})
		for range 20 {
			ctx, cancel := context.WithCancel(context.Background())
			require.NoError(t, do(tr, newRequest(t, http.MethodGet, srv.url, "").WithContext(ctx)).err())
			cancel()
		}
		require.Equal(t, int64(1), srv.conns.Load())
	})
}

func hangingDial(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()

	return nil, ctx.Err()
}

// TestCloseDuringRead closes the body while a Read waits for it.
func TestCloseDuringRead(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.request()
		p.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
		_, _ = p.Read(make([]byte, 1))
	})
	resp, err := newTransport(t, Options{}).RoundTrip(newRequest(t, http.MethodGet, srv.url, ""))
	require.NoError(t, err)
	failed := make(chan error)
	go func() {
		_, err := resp.Body.Read(make([]byte, 1))
		failed <- err
	}()
	time.Sleep(20 * time.Millisecond)
	require.NoError(t, resp.Body.Close())
	require.ErrorIs(t, <-failed, http.ErrBodyReadAfterClose)
}
