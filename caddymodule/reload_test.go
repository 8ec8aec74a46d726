package caddymodule

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	zaplog "go.uber.org/zap/zaptest/observer"
)

// TestAReloadWhileAWebhookIsAsked: the configuration ends before the write is
// held, and its store stays open until it is settled.
func TestAReloadWhileAWebhookIsAsked(t *testing.T) {
	t.Parallel()
	var app atomic.Pointer[App]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a := app.Load()
		_, _ = a.Stop(), a.Cleanup()
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	h, _ := telling(t, "", "", nobody, fmt.Sprintf(`{"name":"a","url":%q,"configuration":{"interceptRequests":true}}`, s.URL))
	app.Store(h.app)
	w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, 201, w.Code)
	require.NotEmpty(t, w.Header().Get(eventHeader))
	require.Eventually(t, func() bool {
		_, open := queues.References(h.app.storage.Resource())
		return !open
	}, 10*time.Second, 10*time.Millisecond, "and closes then")
}

// TestCleanupWithoutStop is what Caddy does when another app does not start.
func TestCleanupWithoutStop(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", nobody)
	queue := h.app.queue
	require.Equal(t, h.app, queue.owner.newest())
	require.NoError(t, h.app.Cleanup())
	require.Nil(t, queue.owner.newest())
}

// TestAQueueLogsToTheNewestConfiguration: the log of the one before is closed. A
// reload that fails gives it back.
func TestAQueueLogsToTheNewestConfiguration(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", nobody)
	queue := h.app.queue
	next := func() (*App, *zaplog.ObservedLogs) {
		core, lines := zaplog.New(zap.InfoLevel)
		app := provisioned(t, `{"store":{"type":"memory","name":"`+t.Name()+`"},"webhooks":[`+nobody+`]}`, `{"presets":["openregister"]}`).app
		app.logger = zap.New(core)
		require.NoError(t, app.Start())
		require.Same(t, queue, app.queue, "the same store")
		return app, lines
	}
	second, secondLines := next()
	queue.observer.StoreChanged(errStoreDown)
	require.Equal(t, 1, secondLines.Len())

	failed, failedLines := next()
	queue.gap("hold", "e1", errStoreDown)
	require.Equal(t, 1, failedLines.Len())
	require.NoError(t, failed.Cleanup())
	queue.observer.StoreChanged(nil)
	require.Equal(t, 2, secondLines.Len(), "the one before is the newest again")
	require.Equal(t, 1, failedLines.Len())
	require.NoError(t, second.Stop())
	require.NoError(t, second.Cleanup())
}
