package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testBody is a request body that counts its closes and, with block, waits in
// Read until it is closed.
type testBody struct {
	io.Reader
	closes atomic.Int64
	once   sync.Once
	block  chan struct{}
}

func newTestBody(content string, block bool) *testBody {
	b := &testBody{Reader: strings.NewReader(content)}
	if block {
		b.block = make(chan struct{})
	}

	return b
}

func (b *testBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) && b.block != nil {
		<-b.block

		return 0, errors.New("body is closed")
	}

	return n, err
}

func (b *testBody) Close() error {
	b.closes.Add(1)
	if b.block != nil {
		b.once.Do(func() { close(b.block) })
	}

	return nil
}

// TestBodyIsClosed has a request end in every possible way.
func TestBodyIsClosed(t *testing.T) {
	t.Parallel()
	good := answering(t, okAnswer)
	closing := serve(t, func(*peer) {})
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, size := range []int{5, 10_000, 1 << 20} {
		for name, change := range map[string]func(*http.Request) *http.Request{
			"answered":        func(r *http.Request) *http.Request { return r },
			"unknown length":  func(r *http.Request) *http.Request { r.ContentLength = -1; return r },
			"no URL":          func(r *http.Request) *http.Request { r.URL = nil; return r },
			"no host":         func(r *http.Request) *http.Request { r.URL.Host = ""; return r },
			"scheme":          func(r *http.Request) *http.Request { r.URL.Scheme = "ftp"; return r },
			"method":          func(r *http.Request) *http.Request { r.Method = "A B"; return r },
			"field name":      func(r *http.Request) *http.Request { r.Header["A B"] = []string{"x"}; return r },
			"field value":     func(r *http.Request) *http.Request { r.Header.Set("A", "x\r\nB: y"); return r },
			"trailer":         func(r *http.Request) *http.Request { r.Trailer = http.Header{"A\n": nil}; return r },
			"control in URL":  func(r *http.Request) *http.Request { r.URL.Opaque = "/a\nb"; return r },
			"canceled before": func(r *http.Request) *http.Request { return r.WithContext(canceled) },
			"upgrade": func(r *http.Request) *http.Request {
				r.Header = http.Header{"Upgrade": {"x"}, "Connection": {"upgrade"}}
				return r
			},
			"expect":           func(r *http.Request) *http.Request { r.Header.Set("Expect", "100-continue"); return r },
			"CONNECT":          func(r *http.Request) *http.Request { r.Method = http.MethodConnect; return r },
			"nobody listens":   func(r *http.Request) *http.Request { r.URL.Host = "127.0.0.1:1"; return r },
			"server hangs up":  func(r *http.Request) *http.Request { r.URL.Host = closing.addr; return r },
			"length too small": func(r *http.Request) *http.Request { r.ContentLength--; return r },
			"length too large": func(r *http.Request) *http.Request { r.ContentLength++; return r },
		} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				t.Parallel()
				tr := newTransport(t, Options{})
				body := newTestBody(strings.Repeat("x", size), false)
				req := newRequest(t, http.MethodPost, good.url, "")
				req.Body, req.ContentLength = body, int64(size)
				r := do(tr, change(req))
				require.Equal(t, name == "answered" || name == "unknown length", r.err() == nil, "%v", r.err())
				require.Equal(t, int64(1), body.closes.Load())
				if name == "upgrade" || name == "expect" || name == "CONNECT" {
					require.ErrorIs(t, r.err(), ErrUnsupported)
				}
			})
		}
	}
}

func TestRequestIsNotModified(t *testing.T) {
	t.Parallel()
	srv := answering(t, okAnswer)
	tr := newTransport(t, Options{MaxIdlePerHost: -1})
	for _, body := range []string{"", "small", strings.Repeat("x", 1<<20)} {
		req := newRequest(t, http.MethodPost, srv.url+"/a?b", body)
		req.Header.Set("X", "y")
		before, header, u := *req, req.Header.Clone(), *req.URL
		require.NoError(t, do(tr, req).err())
		require.Equal(t, header, req.Header)
		require.Equal(t, u, *req.URL)
		require.Equal(t, before.Close, req.Close)
		require.Equal(t, before.ContentLength, req.ContentLength)
	}
}

