package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func serve(t *testing.T, h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	w := serve(t, upstream(), http.MethodPost, "/any", "12345")
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, "5", w.Header().Get(receivedHeader))
	require.Equal(t, answerSize, w.Body.Len())
}

func TestInterceptorCountsItsCalls(t *testing.T) {
	t.Parallel()
	h := interceptor()
	w := serve(t, h, http.MethodPost, "/merge", "{}")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, patch, w.Body.String())
	w = serve(t, h, http.MethodPost, "/validate", "{}")
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Equal(t, "2", serve(t, h, http.MethodGet, "/calls", "").Body.String())
}

func TestAuthCountsItsCalls(t *testing.T) {
	t.Parallel()
	h := auth()
	require.Equal(t, http.StatusNoContent, serve(t, h, http.MethodGet, "/auth", "").Code)
	calls, err := strconv.Atoi(serve(t, h, http.MethodGet, "/calls", "").Body.String())
	require.NoError(t, err)
	require.Equal(t, 1, calls)
}

func TestBackendByName(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"upstream", "interceptor", "auth", "receiver"} {
		h, err := backend(role)
		require.NoError(t, err)
		require.NotNil(t, h)
	}
	_, err := backend("nobody")
	require.ErrorIs(t, err, errRole)
}
