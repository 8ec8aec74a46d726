package caddymodule

import (
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
