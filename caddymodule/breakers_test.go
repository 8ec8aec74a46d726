package caddymodule

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

func TestAnInterceptorWhoseBreakerIsOpenIsTold(t *testing.T) {
	t.Parallel()
	url, calls := interceptorOf(t, http.StatusInternalServerError)
	h, _ := telling(t, loopback, "", fmt.Sprintf(
		`{"name":"checks","url":%q,"configuration":{"interceptRequests":true,"breaker":{"failures":2,"pause":60}}}`, url))
	registry := prometheus.NewRegistry()
	registry.MustRegister(breakers{h.app})
	require.Zero(t, gathered(t, registry)["interceptor_paused checks"])
	for range 3 {
		_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
		require.NoError(t, err)
	}
	require.EqualValues(t, 2, calls.Load(), "the third is not asked")
	require.InDelta(t, 1, gathered(t, registry)["interceptor_paused checks"], 0)

	registry = prometheus.NewRegistry()
	registry.MustRegister(breakers{&App{lineup: new(lineup)}})
	require.Empty(t, gathered(t, registry), "nothing is in force yet")
}
