package transport_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/transport"
)

func TestARetiredTransportServesAndKeepsNothing(t *testing.T) {
	t.Parallel()
	var (
		mu   sync.Mutex
		open = map[net.Conn]bool{}
	)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if open[c] = true; state == http.StateClosed {
			delete(open, c)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	connections := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(open)
	}
	tr := transport.New(transport.Options{})
	t.Cleanup(tr.Close)
	get := func() {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		response, err := tr.RoundTrip(request)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	get()
	require.Equal(t, 1, connections(), "kept for the next request")
	tr.Retire()
	none := func() bool { return connections() == 0 }
	require.Eventually(t, none, 5*time.Second, 5*time.Millisecond)
	get()
	require.Eventually(t, none, 5*time.Second, 5*time.Millisecond, "served, and not kept")
}
