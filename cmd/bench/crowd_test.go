package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCrowdStaysConnected(t *testing.T) {
	t.Parallel()
	var open atomic.Int64
	server := httptest.NewUnstartedServer(upstream())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		case http.StateActive, http.StateIdle, http.StateHijacked:
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()

	c := gather(t.Context(), address, wire(address, "/", document(requestSize)), 20, 5)
	require.Equal(t, map[string]int{"201": 20}, c.statuses)
	require.EqualValues(t, 20, open.Load())
	c.leave()
	require.Empty(t, c.conns)
}

func TestCrowdTellsFailures(t *testing.T) {
	t.Parallel()
	c := gather(t.Context(), freeAddress(t), []byte("x"), 3, 3)
	require.Equal(t, map[string]int{"no connection": 3}, c.statuses)

	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	address := refusing.Listener.Addr().String()
	c = gather(t.Context(), address, wire(address, "/", nil), 3, 3)
	require.Equal(t, map[string]int{"404": 3}, c.statuses)
	c.leave()

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { silent.Close() })
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			_ = conn.(*net.TCPConn).CloseWrite()
		}
	}()
	c = gather(t.Context(), silent.Addr().String(), []byte("x"), 1, 1)
	require.Equal(t, map[string]int{"no answer": 1}, c.statuses)
}
