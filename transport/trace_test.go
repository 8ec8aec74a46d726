package transport

import (
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTrace(t *testing.T) {
	t.Parallel()
	srv := answering(t, "HTTP/1.1 100 Continue\r\n\r\n"+okAnswer)
	tr := newTransport(t, Options{})
	for n, body := range []string{"small", strings.Repeat("x", 1<<20)} {
		var events []string
		var reused bool
		note := func(s string) { events = append(events, s) }
		wrote := make(chan error, 1)
		trace := &httptrace.ClientTrace{
			GetConn:              func(hostPort string) { note("get " + hostPort) },
			GotConn:              func(info httptrace.GotConnInfo) { note("got"); reused = info.Reused },
			WroteRequest:         func(info httptrace.WroteRequestInfo) { wrote <- info.Err },
			GotFirstResponseByte: func() { note("first byte") },
			Got100Continue:       func() { note("100") },
		}
		req := newRequest(t, http.MethodPost, srv.url, body)
		require.NoError(t, do(tr, req.WithContext(httptrace.WithClientTrace(req.Context(), trace))).err())
		require.NoError(t, <-wrote)
		require.Equal(t, []string{"get " + srv.addr, "got", "first byte", "100"}, events)
		require.Equal(t, n > 0, reused)
	}
}
