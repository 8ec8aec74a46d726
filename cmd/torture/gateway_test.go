package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func fakeOf(t *testing.T, kind string) *gateway {
	t.Helper()
	s := fakeStage(t, kind)
	l := layout{Site: freeAddress(t), Admin: freeAddress(t), Register: "127.0.0.1:1", Store: "local " + s.dir, Receivers: []string{"127.0.0.1:2"}}
	g, err := newGateway("gateway-1", s.gateway, filepath.Join(s.dir, "home"), l)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.stop() })
	return g
}

func TestGatewayIsKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	g := fakeOf(t, patient)
	require.ErrorIs(t, g.kill(), errEndedItself)
	require.NoError(t, g.stop(), "one that does not run is stopped")
	for range 2 {
		require.NoError(t, g.start(t.Context()))
		status, _ := get(t, g.url())
		require.Equal(t, http.StatusBadGateway, status)
		require.NoError(t, g.kill())
	}
	require.Equal(t, 2, g.starts)
	require.ErrorIs(t, g.kill(), errEndedItself, "nobody else may have ended it")
	require.NoError(t, g.start(t.Context()))
	require.NoError(t, g.stop())
}

func TestGatewayTrouble(t *testing.T) {
	t.Parallel()
	g := fakeOf(t, patient)
	require.Empty(t, g.trouble())
	for _, text := range troubles {
		require.NoError(t, os.WriteFile(filepath.Join(g.dir, "log"), []byte("so far so good\n"+text), 0o600))
		require.NotEmpty(t, g.trouble(), text)
	}
	require.NoError(t, os.Remove(filepath.Join(g.dir, "log")))
	require.NotEmpty(t, g.trouble(), "without a log nobody knows")
}

func TestGatewayReloads(t *testing.T) {
	t.Parallel()
	g := fakeOf(t, patient)
	require.Error(t, g.reload(t.Context()), "it does not run")
	require.NoError(t, g.start(t.Context()))
	require.Eventually(t, func() bool { return g.reload(t.Context()) == nil }, time.Minute, 10*time.Millisecond)
	before := g.layout.Variant
	require.NoError(t, g.reload(t.Context()))
	require.Greater(t, g.layout.Variant, before)
}

func TestEachReloadIsAnother(t *testing.T) {
	t.Parallel()
	l := layout{Site: "127.0.0.1:80", OnStoreDown: "spool", Store: "redis redis://127.0.0.1:1/0", Receivers: []string{"a:1", "b:2"}}
	first := l.caddyfile()
	require.Equal(t, first, l.caddyfile())
	require.Contains(t, first, "on_store_down spool")
	require.Contains(t, first, "store redis redis://127.0.0.1:1/0\n")
	require.Equal(t, 2, strings.Count(first, "retry standard-webhooks"))
	l.Variant++
	require.NotEqual(t, first, l.caddyfile())
	l.OnStoreDown = ""
	require.NotContains(t, l.caddyfile(), "on_store_down")
}
