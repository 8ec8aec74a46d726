package caddymodule

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

// provisioning is held while Caddy provisions: it sets globals of its own.
var provisioning sync.Mutex

// provisionHandler makes a handler as Caddy would, with the app's configuration.
func provisionHandler(app, handler string) (*Handler, error) {
	provisioning.Lock()
	defer provisioning.Unlock()
	ctx, err := caddy.ProvisionContext(&caddy.Config{
		Admin:   &caddy.AdminConfig{Disabled: true},
		AppsRaw: caddy.ModuleMap{"voorpoort": json.RawMessage(app)},
	})
	if err != nil {
		return nil, err
	}
	loaded, err := ctx.LoadModuleByID("http.handlers.voorpoort", json.RawMessage(handler))
	if err != nil {
		return nil, err
	}
	return loaded.(*Handler), nil
}

func provisioned(t testing.TB, app, handler string) *Handler {
	t.Helper()
	h, err := provisionHandler(app, handler)
	require.NoError(t, err)
	return h
}

// watched is an app with a webhook that wants every event and, for its filter,
// is never asked: enough for the gate to read what it matches.
const watched = `{` + watcher + `}`

const watcher = `"webhooks":[{"name":"watcher","url":"http://127.0.0.1:9","filters":{"no_such_member":"x"},` +
	`"configuration":{"interceptRequests":true}}]`

// prepared makes a request as Caddy's server would.
func prepared(t testing.TB, w http.ResponseWriter, method, target, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "test")
	return caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil)
}

// recordingNext is the handler after ours.
type recordingNext struct {
	called bool
	body   string
	header http.Header
}

func (n *recordingNext) ServeHTTP(w http.ResponseWriter, r *http.Request) error {
	n.called = true
	body, err := io.ReadAll(r.Body)
	n.body, n.header = string(body), r.Header.Clone()
	w.WriteHeader(http.StatusCreated)
	return err
}

func TestTheHandlerNeedsRules(t *testing.T) {
	t.Parallel()
	for handler, message := range map[string]string{
		`{}`:                           "no rules",
		`{"presets":["openregistre"]}`: `"openregistre" is not a preset`,
		`{"rules":[{"path":"/a"}]}`:    "actions",
		`{"presets":["rest"],"method_override":"ignore"}`:          "strip, honour, reject",
		`{"presets":["rest"],"unparsed":"ignore"}`:                 "reject, pass-as-base64",
		`{"presets":["rest"],"relax_path":["all"]}`:                "backslash",
		`{"presets":["rest"],"budget":"2m"}`:                       "55s",
		`{"presets":["rest"],"typo":1}`:                            "typo",
		`{"rules":[{"path":"/a","actions":{},"when":"1 +"}]}`:      "when",
		`{"presets":["rest"],"aliases":{"schema":[["only-one"]]}}`: "aliases",
	} {
		_, err := provisionHandler(`{}`, handler)
		require.ErrorContains(t, err, message, handler)
	}
}

func TestARequestWithoutARulePassesUntouched(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{}`, `{"presets":["openregister"]}`)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, "/elsewhere", `{"a":1,"a":2}`)
	body := r.Body
	next := &recordingNext{}
	require.NoError(t, h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		require.True(t, body == r.Body, "the very same body, unread") //nolint:testifylint // identity, not equality
		return next.ServeHTTP(w, r)
	})))
	require.Equal(t, `{"a":1,"a":2}`, next.body)
}

func TestAForgedFlagNeverReachesTheRegister(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{}`, `{"presets":["openregister"]}`)
	for _, target := range []string{"/elsewhere", "/api/objects/pets/cats"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := httptest.NewRecorder()
			r := prepared(t, w, method, target, `{}`)
			r.Header.Set("Voorpoort-Flag", `"felix";reason=timeout`)
			next := &recordingNext{}
			require.NoError(t, h.ServeHTTP(w, r, next.asHandler()))
			require.True(t, next.called)
			require.Empty(t, next.header.Values("Voorpoort-Flag"))
		}
	}
}

func (n *recordingNext) asHandler() caddyhttp.Handler { return caddyhttp.HandlerFunc(n.ServeHTTP) }

