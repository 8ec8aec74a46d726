package caddymodule

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/settle"
)

func init() {
	caddy.RegisterModule(oracle{})
}

// oracle is a handler that answers as the test wants, by Name.
type oracle struct {
	Name string `json:"name"`
}

var oracles = map[string]caddyhttp.HandlerFunc{
	"panics": func(http.ResponseWriter, *http.Request) error { panic("of all things") },
	"endless": func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(200)
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				panic(http.ErrAbortHandler) // as Caddy's proxy does
			}
		}
	},
	"garbled": func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Encoding", "gzip")
		_, err := w.Write([]byte("this is not gzip"))
		return err
	},
	"hangs": func(_ http.ResponseWriter, r *http.Request) error {
		<-r.Context().Done()
		return r.Context().Err()
	},
	"nothing": registerSays(404, `{}`),
	"fails":   registerSays(500, `{}`),
	"numbers": func(w http.ResponseWriter, r *http.Request) error {
		list := `[]`
		switch r.URL.RequestURI() {
		case "/requests?number=7":
			list = `[{"id":1,"number":"70"},{"id":2,"number":"7","title":"t"}]`
		case "/requests?number=8":
			list = `[{"id":3,"number":"8"},{"id":4,"number":"8"}]`
		}
		_, err := io.WriteString(w, `{"results":`+list+`}`)
		return err
	},
	"echo": func(w http.ResponseWriter, r *http.Request) error {
		return json.NewEncoder(w).Encode(map[string]any{
			"path": r.URL.Path, "tls": r.TLS != nil && r.TLS.HandshakeComplete, "key": r.Header.Get("X-Key"), "host": r.Host,
		})
	},
}

func (oracle) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.oracle", New: func() caddy.Module { return new(oracle) }}
}

// givenKey is for the answer of the oracle "given", in the context of a request.
type givenKey struct{}

func (o *oracle) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	if o.Name == "given" {
		return r.Context().Value(givenKey{}).(caddyhttp.HandlerFunc)(w, r)
	}
	return oracles[o.Name](w, r)
}

// asking makes the app and the first gate of a server srv0 with these routes.
func asking(t *testing.T, routes string) *App {
	t.Helper()
	provisioning.Lock()
	defer provisioning.Unlock()
	ctx, err := caddy.ProvisionContext(&caddy.Config{
		Admin: &caddy.AdminConfig{Disabled: true},
		AppsRaw: caddy.ModuleMap{
			"voorpoort": json.RawMessage(`{"recover_after":1,"webhooks":[` + nobody + `]}`),
			"http":      json.RawMessage(`{"servers":{"srv0":{"listen":["127.0.0.1:0"],"automatic_https":{"disable":true},"routes":[` + routes + `]}}}`),
		},
	})
	require.NoError(t, err)
	app, err := ctx.App(appName)
	require.NoError(t, err)
	app.(*App).metrics = newMetrics() // the others count what other tests do as well
	return app.(*App)
}

// gate is a route with a gate before an oracle.
func gate(match, key, name string) string {
	return fmt.Sprintf(`{%s"handle":[{"handler":"voorpoort","presets":["openregister"],"recover_header":{"X-Key":%q}},{"handler":"oracle","name":%q}]}`,
		match, key, name)
}

// deleting is the intent of a write that came through the first gate.
func deleting(a *App) *settle.Intent {
	match, _ := a.gates.all[0].table.Match(http.MethodDelete, cats+"/7")
	match, _, _ = match.Choose(&event.Request{Method: http.MethodDelete, Path: cats + "/7"})
	return &settle.Intent{
		Handler: a.gates.all[0].fingerprint, Server: "srv0", Scheme: "https", Host: "register.example.nl",
		Method: http.MethodDelete, Path: cats + "/7", Rule: match.Rule(), Event: "e1", Time: time.Now().Add(-time.Hour),
		Before: &settle.Image{Image: event.Image{Body: []byte(`{}`)}},
	}
}

func held(t *testing.T, i *settle.Intent) delivery.Hold {
	t.Helper()
	intent, err := i.MarshalBinary()
	require.NoError(t, err)
	return delivery.Hold{ID: i.Event, Created: i.Time, Intent: intent}
}

