package request

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDropHopByHop(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name           string
		header, expect []string
	}{
		{"no Connection", []string{"X-A", "1"}, []string{"X-A", "1"}},
		{"keep-alive", []string{"Connection", "keep-alive", "X-A", "1"}, []string{"Connection", "keep-alive", "X-A", "1"}},
		{"a field", []string{"Connection", "X-A", "X-A", "1", "X-B", "2"}, []string{"X-B", "2"}},
		{"a field that is not there", []string{"Connection", "Voorpoort-Flag"}, nil},
		{"other capitals", []string{"Connection", "content-TYPE", "Content-Type", "a/b"}, nil},
		{"among options", []string{"Connection", "close, X-A ,,Upgrade", "X-A", "1"}, []string{"Connection", "close, Upgrade"}},
		{"in the second line", []string{"Connection", "Keep-Alive", "Connection", "X-A", "X-A", "1"}, []string{"Connection", "Keep-Alive"}},
		{"Upgrade stays", []string{"Connection", "Upgrade", "Upgrade", "websocket"}, []string{"Connection", "Upgrade", "Upgrade", "websocket"}},
		{"Connection itself", []string{"Connection", "Connection"}, nil},
	}
	for _, c := range cases {
		header := headRequest("POST", "", c.header...).Header
		DropHopByHop(header)
		require.Equal(t, headRequest("POST", "", c.expect...).Header, header, c.name)
	}
}

func TestDropHopByHopOfAnOrdinaryRequestIsFree(t *testing.T) {
	header := http.Header{"Accept": {"*/*"}, "Connection": {"keep-alive"}}
	require.Zero(t, testing.AllocsPerRun(100, func() { DropHopByHop(header) }))
}
