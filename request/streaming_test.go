package request

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckStreaming(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		method string
		header []string
		status int // 0: accepted
	}{
		{"an ordinary request", "POST", []string{"Content-Type", "application/json", "Connection", "keep-alive"}, 0},
		{"CONNECT", "CONNECT", nil, 400},
		{"a websocket", "GET", []string{"Connection", "keep-alive, Upgrade", "Upgrade", "websocket"}, 400},
		{"Upgrade alone", "POST", []string{"Upgrade", "foo"}, 400},
		{"Connection alone", "POST", []string{"Connection", "UPGRADE"}, 400},
		{"h2c among others", "POST", []string{"Upgrade", "h2c, websocket"}, 400},
		{"h2c and another line", "POST", []string{"Upgrade", "h2c", "Upgrade", "websocket"}, 400},
		{"gRPC", "POST", []string{"Content-Type", "application/grpc+proto"}, 415},
		{"gRPC-Web", "POST", []string{"Content-Type", "Application/gRPC-Web; x=y"}, 415},
		{"an event stream", "POST", []string{"Content-Type", "text/event-stream;charset=utf-8"}, 415},
		{"a broken parameter", "POST", []string{"Content-Type", "application/grpc; ="}, 415},
		{"a series of parts", "POST", []string{"Content-Type", "multipart/x-mixed-replace; boundary=b"}, 415},
		{"the second type", "POST", []string{"Content-Type", "application/json", "Content-Type", "application/grpc"}, 415},
		{"a part", "PUT", []string{"Content-Range", "bytes 0-4/10"}, 400},
	}
	for _, c := range cases {
		problem := CheckStreaming(headRequest(c.method, "", c.header...))
		if c.status == 0 {
			require.Nil(t, problem, c.name)
			continue
		}
		require.NotNil(t, problem, c.name)
		require.Equal(t, c.status, problem.Status, c.name)
	}
}

func TestCheckStreamingTurnsDownH2C(t *testing.T) {
	t.Parallel()
	r := headRequest("POST", "", "Connection", "Upgrade, HTTP2-Settings, X-Hop", "Upgrade", "h2c", "Http2-Settings", "AAA")
	require.Nil(t, CheckStreaming(r))
	require.Equal(t, http.Header{"Connection": {"X-Hop"}}, r.Header)

	r = headRequest("POST", "", "Connection", "upgrade", "Upgrade", "H2C")
	require.Nil(t, CheckStreaming(r))
	require.Empty(t, r.Header)
}