// echoed is what an oracle echoed of the question.
func echoed(t *testing.T, a *App, i *settle.Intent) map[string]any {
	t.Helper()
	page, seen, err := a.gates.all[0].inquire(t.Context(), i, i.Path)
	require.NoError(t, err)
	require.True(t, seen.passed)
	require.Equal(t, http.StatusOK, page.Status)
	var got map[string]any
	require.NoError(t, json.Unmarshal(page.Body, &got))
	return got
}

func TestAnInquiryTakesTheRouteOfTheWrite(t *testing.T) {
	t.Parallel()
	a := asking(t, `{"handle":[{"handler":"subroute","routes":[
		{"handle":[{"handler":"rewrite","strip_path_prefix":"/gw"}]},`+gate("", "a", "echo")+`]}]}`)
	i := deleting(a)
	i.Prefix = "/gw"
	require.Equal(t, map[string]any{"path": cats + "/7", "tls": true, "key": "a", "host": "register.example.nl"}, echoed(t, a, i))
	i.Scheme, i.Host = "http", "localhost:8080"
	require.Equal(t, map[string]any{"path": cats + "/7", "tls": false, "key": "a", "host": "localhost:8080"}, echoed(t, a, i))
}

// TestTheWayIn: what handlers before the gate take off the path is put back for
// a question, since it comes in at the front.
func TestTheWayIn(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		prefix    string
		rewritten bool
	}{
		"/gw/api/cats/%31": {"", false}, "/api/cats/%31": {"/gw", false}, "/other": {"", true},
	} {
		w := httptest.NewRecorder()
		r := prepared(t, w, http.MethodPut, "/gw/api/cats/%31", `{}`)
		prefix, rewritten := wayIn(r, path)
		require.Equal(t, want.rewritten, rewritten, path)
		if !rewritten {
			require.Equal(t, want.prefix, prefix, path)
		}
	}
}

// TestEachRegisterGetsItsOwnCredentials: two sites under the same rules.
func TestEachRegisterGetsItsOwnCredentials(t *testing.T) {
	t.Parallel()
	a := asking(t, gate(`"match":[{"host":["a.example"]}],`, "of a", "echo")+","+gate(`"match":[{"host":["b.example"]}],`, "of b", "echo"))
	require.Len(t, a.gates.all, 2)
	for host, key := range map[string]string{"a.example": "of a", "b.example": "of b"} {
		i := deleting(a)
		i.Host = host
		require.Equal(t, key, echoed(t, a, i)["key"], host)
	}
	i := deleting(a)
	require.False(t, a.gates.agree(i), "so none is sent to a handler before the gates")
}

func TestAPanicOfAHandlerEndsNoGateway(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "panics"))
	_, err := a.Recover(t.Context(), held(t, deleting(a)))
	require.ErrorIs(t, err, errPanicked)
}

// TestAnAnswerThatNeverWillBeOfUse settles the write, for a person to judge:
// asking again would not help.
func TestAnAnswerThatNeverWillBeOfUse(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"endless", "garbled"} {
		a := asking(t, gate("", "", name))
		found, err := a.Recover(t.Context(), held(t, deleting(a)))
		require.NoError(t, err, name)
		require.Len(t, found.Messages, 1, name)
		require.NotEmpty(t, found.Messages[0].Targets[0].Dead, name)
	}
}

// TestAnAnswerWithoutAGate is not the register's, and the configuration will
// hardly stay as it is.
func TestAnAnswerWithoutAGate(t *testing.T) {
	t.Parallel()
	a := asking(t, gate(`"match":[{"host":["a.example"]}],`, "a", "echo"))
	i := deleting(a)
	i.Host = "b.example"
	_, err := a.Recover(t.Context(), held(t, i))
	require.ErrorIs(t, err, errNoGate)
}

