package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClosed(t *testing.T) {
	t.Parallel()
	release, hungUp := make(chan struct{}), make(chan error, 1)
	srv := serve(t, func(p *peer) {
		p.request()
		<-release
		p.send(okAnswer)
		_, err := p.Read(make([]byte, 1))
		hungUp <- err
	})
	tr := New(Options{MaxConnsPerHost: 1})
	first, second := make(chan result), make(chan result)
	one, two := newRequest(t, http.MethodGet, srv.url, ""), newRequest(t, http.MethodGet, srv.url, "")
	go func() { first <- do(tr, one) }()
	require.Eventually(t, func() bool { return srv.conns.Load() == 1 }, time.Second, time.Millisecond)
	go func() { second <- do(tr, two) }()
	require.Eventually(t, func() bool { return waitersOf(tr) == 1 }, time.Second, time.Millisecond)
	tr.Close()
	tr.Close()
	require.ErrorIs(t, (<-second).err(), ErrClosed)
	close(release)
	require.NoError(t, (<-first).err())
	require.ErrorIs(t, <-hungUp, io.EOF)
	require.ErrorIs(t, do(tr, newRequest(t, http.MethodGet, srv.url, "")).err(), ErrClosed)
	require.Empty(t, tr.pool.hosts)
}

// TestManyGoroutines shares a few connections among many requests; each must
// get its own answer. Some are cancelled, some closed early.
func TestManyGoroutines(t *testing.T) {
	srv := serve(t, func(p *peer) {
		for {
			req, body := p.request()
			if req == nil {
				return
			}
			answer := req.URL.Path + body
			if len(answer)%2 == 0 {
				p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer))
			} else {
				p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(answer), answer))
			}
		}
	})
	before := runtime.NumGoroutine()
	tr := New(Options{MaxConnsPerHost: 20, MaxIdlePerHost: 10})
	var wg sync.WaitGroup
	for n := range 1000 {
		wg.Go(func() {
			for m := range 5 {
				path, body := fmt.Sprintf("/%d/%d/", n, m), strings.Repeat("x", n*m%3000)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.url+path, strings.NewReader(body))
				if err != nil {
					t.Error(err)
				}
				switch (n + m) % 5 {
				case 0:
					go cancel()
				case 1:
					req.ContentLength, req.GetBody = -1, nil
					req.Body = io.NopCloser(io.MultiReader(strings.NewReader(body)))
				}
				r := do(tr, req)
				cancel()
				if (n+m)%5 == 0 && r.err() != nil {
					continue
				}
				if r.err() != nil || r.body != path+body {
					t.Errorf("%s: got %.40q, %v", path, r.body, r.err())
				}
			}
		})
	}
	wg.Wait()
	tr.Close()
	require.Empty(t, tr.pool.hosts)
	srv.close()
	requireSoon(t, func() bool { return runtime.NumGoroutine() <= before })
}

// TestNoLeaks counts descriptors and goroutines after all kinds of endings.
func TestNoLeaks(t *testing.T) {
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Skip("no /proc")
	}
	descriptors := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)

		return len(files)
	}
	answering(t, okAnswer).close() // opens what the runtime needs for the network
	goroutines, files := runtime.NumGoroutine(), descriptors()
	func() {
		srv := serve(t, func(p *peer) {
			for req, _ := p.request(); req != nil; req, _ = p.request() {
				switch req.URL.Path {
				case "/close":
					return
				case "/garbage":
					p.send("garbage\r\n\r\n")
				case "/silent":
					_, _ = io.Copy(io.Discard, p)
				default:
					p.send(okAnswer)
				}
			}
		})
		defer srv.close()
		tr := New(Options{HeaderTimeout: 20 * time.Millisecond})
		defer tr.Close()
		for _, path := range []string{"/", "/close", "/garbage", "/silent", "/"} {
			for _, body := range []string{"", "x", strings.Repeat("x", 1<<20)} {
				do(tr, newRequest(t, http.MethodPost, srv.url+path, body))
				resp, err := tr.RoundTrip(newRequest(t, http.MethodPost, srv.url+path, body))
				if err == nil {
					require.NoError(t, resp.Body.Close())
				}
			}
		}
	}()
	requireSoon(t, func() bool { return descriptors() <= files && runtime.NumGoroutine() <= goroutines })
}

// requireSoon is require.Eventually without goroutines of its own, which would
// be counted.
func requireSoon(t *testing.T, condition func() bool) {
	t.Helper()
	for range 500 {
		if condition() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.Fail(t, "condition never satisfied")
}
