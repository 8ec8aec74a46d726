package caddymodule

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"
)

// TestAServerIsFoundByItsAddresses: the names srv0, srv1 of a Caddyfile move when
// sites come and go.
func TestAServerIsFoundByItsAddresses(t *testing.T) {
	t.Parallel()
	servers := map[string]*caddyhttp.Server{
		"srv0": {Listen: []string{":80"}}, "srv1": {Listen: []string{":443", ":8443"}}, "admin": {Listen: []string{":9000"}},
	}
	for _, c := range []struct {
		name   string
		listen []string
		want   string
	}{
		{"srv1", []string{":443", ":8443"}, "srv1"},
		{"srv0", []string{":443", ":8443"}, "srv1"},
		{"srv0", []string{":443"}, "srv1"},
		{"srv7", []string{":80"}, "srv0"},
		{"srv0", []string{":80", ":443"}, "srv0"},
		{"srv0", []string{":81"}, ""},
		{"srv0", nil, "srv0"},
		{"srv7", nil, ""},
	} {
		got := serverAmong(servers, c.name, c.listen)
		if c.want == "" {
			require.Nil(t, got, c)
			continue
		}
		require.Same(t, servers[c.want], got, c)
	}
}

// TestAWriteIsAskedAboutThroughItsServer though that has another name now.
func TestAWriteIsAskedAboutThroughItsServer(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "a", "echo"))
	i := deleting(a)
	i.Server, i.Listen = "srv7", []string{"127.0.0.1:0"}
	require.Equal(t, "a", echoed(t, a, i)["key"])
	i.Server, i.Listen = "srv0", []string{"127.0.0.1:1"}
	_, _, err := a.gates.all[0].inquire(t.Context(), i, i.Path)
	require.ErrorIs(t, err, errNoServer)
}

func TestARequestWithoutAServer(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", nil)
	require.Empty(t, serverName(r))
	require.Empty(t, listeners(r))
}
