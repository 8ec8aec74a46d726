package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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

type onEOF struct{ call func() }

func (r *onEOF) Read([]byte) (int, error) { r.call(); return 0, io.EOF }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

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
