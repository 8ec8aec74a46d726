package caddymodule

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	zaplog "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/redis"
	"github.com/voorpoort/voorpoort/delivery/spool"
	"github.com/voorpoort/voorpoort/manage"
)

func hashOf(token string) string {
	digest := sha256.Sum256([]byte(token))
	return hex.EncodeToString(digest[:])
}

// TestTheDirectiveOfTheAPI: each word and what it becomes.
func TestTheDirectiveOfTheAPI(t *testing.T) {
	t.Parallel()
	a := new(API)
	require.NoError(t, a.UnmarshalCaddyfile(caddyfile.NewTestDispenser("voorpoort_api {\ntoken read,write abc\ntoken read {env.X} \"night shift\"\n"+
		"user read,replay ann bob\nuser read\nredact /a /b/*\nredact /c\ndashboard off\n"+
		"contact \"Gemeente Voorbeeld\" api@voorbeeld.nl https://voorbeeld.nl\n}")))
	require.Equal(t, []APIToken{{[]string{"read", "write"}, "abc", ""}, {[]string{"read"}, "{env.X}", "night shift"}}, a.Tokens)
	require.Equal(t, []APIUser{{[]string{"read", "replay"}, []string{"ann", "bob"}}, {[]string{"read"}, []string{}}}, a.Users)
	require.Equal(t, []string{"/a", "/b/*", "/c"}, a.Redact)
	require.True(t, a.DashboardOff)
	require.Equal(t, APIContact{"Gemeente Voorbeeld", "api@voorbeeld.nl", "https://voorbeeld.nl"}, a.Contact)
	for text, want := range map[string]string{
		"voorpoort_api x": "rong argument count",
		"voorpoort_api {\ntoken read abc night shift\n}":   "token needs its scopes",
		"voorpoort_api {\ntoken read\n}":                   "token needs its scopes",
		"voorpoort_api {\nuser\n}":                         "rong argument count",
		"voorpoort_api {\ndashboard maybe\n}":              "one of: on, off",
		"voorpoort_api {\npassword x\n}":                   `unrecognized option "password"; it takes: contact, dashboard, redact, token, user`,
		"voorpoort_api {\ndashboard off\ndashboard off\n}": "dashboard",
		"voorpoort_api {\ncontact\n}":                      "rong argument count",
		"voorpoort_api {\ncontact Ann\n}":                  "contact needs a name, and an e-mail address or a URL",
		"voorpoort_api {\ncontact Ann nowhere\n}":          "not an e-mail address",
	} {
		require.ErrorContains(t, new(API).UnmarshalCaddyfile(caddyfile.NewTestDispenser(text)), want, text)
	}
}

// TestNobodyGetsInByAccident: what would let nobody in, or somebody unintended,
// is refused with what to do.
func TestNobodyGetsInByAccident(t *testing.T) {
	t.Parallel()
	hash := hashOf("secret")
	for name, test := range map[string]struct {
		api  *API
		want string
	}{
		"nobody":                   {&API{}, "voorpoort token new"},
		"an unknown scope":         {&API{Tokens: []APIToken{{[]string{"admin"}, hash, ""}}}, `scope "admin" is unknown`},
		"no scope":                 {&API{Tokens: []APIToken{{nil, hash, ""}}}, "scope"},
		"a token in the clear":     {&API{Tokens: []APIToken{{[]string{"read"}, "secret", ""}}}, "64 hexadecimal digits"},
		"a name of two lines":      {&API{Tokens: []APIToken{{[]string{"read"}, hash, "two\nlines"}}}, "token 1: a token's name"},
		"a missing placeholder":    {&API{Tokens: []APIToken{{[]string{"read"}, "{env.NOT_THERE_AT_ALL}", ""}}}, "token 1"},
		"a user without scope":     {&API{Users: []APIUser{{nil, []string{"ann"}}}}, "user 1"},
		"a contact without a name": {&API{Tokens: []APIToken{{[]string{"read"}, hash, ""}}, Contact: APIContact{Email: "api@voorbeeld.nl"}}, "contact needs a name"},
		"a place that is none":     {&API{Tokens: []APIToken{{[]string{"read"}, hash, ""}}, Redact: []string{"bsn"}}, "redact"},
	} {
		ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
		err := test.api.Provision(ctx)
		cancel()
		require.ErrorContains(t, err, test.want, name)
		require.NotContains(t, err.Error(), "secret", name)
	}
}

// TestUsersOfCaddyAreKnown by their names, and what several lines say adds up.
func TestUsersOfCaddyAreKnown(t *testing.T) {
	t.Parallel()
	a := &API{Users: []APIUser{{Scopes: []string{"read"}}, {Scopes: []string{"write"}, Names: []string{"ann"}}}}
	require.NoError(t, a.provisionAccess())
	require.Equal(t, "read,write", a.scopesOf("ann").String())
	require.Equal(t, "read", a.scopesOf("bob").String())
	require.Zero(t, a.scopesOf(""))
	only := &API{Users: []APIUser{{Scopes: []string{"read"}, Names: []string{"ann"}}}}
	require.NoError(t, only.provisionAccess())
	require.Zero(t, only.scopesOf("bob"))
}

