package caddymodule

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"
)

// routes makes a handler of Caddy's own router.
func routes(t *testing.T, config string) caddyhttp.HandlerFunc {
	t.Helper()
	ctx, cancel := caddy.NewContext(caddy.Context{Context: context.Background()})
	t.Cleanup(cancel)
	module, err := ctx.LoadModuleByID("http.handlers.subroute", json.RawMessage(config))
	require.NoError(t, err)
	return func(w http.ResponseWriter, r *http.Request) error {
		return module.(caddyhttp.MiddlewareHandler).ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusTeapot) // no route took it
			return nil
		}))
	}
}

// telltale is a webhook that wants to know how a resource was.
const telltale = `{"name":"nobody","url":"http://127.0.0.1:9","filters":{"before.name":"Tom"}}`

// TestAQuestionTakesNoRouteAway: of the handle blocks of a Caddyfile a request
// takes one. That the gateway's own question took it must not keep the write
// from it.
func TestAQuestionTakesNoRouteAway(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", telltale)
	w, err := send(t, h, http.MethodPut, cats+"/7", `{"name":"Felix"}`, routes(t,
		`{"routes":[{"group":"handle","handle":[{"handler":"static_response","status_code":200,"body":"{\"name\":\"Tom\"}"}]}]}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, w.Code)
	require.Len(t, stored(t, store), 1)
}

// TestAQuestionGoesTheRequestsWay: it has the request's variables, placeholders
// and groups, and leaves nothing in them.
func TestAQuestionGoesTheRequestsWay(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", telltale)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPut, cats+"/7", `{"name":"Felix"}`)
	replacer := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	replacer.Set("http.auth.user.id", "tom")
	caddyhttp.SetVar(r.Context(), "tenant", "a")
	asked := false
	require.NoError(t, h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		inner := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
		require.Equal(t, r.Method+" tom a", inner.ReplaceAll("{http.request.method} {http.auth.user.id} {http.vars.tenant}", "")) //nolint:testifylint // on the goroutine of the test
		if r.Method == http.MethodGet {
			asked = true
			require.Equal(t, "identity", r.Header.Get("Accept-Encoding")) //nolint:testifylint // on the goroutine of the test
			inner.Set("http.reverse_proxy.status_code", 404)
			caddyhttp.SetVar(r.Context(), "unhandled", true)
		} else {
			require.Nil(t, caddyhttp.GetVar(r.Context(), "unhandled")) //nolint:testifylint // on the goroutine of the test
		}
		return registerSays(200, `{"name":"Tom"}`)(w, r)
	})))
	require.True(t, asked)
	_, known := replacer.Get("http.reverse_proxy.status_code")
	require.False(t, known)
}
