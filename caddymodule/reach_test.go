package caddymodule

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"github.com/stretchr/testify/require"
)

var errNobodyThere = caddyhttp.Error(http.StatusBadGateway, reverseproxy.NewDialError(errors.New("refused")))

// TestNobodyThereAtLast: a write whose first attempt reached the register may
// have happened, although the last one found nobody.
func TestNobodyThereAtLast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attempts func(*http.Request)
		doubts   int
	}{
		"one attempt": {func(*http.Request) {}, 0},
		"nobody twice": {func(r *http.Request) {
			httptrace.ContextClientTrace(r.Context()).GetConn("register:80")
			retried(r)
		}, 0},
		"somebody at first": {func(r *http.Request) {
			trace := httptrace.ContextClientTrace(r.Context())
			trace.GetConn("register:80")
			trace.GotConn(httptrace.GotConnInfo{})
		}, 1},
		"twice, unwatched": {retried, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, store := telling(t, `,"recover_after":3600000000000`, "", nobody)
			_, err := send(t, h, http.MethodPost, cats, `{}`, caddyhttp.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) error {
				c.attempts(r)
				return errNobodyThere
			}))
			require.Error(t, err)
			require.Len(t, holds(t, store), c.doubts)
		})
	}
}

func retried(r *http.Request) {
	r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer).Set("http.reverse_proxy.retries", 1)
}

// TestTheLastAnswerTellsNothingOfTheTimesBefore: what a write did that was sent
// twice is not in the refusal of the second time.
func TestTheLastAnswerTellsNothingOfTheTimesBefore(t *testing.T) {
	t.Parallel()
	sent := func(times int) func(*http.Request) {
		return func(r *http.Request) {
			trace := httptrace.ContextClientTrace(r.Context())
			for range times {
				trace.GetConn("register:80")
				trace.GotConn(httptrace.GotConnInfo{})
				trace.WroteHeaders()
			}
		}
	}
	for name, c := range map[string]struct {
		attempts func(*http.Request)
		doubts   int
	}{
		"sent once":  {sent(1), 0},
		"sent twice": {sent(2), 1},
		"nobody the first time": {func(r *http.Request) {
			httptrace.ContextClientTrace(r.Context()).GetConn("register:80")
			retried(r)
			sent(1)(r)
		}, 0},
		"twice, unwatched": {retried, 1},
	} {
		for way, register := range map[string]caddyhttp.HandlerFunc{
			"an answer": registerSays(http.StatusNotFound, `{}`),
			"an error":  func(http.ResponseWriter, *http.Request) error { return caddyhttp.Error(http.StatusNotFound, nil) },
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				h, store := telling(t, `,"recover_after":3600000000000`, "", nobody)
				_, _ = send(t, h, http.MethodDelete, cats+"/1", ``, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
					if r.Method == http.MethodGet {
						return registerSays(200, `{}`)(w, r)
					}
					c.attempts(r)
					return register(w, r)
				}))
				require.Len(t, holds(t, store), c.doubts)
			})
		}
	}
}

// TestAConditionThatFailsTheSecondTime may have held the first time: the gateway
// does not repeat such a write itself, and does not say that it was refused.
func TestAConditionThatFailsTheSecondTime(t *testing.T) {
	t.Parallel()
	h, store := telling(t, `,"recover_after":3600000000000`, "", `{"name":"nobody","url":"http://127.0.0.1:9","filters":{"before.name":"Tom"}}`)
	writes := 0
	_, err := send(t, h, http.MethodPut, cats+"/1", `{"name":"Tim"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodGet {
			w.Header().Set("ETag", `"1"`)
			return registerSays(200, `{"name":"Tom"}`)(w, r)
		}
		writes++
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GetConn("register:80")
		trace.WroteHeaders()
		trace.WroteHeaders()
		return registerSays(http.StatusPreconditionFailed, `{}`)(w, r)
	}))
	require.ErrorIs(t, err, errRepeated)
	require.Equal(t, http.StatusBadGateway, statusOf(err))
	require.Equal(t, 1, writes)
	require.Len(t, holds(t, store), 1, "the register has to be asked")
}

// TestGoRepeatsByItself: the register takes a write with a key of idempotence
// and dies. Go's transport sends it again, and finds nobody.
func TestGoRepeatsByItself(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var writes atomic.Int32
	server := &httptest.Server{Listener: listener, Config: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				return
			}
			writes.Add(1)
			_ = listener.Close()
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}),
	}}
	server.Start()
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	h, store := telling(t, `,"recover_after":3600000000000`, "", nobody)
	_, err = send(t, h, http.MethodPost, cats, `{}`, caddyhttp.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) error {
		warm, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody) //nolint:contextcheck // that of r is watched
		if err != nil {
			return err
		}
		answer, err := transport.RoundTrip(warm) // so that there is a connection to reuse
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		again, err := http.NewRequestWithContext(r.Context(), http.MethodPost, server.URL, http.NoBody)
		if err != nil {
			return err
		}
		again.Header.Set("Idempotency-Key", "1")
		if _, err = transport.RoundTrip(again); err != nil {
			err = errNobodyThere // Caddy's transport says so of a connection that is refused
		}
		return err
	}))
	require.Error(t, err)
	require.EqualValues(t, 1, writes.Load())
	require.Len(t, holds(t, store), 1, "the register has to be asked")
}

// TestGoRepeatsARemoval: the register removes the thing and dies before it says so.
// Go's transport sends the request again, and the thing is not there.
func TestGoRepeatsARemoval(t *testing.T) {
	t.Parallel()
	var removals atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodDelete {
			return
		}
		if removals.Add(1) > 1 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	forward := func(ctx context.Context, method string) (status int, err error) {
		r, err := http.NewRequestWithContext(ctx, method, server.URL, http.NoBody)
		if err != nil {
			return 0, err
		}
		r.Header.Set("Idempotency-Key", "1")
		answer, err := transport.RoundTrip(r)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	_, err := forward(t.Context(), http.MethodGet) // so that there is a connection to reuse
	require.NoError(t, err)
	h, store := telling(t, `,"recover_after":3600000000000`, "", nobody)
	w, err := send(t, h, http.MethodDelete, cats+"/1", ``, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		status, err := forward(r.Context(), r.Method)
		w.WriteHeader(status)
		return err
	}))
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, w.Code)
	require.EqualValues(t, 2, removals.Load())
	require.Len(t, holds(t, store), 1, "the register has to be asked")
}