// TestWhatARegisterHidesFromStrangers: a 404 shows that a thing is gone only to
// whom it would have shown the thing.
func TestWhatARegisterHidesFromStrangers(t *testing.T) {
	t.Parallel()
	const settled, dead = false, true
	for name, c := range map[string]struct {
		credentials bool // of the caller
		key         string
		before      string // handlers before the gate
		want        bool
	}{
		"nobody needs any":        {false, "", "", settled},
		"recover_header":          {true, "k", "", settled},
		"none":                    {true, "", "", dead},
		"those of the site's own": {true, "", `{"handler":"headers","request":{"set":{"Authorization":["Basic x"]}}},`, settled},
	} {
		route := strings.Replace(gate("", c.key, "nothing"), `"handle":[`, `"handle":[`+c.before, 1)
		if c.key == "" {
			route = strings.Replace(route, `"recover_header":{"X-Key":""}`, `"recover_header":{}`, 1)
		}
		a := asking(t, route)
		i := deleting(a)
		i.Credentials = c.credentials
		found, err := a.Recover(t.Context(), held(t, i))
		require.NoError(t, err, name)
		require.Len(t, found.Messages, 1, name)
		require.Equal(t, c.want, found.Messages[0].Targets[0].Dead != "", name)
	}
}

func TestWhoSaysWhoTheCallerIs(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "https://a.example/", nil)
	require.False(t, credentials(r))
	r.TLS.PeerCertificates = []*x509.Certificate{{}}
	require.True(t, credentials(r))
	for _, name := range credentialFields {
		r = httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", nil)
		r.Header.Set(name, "secret")
		require.True(t, credentials(r), name)
	}
}

// TestAHoldTellsHowTheRegisterCanBeAsked, and keeps no credentials.
func TestAHoldTellsHowTheRegisterCanBeAsked(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPut, cats+"/7?tenant=a&_method=PUT", `{"name":"Tom"}`)
	r.Header.Set("Cookie", "session=secret")
	r = r.WithContext(context.WithValue(r.Context(), caddyhttp.ServerCtxKey, &caddyhttp.Server{Listen: []string{":8080"}}))
	require.NoError(t, h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		held, err := store.Holds(t.Context(), 10)
		require.NoError(t, err)                                       //nolint:testifylint // on the goroutine of the test
		require.Len(t, held, 1)                                       //nolint:testifylint // on the goroutine of the test
		require.NotContains(t, string(held[0].Intent), "session")     //nolint:testifylint // on the goroutine of the test
		var i settle.Intent                                           //
		require.NoError(t, i.UnmarshalBinary(held[0].Intent))         //nolint:testifylint // on the goroutine of the test
		require.Equal(t, []string{":8080"}, i.Listen)                 //nolint:testifylint // on the goroutine of the test
		require.True(t, i.Credentials)                                //nolint:testifylint // on the goroutine of the test
		require.True(t, i.Thing)                                      //nolint:testifylint // on the goroutine of the test
		require.Equal(t, "tenant=a", i.Query)                         //nolint:testifylint // on the goroutine of the test
		require.Contains(t, i.Asked, "tenant=a")                      //nolint:testifylint // on the goroutine of the test
		question, err := inquiry(t.Context(), &i, i.Path+"?"+i.Asked) //
		require.NoError(t, err)                                       //nolint:testifylint // on the goroutine of the test
		require.Equal(t, cats+"/7?tenant=a", question.RequestURI)     //nolint:testifylint // on the goroutine of the test
		require.Equal(t, "tenant=a", question.URL.RawQuery)           //nolint:testifylint // on the goroutine of the test
		return registerSays(200, `{}`)(w, r)
	})))
}

// TestTheImageIsAskedForWithTheQuery: it may say whose cat it is.
func TestTheImageIsAskedForWithTheQuery(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", telltale)
	asked := ""
	_, err := send(t, h, http.MethodPut, cats+"/7?tenant=a", `{"name":"Felix"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodGet {
			asked = r.URL.RequestURI()
		}
		return registerSays(200, `{"name":"Tom"}`)(w, r)
	}))
	require.NoError(t, err)
	require.Equal(t, cats+"/7?tenant=a", asked)
}

// TestQuestionsAreFew: all that was being written when a register crashed is in
// doubt at the same time.
func TestQuestionsAreFew(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "echo"))
	for range cap(a.asking) {
		a.asking <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := a.Recover(ctx, held(t, deleting(a)))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	<-a.asking
	_, err = a.Recover(t.Context(), held(t, deleting(a)))
	require.NoError(t, err)
	require.Len(t, a.asking, cap(a.asking)-1)
}

func TestAQuestionHasAnEnd(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "hangs"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := a.Recover(ctx, held(t, deleting(a)))
	require.Error(t, err)
}
