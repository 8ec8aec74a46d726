package caddymodule

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	zapobserver "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/delivery"
)

// A receiver may answer with what it knows of a person. That is a body: nobody
// sees it who may not read bodies, nor is it in the log of the gateway.
func TestTheReceiversWordsAreForThoseWhoMayReadBodies(t *testing.T) {
	t.Parallel()
	h, store := telling(t, loopback, "")
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"message":"citizen 999990639 J. Jansen is known already"}`)
	}))
	t.Cleanup(receiver.Close)
	e := made(t, h.app, fmt.Sprintf(`{"name":"a","url":%q,"maxRetries":0}`, receiver.URL))
	a := &API{Tokens: []APIToken{{Scopes: []string{"read"}, SHA256: hashOf("look")}, {Scopes: []string{"read", "read:payload"}, SHA256: hashOf("open")}}, app: h.app, logger: h.logger}
	require.NoError(t, a.provisionAccess())
	t.Cleanup(func() { require.NoError(t, a.Cleanup()) })
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":"1"}`))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return stored(t, store)[0].State == delivery.Dead }, 20*time.Second, 5*time.Millisecond)

	ask := func(token, path string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		require.NoError(t, a.ServeHTTP(w, r, nil))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		return w.Body.String()
	}
	for _, path := range []string{"/api/webhooks/logs", "/api/dead-letters", "/api/dead-letters/" + e.UUID + "/1", "/api/messages/" + attemptsOf(t, store, e.UUID)[0].Message} {
		told := ask("look", path)
		require.NotContains(t, told, "Jansen", path)
		require.Contains(t, told, "client_error: status 422", path)
	}
	require.Contains(t, ask("open", "/api/webhooks/logs"), `"errorMessage":"client_error: status 422: citizen 999990639 J. Jansen is known already"`)

	letters, err := adminDeadLetters(cockpitOf(t, h), httptest.NewRequest(http.MethodGet, "/voorpoort/dead-letters", nil))
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(letters), "Jansen")
	core, logs := zapobserver.New(zapcore.DebugLevel)
	row := attemptsOf(t, store, e.UUID)[0]
	zap.New(core).Info("delivery", attemptFields("a", &row, delivery.Bury, "failed")...)
	require.Equal(t, "client_error: status 422", logs.All()[0].ContextMap()["error"])
}
