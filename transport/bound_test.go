package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var errBound = errors.New("the caller's own time is up")

// bounded makes every request with a bound that far from now.
type bounded struct {
	*Transport
	after time.Duration
}

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	return b.RoundTripUntil(req, time.Now().Add(b.after), errBound)
}

// A bound ends an exchange at each stage as the deadline of a context does.
func TestABoundEndsTheExchange(t *testing.T) {
	t.Parallel()
	silent := func(p *peer) { _, _ = io.Copy(io.Discard, p) }
	for name, stage := range map[string]struct {
		handle func(*peer)
		opt    Options
		after  time.Duration
	}{
		"before it begins":     {handle: silent, after: -time.Second},
		"dialing":              {handle: silent, opt: Options{Dial: hangingDial}},
		"waiting for the head": {handle: silent},
		"within the head":      {handle: func(p *peer) { p.request(); p.send("HTTP/1.1 200 OK\r\nA: "); silent(p) }},
		"within the body":      {handle: func(p *peer) { p.request(); p.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"); silent(p) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if stage.after == 0 {
				stage.after = 30 * time.Millisecond
			}
			srv := serve(t, stage.handle)
			tr := newTransport(t, stage.opt)
			start := time.Now()
			r := do(bounded{tr, stage.after}, newRequest(t, http.MethodPost, srv.url, "body"))
			require.ErrorIs(t, r.err(), context.DeadlineExceeded)
			require.ErrorIs(t, r.err(), errBound)
			require.True(t, isTimeout(r.err()))
			require.Less(t, time.Since(start), time.Second)
			require.Empty(t, tr.pool.hosts, "a connection was kept")
		})
	}
}

func TestABoundEndsTheWaitForAConnection(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { _, _ = io.Copy(io.Discard, p) })
	tr := newTransport(t, Options{MaxConnsPerHost: 1})
	first, req := make(chan result), newRequest(t, http.MethodGet, srv.url, "")
	go func() { first <- do(bounded{tr, 200 * time.Millisecond}, req) }()
	require.Eventually(t, func() bool {
		tr.pool.mu.Lock()
		defer tr.pool.mu.Unlock()

		return len(tr.pool.hosts) == 1
	}, time.Second, time.Millisecond)
	second := do(bounded{tr, 20 * time.Millisecond}, newRequest(t, http.MethodGet, srv.url, ""))
	require.ErrorIs(t, second.err(), errBound)
	require.ErrorIs(t, (<-first).err(), errBound)
	require.Empty(t, tr.pool.hosts)
}

func TestTheEarlierOfBoundAndContextCounts(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { _, _ = io.Copy(io.Discard, p) })
	tr := newTransport(t, Options{})
	cause := errors.New("the request's own")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, cause)
	defer cancel()
	r := do(bounded{tr, time.Minute}, newRequest(t, http.MethodGet, srv.url, "").WithContext(ctx))
	require.ErrorIs(t, r.err(), cause)
	require.NotErrorIs(t, r.err(), errBound)
}

func TestACanceledRequestIsNotATimeout(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { _, _ = io.Copy(io.Discard, p) })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	r := do(bounded{newTransport(t, Options{}), time.Minute}, newRequest(t, http.MethodGet, srv.url, "").WithContext(ctx))
	require.ErrorIs(t, r.err(), context.Canceled)
	require.False(t, isTimeout(r.err()))
}

// The bound of one exchange is no limit for the next on the same connection.
func TestAConnectionOutlivesABound(t *testing.T) {
	t.Parallel()
	srv := answering(t, okAnswer)
	tr := newTransport(t, Options{})
	var conns []string
	for _, after := range []time.Duration{time.Second, time.Minute} {
		r := do(bounded{tr, after}, newRequest(t, http.MethodGet, srv.url, ""))
		require.NoError(t, r.err())
		require.Equal(t, "ok", r.body)
		require.Len(t, tr.pool.hosts, 1)
		for _, h := range tr.pool.hosts {
			require.Len(t, h.idle, 1)
			conns = append(conns, h.idle[0].sock.LocalAddr().String())
		}
		time.Sleep(1100 * time.Millisecond) // past the first bound
	}
	require.Equal(t, conns[0], conns[1])
	requireGood(t, tr, srv.url) // without a bound: nothing is left of the last one
}

// A body too large for one write is bounded as well.
func TestABoundEndsAStream(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { time.Sleep(time.Second) })
	tr := newTransport(t, Options{})
	body := string(make([]byte, 32<<20))
	r := do(bounded{tr, 30 * time.Millisecond}, newRequest(t, http.MethodPost, srv.url, body))
	require.ErrorIs(t, r.err(), errBound)
	require.Empty(t, tr.pool.hosts)
}
