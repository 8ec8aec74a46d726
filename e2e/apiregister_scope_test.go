package e2e_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scopes are those of a token each, which is called as its scope is.
var scopes = []string{"read", "write", "replay", "read:payload"}

func tokenOf(scope string) string {
	return "token-of-" + strings.ReplaceAll(scope, ":", "-") + "-8W3K5Q"
}

// newScopedDesk starts a gateway whose API, in both places, has a token for each
// scope, and one for all.
func newScopedDesk(t testing.TB, s *storage, more string, answer func(http.ResponseWriter, call)) *desk {
	t.Helper()
	d := &desk{storage: s, shelf: newShelf(t), receiver: receiverWith(t, answer)}
	api := "voorpoort_api {\ntoken read,write,replay,read:payload " + hashOf(ownerToken) + "\n"
	for _, scope := range scopes {
		api += "token " + scope + " " + hashOf(tokenOf(scope)) + "\n"
	}
	api += "}\n"
	d.gateway = start(t, d.globals(more),
		"handle "+ourMount+"/* {\n"+api+"}\nhandle "+seedMount+"/* {\n"+api+"}\nhandle {\n"+inFrontOf(d.shelf)+"}\n")
	return d
}

// ask makes a call of the API in one of its places; no token is "".
func (d *desk) ask(t testing.TB, mount, token, route, body string, headers ...string) answer {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	if token != "" {
		headers = append(headers, "Authorization: Bearer "+token)
	}
	return insist(t, method, d.URL+mount+"/api"+path, body, headers...)
}

// guardedRoutes are all routes that are not open to everybody, by what they need.
var guardedRoutes = map[string][]string{
	"read": {
		"GET /webhooks", "GET /webhooks/1", "GET /webhooks/events", "GET /webhooks/1/logs", "GET /webhooks/1/logs/stats", "GET /webhooks/logs",
		"GET /webhooks/logs/1", "GET /messages", "GET /messages/1", "GET /dead-letters", "GET /dead-letters/1/1", "GET /jobs", "GET /jobs/1",
		"GET /holds", "GET /overview", "GET /interceptions", "GET /stream", "GET /events", "GET /events/1", "GET /events/1/messages",
		"GET /events/subscriptions", "GET /events/subscriptions/1", "GET /events/subscriptions/1/messages", "GET /events/subscriptions/1/pull",
		"POST /check",
	},
	"write": {
		"POST /webhooks", "PUT /webhooks/1", "PATCH /webhooks/1", "DELETE /webhooks/1", "POST /webhooks/1/test", "POST /events",
		"POST /events/subscriptions", "PUT /events/subscriptions/1", "DELETE /events/subscriptions/1", "POST /events/subscriptions/1/acknowledge",
	},
	"replay": {
		"POST /webhooks/1/resume", "POST /webhooks/logs/1/retry", "POST /dead-letters/1/1/replay", "POST /dead-letters/1/1/discard",
		"POST /dead-letters/replay", "POST /replay", "DELETE /jobs/1", "POST /holds/1/settle",
	},
}

