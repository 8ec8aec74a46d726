package caddymodule

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/voorpoort/voorpoort/settle"
)

var errNoServer = errors.New("the server that the write came through is not in this configuration")

// serverOf is the server of Caddy's that a request came through, nil for none.
func serverOf(r *http.Request) *caddyhttp.Server {
	server, _ := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	return server
}

// serverName is the name of the server in the configuration, such as srv0.
func serverName(r *http.Request) string {
	if server := serverOf(r); server != nil {
		return server.Name()
	}
	return ""
}

// listeners are the addresses of the server that a request came through.
func listeners(r *http.Request) []string {
	if server := serverOf(r); server != nil {
		return server.Listen
	}
	return nil
}

// server finds the server of the running configuration that a write came
// through.
func (a *App) server(i *settle.Intent) (*caddyhttp.Server, error) {
	app, err := a.ctx.AppIfConfigured("http")
	if err != nil {
		return nil, errNoServer
	}
	web, ok := app.(*caddyhttp.App)
	if !ok {
		return nil, errNoServer
	}
	server := serverAmong(web.Servers, i.Server, i.Listen)
	if server == nil {
		return nil, errNoServer
	}
	return server, nil
}

// serverAmong finds a server by its addresses, of which no two servers have the
// same. Its name is given by the Caddyfile adapter, by position: another site can
// make srv0 of srv1. It counts only between servers that share the addresses, and
// for holds that know no more than it.
func serverAmong(servers map[string]*caddyhttp.Server, name string, listen []string) *caddyhttp.Server {
	if named := servers[name]; named != nil && (len(listen) == 0 || share(named.Listen, listen)) {
		return named
	}
	for _, other := range slices.Sorted(maps.Keys(servers)) {
		if share(servers[other].Listen, listen) {
			return servers[other]
		}
	}
	return nil
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(address string) bool { return slices.Contains(b, address) })
}