// TestBodyErrors has bodies that break or have another length than declared.
func TestBodyErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk is gone")
	for _, size := range []int64{100, 1 << 20} {
		for name, body := range map[string]io.Reader{
			"broken":    io.MultiReader(strings.NewReader("half"), &failing{err: broken}),
			"too short": io.MultiReader(strings.NewReader("half")),
			"too long":  io.MultiReader(strings.NewReader(strings.Repeat("x", int(size)+1))),
		} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				t.Parallel()
				srv := serve(t, func(p *peer) { _, _ = io.Copy(io.Discard, p) })
				req := newRequest(t, http.MethodPost, srv.url, "")
				req.Body, req.ContentLength = io.NopCloser(body), size
				err := do(newTransport(t, Options{}), req).headErr
				require.Error(t, err)
				require.NotErrorIs(t, err, context.DeadlineExceeded)
				require.False(t, isTimeout(err), "%v", err)
				if name == "broken" {
					require.ErrorIs(t, err, broken)
				}
			})
		}
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

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
				p.send("HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n" + strings.Repeat("y", 32<<20))
				_, _ = io.Copy(io.Discard, p)
			})
			req := newRequest(t, http.MethodPost, srv.url, "")
			body(req)
			r := do(newTransport(t, Options{}), req)
			require.NoError(t, r.err())
			require.Len(t, r.body, 32<<20)
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

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
		go func() { done <- do(tr, newRequest(t, http.MethodGet, srv.url, "").WithContext(ctx)).err() }()
		require.Eventually(t, func() bool { return srv.conns.Load() == 1 }, time.Second, time.Millisecond)
		short, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer stop()
		require.ErrorIs(t, do(tr, newRequest(t, http.MethodGet, srv.url, "").WithContext(short)).err(), context.DeadlineExceeded)
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
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

func TestFallback(t *testing.T) {
	t.Parallel()
	var got []string
	tr := newTransport(t, Options{Fallback: roundTripFunc(func(r *http.Request) (*http.Response, error) {
		got = append(got, r.Method+r.Header.Get("Upgrade")+r.Header.Get("Expect"))

		return &http.Response{StatusCode: 299, Body: http.NoBody}, nil
	})})
	upgrade := newRequest(t, http.MethodGet, "http://unused.invalid", "")
	upgrade.Header = http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}}
	expect := newRequest(t, http.MethodPut, "http://unused.invalid", "body")
	expect.Header.Set("Expect", "100-Continue")
	for _, req := range []*http.Request{upgrade, expect, newRequest(t, http.MethodConnect, "http://unused.invalid", "")} {
		resp, err := tr.RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, 299, resp.StatusCode)
	}
	require.Equal(t, []string{"GETwebsocket", "PUT100-Continue", "CONNECT"}, got)
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestSecretsStayOut has errors of many kinds for a URL with credentials.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, change := range map[string]func(*url.URL){
		"refused": func(*url.URL) {},
		"scheme":  func(u *url.URL) { u.Scheme = secret },
		"control": func(u *url.URL) { u.Opaque = "/" + secret + "\n" },
		"no host": func(u *url.URL) { u.Host = "" },
	} {
		u := &url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword(secret, secret), RawQuery: secret, Path: "/" + secret}
		change(u)
		req := &http.Request{Method: http.MethodPost, URL: u, Header: http.Header{"Authorization": {secret}}}
		err := do(newTransport(t, Options{}), req).headErr
		require.Error(t, err)
		require.NotContains(t, err.Error(), secret, name)
	}
}

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
	go func() { first <- do(tr, newRequest(t, http.MethodGet, srv.url, "")) }()
	require.Eventually(t, func() bool { return srv.conns.Load() == 1 }, time.Second, time.Millisecond)
	go func() { second <- do(tr, newRequest(t, http.MethodGet, srv.url, "")) }()
	require.Eventually(t, func() bool {
		tr.pool.mu.Lock()
		defer tr.pool.mu.Unlock()
		for _, h := range tr.pool.hosts {
			return len(h.waiters) == 1
		}

		return false
	}, time.Second, time.Millisecond)
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
