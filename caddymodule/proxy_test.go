package caddymodule

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"github.com/stretchr/testify/require"
)

// proxyTo is a provisioned proxy to a server that answers so.
func proxyTo(t *testing.T, answer http.HandlerFunc) *Proxy {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	p := &Proxy{Upstream: server.URL}
	require.NoError(t, p.Provision(ctx))
	t.Cleanup(func() { require.NoError(t, p.Cleanup()) })
	return p
}

func TestAProxyThatWasNeverProvisionedIsCleanedUp(t *testing.T) {
	t.Parallel()
	require.NoError(t, new(Proxy).Cleanup())
}

// TestAnAnswerThatBreaksOffIsNeverTakenForAWholeOne, nor in a request of the
// gateway's own, which has no server.
func TestAnAnswerThatBreaksOffIsNeverTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	p := proxyTo(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "the first bytes")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	w := httptest.NewRecorder()
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		_ = p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), nil)
	})
	require.True(t, w.Flushed, "what has come is the client's")
	require.Equal(t, "the first bytes", w.Body.String())
}

func TestTheHandlersOwnFieldsOutliveInformationalAnswers(t *testing.T) {
	t.Parallel()
	p := proxyTo(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("X-Both", "register")
		w.Header().Set("Server", "register")
		w.WriteHeader(http.StatusNoContent)
	})
	w := httptest.NewRecorder()
	w.Header().Set("X-Both", "handler")
	w.Header().Set("X-Own", "handler")
	w.Header().Set("Server", "Caddy")
	require.NoError(t, p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), nil))
	require.Equal(t, []string{"handler", "register"}, w.Header().Values("X-Both"))
	require.Equal(t, []string{"handler"}, w.Header().Values("X-Own"))
	require.Equal(t, []string{"register"}, w.Header().Values("Server"))
	require.Equal(t, []string{"1.1 Caddy"}, w.Header().Values("Via"))
}

func TestWhatFailsHasTheStatusOfReverseProxy(t *testing.T) {
	t.Parallel()
	for status, err := range map[int]error{
		http.StatusBadGateway:     reverseproxy.NewDialError(errors.New("refused")),
		http.StatusGatewayTimeout: fmt.Errorf("reading the head: %w", os.ErrDeadlineExceeded),
		statusClientClosed:        fmt.Errorf("waiting: %w", context.Canceled),
	} {
		var failure caddyhttp.HandlerError
		require.ErrorAs(t, failed(err), &failure)
		require.Equal(t, status, failure.StatusCode)
		require.ErrorIs(t, failure, err)
	}
}

func TestTrailersGoOnThoughTheLengthIsKnown(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	p := proxyTo(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Trailer.Set("X-Body", string(body))
		got <- r.Trailer
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", strings.NewReader("hallo"))
	r.Header.Set("Content-Length", "5")
	r.Trailer = http.Header{"X-Sum": {"42"}}
	require.NoError(t, p.ServeHTTP(httptest.NewRecorder(), r, nil))
	require.Equal(t, http.Header{"X-Sum": {"42"}, "X-Body": {"hallo"}}, <-got)
}

func TestEarlyDataIsMarked(t *testing.T) {
	t.Parallel()
	got := make(chan []string, 1)
	p := proxyTo(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Values("Early-Data") })
	for _, complete := range []bool{true, false} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.TLS = &tls.ConnectionState{HandshakeComplete: complete}
		require.NoError(t, p.ServeHTTP(httptest.NewRecorder(), r, nil))
		require.Equal(t, complete, len(<-got) == 0)
	}
}

// TestWhoTheRequestCameFrom where the e2e tests do not come: odd addresses.
func TestWhoTheRequestCameFrom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		remote  string
		trusted bool
		want    http.Header
	}{
		"an IPv6 zone":          {"[fe80::1%eth0]:5", false, http.Header{"X-Forwarded-For": {"fe80::1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"h"}}},
		"nobody":                {"", true, http.Header{}},
		"a socket":              {"@", false, http.Header{}},
		"a socket of a proxy's": {"@", true, http.Header{"X-Forwarded-For": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"h"}}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://h/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		vars := map[string]any{caddyhttp.TrustedProxyVarKey: c.trusted}
		r = r.WithContext(context.WithValue(r.Context(), caddyhttp.VarsCtxKey, vars))
		out := http.Header{}
		addForwarded(r, out)
		require.Equal(t, c.want, out, name)
	}
}

func TestViaNamesTheVersionOfHTTP(t *testing.T) {
	t.Parallel()
	h := http.Header{"Via": {"1.0 edge"}}
	addVia(h, 1, 1)
	addVia(h, 2, 0)
	require.Equal(t, []string{"1.0 edge", "1.1 Caddy", "2.0 Caddy"}, h["Via"])
}
