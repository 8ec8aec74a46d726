package request

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDropTunnels(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name           string
		header, expect []string
	}{
		{"nothing", nil, nil},
		{"no offer", []string{"Connection", "keep-alive"}, []string{"Connection", "keep-alive"}},
		{"h2c", []string{"Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "Http2-Settings", "AAA"}, nil},
		{"h2c, and something to keep", []string{"Connection", "upgrade, X-Hop", "Upgrade", "H2C"}, []string{"Connection", "X-Hop"}},
		{"the draft of h2c", []string{"Upgrade", "h2c-14"}, nil},
		{"HTTP by its name", []string{"Connection", "Upgrade", "Upgrade", "HTTP/2.0"}, nil},
		{"TLS", []string{"Connection", "Upgrade", "Upgrade", "TLS/1.0, HTTP/1.1"}, nil},
		{"SPDY", []string{"Connection", "Upgrade", "Upgrade", "SPDY/3.1"}, nil},
		{"an empty offer", []string{"Connection", "Upgrade", "Upgrade", " , "}, nil},
		{"a websocket", []string{"Connection", "Upgrade", "Upgrade", "WebSocket"}, []string{"Connection", "Upgrade", "Upgrade", "WebSocket"}},
		{
			"a websocket and h2c",
			[]string{"Connection", "Upgrade", "Upgrade", "h2c, websocket", "Upgrade", "h2c", "Http2-Settings", "AAA"},
			[]string{"Connection", "Upgrade", "Upgrade", "websocket"},
		},
	}
	for _, c := range cases {
		header := headRequest("GET", "", c.header...).Header
		DropTunnels(header)
		require.Equal(t, headRequest("GET", "", c.expect...).Header, header, c.name)
	}
}

func TestDropTunnelsOfAnOrdinaryRequestIsFree(t *testing.T) {
	header := http.Header{"Accept": {"*/*"}, "Connection": {"keep-alive"}}
	require.Zero(t, testing.AllocsPerRun(100, func() { DropTunnels(header) }))
}
