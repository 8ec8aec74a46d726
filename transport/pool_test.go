package transport

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func idleOf(tr *Transport) int {
	tr.pool.mu.Lock()
	defer tr.pool.mu.Unlock()
	n := 0
	for _, h := range tr.pool.hosts {
		n += len(h.idle)
	}

	return n
}

func waitersOf(tr *Transport) int {
	tr.pool.mu.Lock()
	defer tr.pool.mu.Unlock()
	n := 0
	for _, h := range tr.pool.hosts {
		n += len(h.waiters)
	}

	return n
}

// together makes n requests at the same time.
func together(t *testing.T, tr *Transport, url string, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if r := do(tr, newRequest(t, http.MethodGet, url, "")); r.err() != nil {
				t.Error(r.err())
			}
		})
	}
	wg.Wait()
}

// slowServer takes its time, and counts how many connections are busy at most.
func slowServer(t *testing.T, wait time.Duration) (*server, *atomic.Int64) {
	t.Helper()
	var busy, most atomic.Int64

	return serve(t, func(p *peer) {
		for req, _ := p.request(); req != nil; req, _ = p.request() {
			if n := busy.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(wait)
			busy.Add(-1)
			p.send(okAnswer)
		}
	}), &most
}

func TestPoolLimits(t *testing.T) {
	t.Parallel()
	srv, most := slowServer(t, 2*time.Millisecond)
	tr := newTransport(t, Options{MaxConnsPerHost: 3, MaxIdlePerHost: 2})
	together(t, tr, srv.url, 30)
	require.LessOrEqual(t, most.Load(), int64(3))
	require.LessOrEqual(t, idleOf(tr), 2)
	require.Positive(t, idleOf(tr))
}

func TestPoolIdleTimeout(t *testing.T) {
	t.Parallel()
	srv, _ := slowServer(t, 2*time.Millisecond)
	tr := newTransport(t, Options{IdleTimeout: 50 * time.Millisecond})
	together(t, tr, srv.url, 5)
	require.Positive(t, idleOf(tr))
	time.Sleep(25 * time.Millisecond)
	requireGood(t, tr, srv.url)
	before := srv.conns.Load()
	require.Positive(t, idleOf(tr))
	require.Eventually(t, func() bool { return idleOf(tr) == 0 }, time.Second, 5*time.Millisecond)
	require.Empty(t, tr.pool.hosts)
	requireGood(t, tr, srv.url)
	require.Equal(t, before+1, srv.conns.Load())
}

func TestPoolCloseIdle(t *testing.T) {
	t.Parallel()
	srv, _ := slowServer(t, time.Millisecond)
	tr := newTransport(t, Options{})
	together(t, tr, srv.url, 5)
	tr.CloseIdleConnections()
	require.Zero(t, idleOf(tr))
	require.Empty(t, tr.pool.hosts)
	requireGood(t, tr, srv.url)
}

// TestPoolLIFO keeps using the connection that was used last, so that a pool
// shrinks after a rush.
func TestPoolLIFO(t *testing.T) {
	t.Parallel()
	var last atomic.Int64
	srv := serve(t, func(p *peer) {
		for req, _ := p.request(); req != nil; req, _ = p.request() {
			time.Sleep(2 * time.Millisecond)
			last.Store(int64(p.n))
			p.send(okAnswer)
		}
	})
	tr := newTransport(t, Options{})
	together(t, tr, srv.url, 5)
	requireGood(t, tr, srv.url)
	n := last.Load()
	for range 5 {
		requireGood(t, tr, srv.url)
		require.Equal(t, n, last.Load())
	}
}

// TestPoolOrder serves waiting requests in order of arrival.
func TestPoolOrder(t *testing.T) {
	t.Parallel()
	var order []string
	begin := make(chan struct{})
	srv := serve(t, func(p *peer) {
		for req, _ := p.request(); req != nil; req, _ = p.request() {
			order = append(order, req.URL.Path)
			<-begin
			p.send(okAnswer)
		}
	})
	tr := newTransport(t, Options{MaxConnsPerHost: 1})
	var wg sync.WaitGroup
	var want []string
	for n := range 5 {
		path := fmt.Sprintf("/%d", n)
		want = append(want, path)
		wg.Go(func() { do(tr, newRequest(t, http.MethodGet, srv.url+path, "")) })
		require.Eventually(t, func() bool { return srv.conns.Load() == 1 && waitersOf(tr) == n }, time.Second, time.Millisecond)
	}
	close(begin)
	wg.Wait()
	require.Equal(t, want, order)
}

// TestPoolWaitersGiveUp has waiters leave while places come free: no place may
// be lost.
func TestPoolWaitersGiveUp(t *testing.T) {
	t.Parallel()
	srv, _ := slowServer(t, time.Millisecond)
	for _, keep := range []int{-1, 2} {
		tr := newTransport(t, Options{MaxConnsPerHost: 2, MaxIdlePerHost: keep})
		var wg sync.WaitGroup
		for n := range 200 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(n%10)*time.Millisecond)
				defer cancel()
				do(tr, newRequest(t, http.MethodGet, srv.url, "").WithContext(ctx))
			})
		}
		wg.Wait()
		together(t, tr, srv.url, 10)
		tr.CloseIdleConnections()
		require.Empty(t, tr.pool.hosts)
	}
}

// TestPoolSeparates keeps targets apart that differ in any respect.
func TestPoolSeparates(t *testing.T) {
	t.Parallel()
	srv := answering(t, okAnswer)
	names := make(chan string, 1)
	tr := newTransport(t, Options{Target: func(*http.Request) (Target, error) {
		return Target{Address: srv.addr, ServerName: <-names}, nil
	}})
	for _, name := range []string{"a", "b", "a"} {
		names <- name
		requireGood(t, tr, srv.url)
	}
	require.Equal(t, int64(2), srv.conns.Load())
}

func TestOptionsDefaults(t *testing.T) {
	t.Parallel()
	o := Options{}.withDefaults()
	require.Equal(t, DefaultHeaderTimeout, o.HeaderTimeout)
	require.Equal(t, DefaultMaxConnsPerHost, o.MaxConnsPerHost)
	require.Equal(t, int64(DefaultMaxHeadBytes), o.MaxHeadBytes)
	o = Options{HeaderTimeout: -1, MaxConnsPerHost: -1, MaxHeadBytes: -1, ReadAhead: 1 << 30, IdleTimeout: 5}.withDefaults()
	require.Zero(t, o.HeaderTimeout)
	require.Zero(t, o.MaxConnsPerHost)
	require.Zero(t, o.MaxHeadBytes)
	require.Equal(t, int64(SmallBody), o.ReadAhead)
	require.Equal(t, time.Duration(5), o.IdleTimeout)
}