// TestEveryRouteOfTheBuiltAPINeedsItsScope: without a token 401, with one of
// every other scope 403, and nothing changes. With its own scope it is another
// answer, whatever that is.
func TestEveryRouteOfTheBuiltAPINeedsItsScope(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newScopedDesk(t, s, "", takes)
		made := d.ask(t, ourMount, ownerToken, "POST /webhooks", `{"name":"kept","url":"`+d.receiver.URL+`/kept"}`)
		require.Equal(t, http.StatusCreated, made.Status, made.Body)
		for _, mount := range []string{ourMount, seedMount} {
			for need, routes := range guardedRoutes {
				for _, route := range routes {
					body := ""
					if !strings.HasPrefix(route, "GET") {
						body = `{"name":"intruder","url":"https://s.example/"}`
					}
					without := d.ask(t, mount, "", route, body)
					require.Equal(t, http.StatusUnauthorized, without.Status, route)
					require.Equal(t, "Bearer", without.Header.Get("WWW-Authenticate"), route)
					for _, scope := range scopes {
						if scope == need {
							continue
						}
						weak := d.ask(t, mount, tokenOf(scope), route, body)
						require.Equal(t, http.StatusForbidden, weak.Status, "%s with %s: %s", route, scope, weak.Body)
						require.Contains(t, weak.Header.Get("WWW-Authenticate"), "insufficient_scope")
						require.Contains(t, weak.Body, need)
					}
				}
			}
		}
		still := d.ask(t, ourMount, ownerToken, "GET /webhooks/1", "")
		require.Equal(t, made.Body, still.Body, "nothing was changed")
		require.NotContains(t, d.ask(t, ourMount, ownerToken, "GET /webhooks", "").Body, "intruder")
		require.Empty(t, d.receiver.at("/kept"))
		for need, route := range map[string]string{"read": "GET /webhooks/1", "write": "POST /webhooks/1/test", "replay": "POST /dead-letters/replay"} {
			require.Less(t, d.ask(t, seedMount, tokenOf(need), route, "").Status, http.StatusBadRequest, route)
		}
	})
}

// TestOpenRoutesNeedNoToken, and say nothing that is not everybody's.
func TestOpenRoutesNeedNoToken(t *testing.T) {
	t.Parallel()
	d := newScopedDesk(t, localStorage(t), "webhook hidden {\nurl https://hidden.example/\n}\n", takes)
	for _, path := range []string{"/openapi.json", "/asyncapi.json", "/healthz", "/readyz"} {
		for _, at := range []string{"GET " + path, "HEAD " + path} {
			got := d.ask(t, ourMount, "", at, "")
			require.Equal(t, http.StatusOK, got.Status, at)
			require.NotContains(t, got.Body, "hidden")
		}
	}
}

// TestWhoGuessesIsNotAnswered: after ten wrong tokens the right one is refused as
// well, with the time after which it is not; elsewhere nobody notices.
func TestWhoGuessesIsNotAnswered(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newScopedDesk(t, s, "", takes)
		for n := range 10 {
			wrong := d.ask(t, seedMount, "guess-"+strconv.Itoa(n), "GET /webhooks", "")
			require.Equal(t, http.StatusUnauthorized, wrong.Status, n)
			require.Contains(t, wrong.Header.Get("WWW-Authenticate"), "invalid_token")
			require.NotContains(t, wrong.Body, "guess-")
		}
		for _, token := range []string{"guess", ownerToken} {
			for _, route := range []string{"GET /webhooks", "DELETE /webhooks/1", "POST /webhooks/logs/1/retry"} {
				braked := d.ask(t, seedMount, token, route, "")
				require.Equal(t, http.StatusTooManyRequests, braked.Status, route)
				seconds, err := strconv.Atoi(braked.Header.Get("Retry-After"))
				require.NoError(t, err)
				require.True(t, seconds > 0 && seconds <= 60, "%d", seconds)
			}
		}
		require.Equal(t, http.StatusOK, d.ask(t, seedMount, "", "GET /healthz", "").Status)
		require.Equal(t, http.StatusCreated, insist(t, http.MethodPost, d.URL+objectsOf("cats"), `{}`).Status, "writes go on")
		require.NotContains(t, d.log(), "guess-")
	})
}

// TestNoRouteIsForgotten: the routes of the tests above are those of which the
// API says itself that they need a token.
func TestNoRouteIsForgotten(t *testing.T) {
	t.Parallel()
	d := newScopedDesk(t, localStorage(t), "", takes)
	document := answered[struct {
		Paths map[string]map[string]struct {
			Security *[]any
		}
	}](t, d.ask(t, ourMount, "", "GET /openapi.json", ""), http.StatusOK)
	var described []string
	for path, operations := range document.Paths {
		for method, operation := range operations {
			if open := operation.Security != nil && len(*operation.Security) == 0; !open && method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+regexp.MustCompile(`{[^}]+}`).ReplaceAllString(path, "1"))
			}
		}
	}
	require.ElementsMatch(t, slices.Concat(slices.Collect(maps.Values(guardedRoutes))...), described)
}