func TestTheErrorOfTheNextHandlerIsReturnedAsItIs(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{}`, `{"presets":["openregister"]}`)
	conflict := caddyhttp.Error(http.StatusConflict, io.ErrUnexpectedEOF)
	for _, target := range []string{"/elsewhere", "/api/objects/pets/cats"} {
		w := httptest.NewRecorder()
		err := h.ServeHTTP(w, prepared(t, w, http.MethodPost, target, `{}`),
			caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { return conflict }))
		require.Equal(t, error(conflict), err, "Caddy reads the status from exactly this error")
	}
}

func TestPlaceholdersTellWhatHappened(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{"source":"urn:x",`+watcher+`}`, `{"presets":["openregister"]}`)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, "/api/objects/pets/cats", `{}`)
	require.NoError(t, h.ServeHTTP(w, r, (&recordingNext{}).asHandler()))
	replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	require.True(t, ok)
	require.Equal(t, "object.creating urn:x object:pets/cats untouched",
		replacer.ReplaceAll("{http.voorpoort.event.type} {http.voorpoort.event.source} {http.voorpoort.event.subject} {http.voorpoort.outcome}", "?"))
	require.NotEmpty(t, replacer.ReplaceAll("{http.voorpoort.event.id}", ""))
	require.Equal(t, "?", replacer.ReplaceAll("{http.voorpoort.nothing}", "?"))
}

func TestPlaceholdersAreEmptyWhereTheGateHasNothingToSay(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{}`, `{"presets":["openregister"]}`)
	for target, method := range map[string]string{
		"/api/objects/pets/cats":     http.MethodGet,
		"/elsewhere":                 http.MethodPost,
		"/api/objects//pets%2F/cats": http.MethodPost, // refused
	} {
		w := httptest.NewRecorder()
		r := prepared(t, w, method, target, `{}`)
		require.NoError(t, h.ServeHTTP(w, r, (&recordingNext{}).asHandler()))
		replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
		require.True(t, ok)
		for name := range placeholders {
			require.Equal(t, "[]", replacer.ReplaceKnown("[{http.voorpoort."+name+"}]", ""), "%s %s", method, target)
		}
	}
}

func TestOutcomesSayWhetherAWebhookWasHeard(t *testing.T) {
	t.Parallel()
	call := func(mode webhook.Mode, outcome interceptor.Outcome) interceptor.Call {
		return interceptor.Call{Mode: mode, Outcome: outcome}
	}
	calls := func(calls ...interceptor.Call) interceptor.Decision { return interceptor.Decision{Calls: calls} }
	for want, d := range map[string]interceptor.Decision{
		"untouched":   calls(call(webhook.Warn, interceptor.OutcomeRejected)),
		"approved":    calls(call(webhook.Enforce, interceptor.OutcomeApproved), call(webhook.Warn, interceptor.OutcomeFailedOpen)),
		"unchecked":   calls(call(webhook.Enforce, interceptor.OutcomeApproved), call(webhook.Enforce, interceptor.OutcomeFailedOpen)),
		"modified":    {Changed: true, Calls: []interceptor.Call{call(webhook.Enforce, interceptor.OutcomeModified)}},
		"flagged":     {Flags: []interceptor.Flag{{}}, Changed: true},
		"rejected":    {Block: &interceptor.Block{Kind: interceptor.Rejected}},
		"unavailable": {Block: &interceptor.Block{Kind: interceptor.Unavailable}},
	} {
		require.Equal(t, want, outcomeOf(&d))
	}
}

// BenchmarkHandler measures the gate alone: no server, no proxy.
func BenchmarkHandler(b *testing.B) {
	document := `{"name":"` + strings.Repeat("x", 2000) + `"}`
	quiet := caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { return nil })
	for name, c := range map[string]struct{ app, method, target string }{
		"read":             {`{}`, http.MethodGet, "/api/objects/pets/cats"},
		"no rule":          {`{}`, http.MethodPost, "/elsewhere/in/the/api"},
		"rule, no webhook": {`{}`, http.MethodPost, "/api/objects/pets/cats"},
		"rule, filtered":   {watched, http.MethodPost, "/api/objects/pets/cats"},
	} {
		b.Run(name, func(b *testing.B) {
			h := provisioned(b, c.app, `{"presets":["openregister"]}`)
			w := httptest.NewRecorder()
			r := prepared(b, w, c.method, c.target, "")
			raw := []byte(document)
			reader := bytes.NewReader(raw)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%64 == 0 { // each request has a replacer of its own, which grows
					b.StopTimer()
					r = prepared(b, w, c.method, c.target, "")
					b.StartTimer()
				}
				reader.Reset(raw)
				r.Body, r.ContentLength = io.NopCloser(reader), int64(len(raw))
				if err := h.ServeHTTP(w, r, quiet); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
