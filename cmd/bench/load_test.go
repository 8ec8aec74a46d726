package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

func loadOf(server *httptest.Server) load {
	address := server.Listener.Addr().String()
	return load{
		Address:     address,
		Request:     wire(address, "/", document(requestSize)),
		Connections: 4,
		Duration:    100 * time.Millisecond,
	}
}

func TestLoadCountsWholeAnswers(t *testing.T) {
	t.Parallel()
	var served, connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		upstream().ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)

	result := loadOf(server).run()
	require.Zero(t, result.Errors, result.Failure)
	require.Positive(t, result.Requests)
	require.Greater(t, result.Sent, result.Requests, "the warm-up is sent but not counted")
	require.EqualValues(t, served.Load(), result.Sent)
	require.EqualValues(t, 4, connections.Load(), "connections are kept alive")
	require.GreaterOrEqual(t, result.Seconds, 0.1)
	require.LessOrEqual(t, result.P50, result.P99)
}

func TestLoadCountsWrongAnswersAsErrors(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(server.Close)

	result := loadOf(server).run()
	require.Zero(t, result.Requests)
	require.Equal(t, 4*maxFailures, result.Errors)
	require.Equal(t, "unexpected status: 502", result.Failure)
}

func TestLoadEndsWhenNobodyListens(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	result := load{Address: address, Request: []byte("x"), Connections: 2, Duration: time.Minute}.run()
	require.Equal(t, 2*maxFailures, result.Errors)
	require.NotEmpty(t, result.Failure)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := process.PickAddress(t.Context())
	require.NoError(t, err)
	return address
}