// served is an API over a running app.
func served(t *testing.T, app string) (*API, func(method, path, token, body string) *httptest.ResponseRecorder) {
	t.Helper()
	h, _ := telling(t, app, "", nobody)
	a := &API{Tokens: []APIToken{{[]string{"read", "write", "replay"}, hashOf("all"), "day shift"}, {[]string{"read"}, hashOf("look"), ""}}, app: h.app, logger: h.logger}
	require.NoError(t, a.provisionAccess())
	t.Cleanup(func() { require.NoError(t, a.Cleanup()) })
	return a, func(method, path, token, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		require.NoError(t, a.ServeHTTP(w, r, nil))
		return w
	}
}

// TestTheAPIServes webhooks of the configuration and those that are made, wherever
// it is mounted.
func TestTheAPIServes(t *testing.T) {
	t.Parallel()
	_, call := served(t, `,"egress_allow":["127.0.0.0/8"]`)
	for _, mount := range []string{"", "/gateway", "/index.php/apps/openregister", "/api/v2/x"} {
		require.Equal(t, http.StatusUnauthorized, call(http.MethodGet, mount+"/api/webhooks", "", "").Code, mount)
		got := call(http.MethodGet, mount+"/api/webhooks", "look", "")
		require.Equal(t, http.StatusOK, got.Code, mount)
		require.Contains(t, got.Body.String(), `"total":1`)
	}
	const fresh = `{"name":"made","url":"http://127.0.0.1:9/x"}`
	require.Equal(t, http.StatusForbidden, call(http.MethodPost, "/api/webhooks", "look", fresh).Code)
	require.Equal(t, http.StatusCreated, call(http.MethodPost, "/api/webhooks", "all", fresh).Code)
	require.Contains(t, call(http.MethodGet, "/api/webhooks", "look", "").Body.String(), `"total":2`)
	require.Equal(t, http.StatusBadRequest, call(http.MethodPost, "/api/webhooks", "all", `{"name":"inside","url":"http://10.0.0.1/x"}`).Code,
		"only public addresses and egress_allow")
	page := call(http.MethodGet, "/gateway/", "", "")
	require.Equal(t, http.StatusOK, page.Code)
	require.Contains(t, page.Header().Get("Content-Type"), "text/html")
}

// TestItIsWrittenDownWhoDidWhat: one line for a change, which has who, from where
// and what about, and nothing of what was sent.
func TestItIsWrittenDownWhoDidWhat(t *testing.T) {
	t.Parallel()
	a, call := served(t, `,"egress_allow":["127.0.0.0/8"]`)
	core, logs := zaplog.New(zap.InfoLevel)
	a.logger = zap.New(core)
	call(http.MethodPost, "/api/webhooks", "all", `{"name":"made","url":"http://127.0.0.1:9/secret"}`)
	call(http.MethodGet, "/api/webhooks", "look", "")
	call(http.MethodDelete, "/api/webhooks/1", "look", "")
	call(http.MethodDelete, "/api/webhooks/1", "wrong", "")
	lines := logs.All()
	require.Len(t, lines, 2)
	made, refused := lines[0].ContextMap(), lines[1].ContextMap()
	require.NotEmpty(t, made["webhook_uuid"])
	delete(made, "webhook_uuid")
	require.Equal(t, map[string]any{
		"caller": "day shift", "known_by": "token", "client_ip": "192.0.2.1", "operation": "createWebhook", "method": "POST",
		"route": "/webhooks", "status": int64(http.StatusCreated), "webhook": uint64(1),
	}, made)
	require.Equal(t, []any{"token 2", "1", int64(http.StatusForbidden)}, []any{refused["caller"], refused["target"], refused["status"]})
	a.tell(manage.Deed{Caller: "ann", User: true})
	read := logs.All()[2]
	require.Contains(t, read.Message, "read bodies")
	require.Equal(t, "user", read.ContextMap()["known_by"])
}

// TestEventsOfTheGatewayAreNotHandedIn: not under the source of a rule, and not
// under that of what the gateway tells of itself.
func TestEventsOfTheGatewayAreNotHandedIn(t *testing.T) {
	t.Parallel()
	_, call := served(t, `,"source":"urn:own"`)
	for source, status := range map[string]int{"urn:own": http.StatusBadRequest, "urn:other": http.StatusOK} {
		got := call(http.MethodPost, "/api/events", "all", `{"specversion":"1.0","type":"object.created","id":"1","source":"`+source+`"}`)
		require.Equal(t, status, got.Code, "%s: %s", source, got.Body)
	}
}

// TestWhatIsNoFaultOfTheGateway: clients of the API are told of a store that is
// away that it is, and of everything else that something went wrong.
func TestWhatIsNoFaultOfTheGateway(t *testing.T) {
	t.Parallel()
	for _, away := range []error{&redis.UnavailableError{Op: "append", Err: io.EOF}, errNotConnected, errLateClosed, spool.ErrAway} {
		require.True(t, storeAway(fmt.Errorf("reading the log: %w", away)), "%v", away)
	}
	for _, fault := range []error{errors.New("the disk is full"), redis.ErrClosed, delivery.ErrNotFound} {
		require.False(t, storeAway(fault), "%v", fault)
	}
}

// TestTheAPIEndsWithItsConfiguration: streams do not hold up a reload.
func TestTheAPIEndsWithItsConfiguration(t *testing.T) {
	t.Parallel()
	a, call := served(t, "")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		call(http.MethodGet, "/api/stream", "look", "")
	}()
	require.Eventually(t, func() bool { a.making.Lock(); defer a.making.Unlock(); return a.handler != nil }, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, a.Cleanup())
	<-ended
	require.NoError(t, new(API).Cleanup(), "one that was never made")
}
