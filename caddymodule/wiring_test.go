package caddymodule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	zapobserver "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

// These tests see to it that each setting and each check reaches the place
// where it works; what it does there is tested in that place.

// serve sends a request and gives its status, 201 when it went on.
func serve(t *testing.T, h *Handler, r *http.Request) (*httptest.ResponseRecorder, *recordingNext) {
	t.Helper()
	w := httptest.NewRecorder()
	next := &recordingNext{}
	require.NoError(t, h.ServeHTTP(w, caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil), next.asHandler()))
	require.Equal(t, next.called, w.Code == http.StatusCreated)
	return w, next
}

func TestEveryCheckOfARequestIsMade(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{"max_depth":3,`+watcher+`}`, `{"presets":["openregister"],"max_body":100}`)
	deep := `{"a":[[[1]]]}`
	for name, c := range map[string]struct {
		method, target, body string
		header               http.Header
		status               int
		reason               string
	}{
		"two readings of a path": {method: "POST", target: "/api//objects/pets/cats", body: `{}`, status: 400, reason: "ambiguous_path"},
		"method in lower case":   {method: "post", target: cats, body: `{}`, status: 400, reason: "method"},
		"overrides at odds":      {method: "PUT", target: cats, body: `{}`, header: http.Header{"X-Http-Method-Override": {"PUT", "DELETE"}}, status: 400, reason: "method_override"},
		"upgrade":                {method: "POST", target: cats, body: `{}`, header: http.Header{"Upgrade": {"websocket"}, "Connection": {"upgrade"}}, status: 400, reason: "streaming"},
		"over max_body":          {method: "POST", target: cats, body: `{"a":"` + strings.Repeat("x", 100) + `"}`, status: 413, reason: "body_too_large"},
		"over max_depth":         {method: "POST", target: cats, body: deep, status: 400, reason: "invalid_json"},
		"as it should be":        {method: "POST", target: cats, body: `{}`, status: 201},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, strings.NewReader(c.body))
		if c.header != nil {
			r.Header = c.header
		}
		w, _ := serve(t, h, r)
		require.Equal(t, c.status, w.Code, name)
		if c.reason != "" {
			require.Contains(t, w.Body.String(), `"urn:voorpoort:problem:`+c.reason+`"`, name)
		}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(h.app.metrics.refused)
	require.GreaterOrEqual(t, gathered(t, registry)["refused_requests_total streaming"], 1.0)
}

func TestAPathInAHeaderDoesNotReachTheRegister(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{}`, `{"presets":["openregister"]}`)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/elsewhere", strings.NewReader(`{}`))
	r.Header.Set("X-Original-Url", cats)
	_, next := serve(t, h, r)
	require.Empty(t, next.header.Get("X-Original-Url"))
}

// TestAnOverrideInTheBodyIsFoundWhereNoRuleNamesPOST has a path with a rule for
// DELETE alone.
func TestAnOverrideInTheBodyIsFoundWhereNoRuleNamesPOST(t *testing.T) {
	t.Parallel()
	const rules = `"rules":[{"resource":"cat","path":"/cats/{id}","actions":{"DELETE":{"name":"delete","before":"cat.deleting"}}}]`
	for policy, method := range map[string]string{"strip": "POST", "honour": "DELETE"} {
		h := provisioned(t, watched, `{`+rules+`,"method_override":"`+policy+`"}`)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cats/1", strings.NewReader("_method=DELETE&a=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w, got := httptest.NewRecorder(), ""
		require.NoError(t, h.ServeHTTP(w, caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil),
			caddyhttp.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) error {
				body, err := io.ReadAll(r.Body)
				got = r.Method + " " + string(body)
				return err
			})))
		require.Equal(t, method+" a=1", got, policy)
	}
}

// TestWhatNoWebhookWantsIsNotRead: nobody would see it, so it goes on as it
// came, whatever it is.
func TestWhatNoWebhookWantsIsNotRead(t *testing.T) {
	t.Parallel()
	const app = `{"webhooks":[{"name":"deletes","url":"http://127.0.0.1:9","events":["*.deleting"],"configuration":{"interceptRequests":true}}]}`
	for body, contentType := range map[string]string{
		`{not JSON`:              "application/json",
		`_method=DELETE&a=1&a=2`: "application/x-www-form-urlencoded", // no rule has a DELETE on this path
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, cats, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		original := r.Body
		var seen io.ReadCloser
		w := httptest.NewRecorder()
		require.NoError(t, provisioned(t, app, `{"presets":["openregister"]}`).ServeHTTP(w, caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil),
			caddyhttp.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) error {
				seen = r.Body
				return nil
			})))
		require.Equal(t, original, seen, "another body")
	}
}

func TestBodiesAreCountedUntilTheRequestIsOver(t *testing.T) {
	t.Parallel()
	h := provisioned(t, watched, `{"presets":["openregister"]}`)
	var during int64
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, cats, strings.NewReader(`{"a":1}`))
	w := httptest.NewRecorder()
	require.NoError(t, h.ServeHTTP(w, caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil),
		caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
			during = h.app.buffers.Used()
			return nil
		})))
	require.GreaterOrEqual(t, during, int64(3*len(`{"a":1}`)))
	require.Zero(t, h.app.buffers.Used())
	require.Nil(t, provisioned(t, `{"max_buffered":-1}`, `{"presets":["rest"]}`).app.buffers)
}

// TestTheSettingsOfTheAppReachItsGate has one webhook that answers with what it
// was sent, as a warning.
func TestTheSettingsOfTheAppReachItsGate(t *testing.T) {
	t.Parallel()
	var sent string
	answer := `{}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		sent = string(raw)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	app := fmt.Sprintf(`{"presets":["openregister"],"max_answer":40,"max_depth":4,"headers":["X-Extra"],
		"aliases":{"schema":[["cats","12"]]},
		"webhooks":[{"name":"a","url":%q,"filters":{"schema":"12"},"configuration":{"interceptRequests":true,"processResponse":true}}]}`, s.URL)
	h := provisioned(t, app, `{}`)
	post := func() int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, cats, strings.NewReader(`{}`))
		r.Header.Set("X-Extra", "carried")
		r.Header.Set("X-Other", "left out")
		w, _ := serve(t, h, r)
		return w.Code
	}
	require.Equal(t, http.StatusCreated, post())
	require.Contains(t, sent, "carried")
	require.NotContains(t, sent, "left out")
	answer = `{"data":{"a":"` + strings.Repeat("x", 40) + `"}}`
	require.Equal(t, http.StatusBadGateway, post(), "over max_answer")
	answer = `{"data":{"a":[[[1]]]}}`
	require.Equal(t, http.StatusBadGateway, post(), "over max_depth")
}

func TestTheLimitsOfTheAppAreChecked(t *testing.T) {
	t.Parallel()
	for app, message := range map[string]string{
		`{"max_answer":-1}`: "max_answer", `{"max_depth":-1}`: "max_depth", `{"max_depth":10001}`: "max_depth",
		`{"max_shadow":-1}`: "max_shadow", `{"budget":"56s"}`: "budget", `{"max_body":-1}`: "max_body",
		`{"max_body":9223372036854775807}`: "max_buffered",
	} {
		_, err := provisionHandler(app, `{"presets":["rest"]}`)
		require.ErrorContains(t, err, message, app)
	}
}

func TestMaxShadowReachesTheGate(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(func() { close(over); s.Close() })
	h := provisioned(t, fmt.Sprintf(`{"max_shadow":1,"webhooks":[{"name":"test of max_shadow","url":%q,
		"configuration":{"interceptRequests":true,"mode":"shadow"}}]}`, s.URL), `{"presets":["openregister"]}`)
	registry := prometheus.NewRegistry()
	registry.MustRegister(h.app.metrics.interceptions)
	const dropped = "interceptions_total shadow canceled test of max_shadow"
	before := gathered(t, registry)[dropped]
	for range 3 {
		serve(t, h, httptest.NewRequestWithContext(t.Context(), http.MethodPost, cats, strings.NewReader(`{}`)))
	}
	require.InDelta(t, before+2, gathered(t, registry)[dropped], 0)
	require.NoError(t, h.app.Cleanup(), "which ends the one in flight")
}

func TestCleanupClosesWhatIsIdle(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 10)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	h := provisioned(t, fmt.Sprintf(`{"webhooks":[{"name":"a","url":%q,"configuration":{"interceptRequests":true}}]}`, s.URL), `{"presets":["openregister"]}`)
	post := func() {
		serve(t, h, httptest.NewRequestWithContext(t.Context(), http.MethodPost, cats, bytes.NewReader([]byte(`{}`))))
	}
	post()
	require.NoError(t, h.app.Cleanup())
	<-closed
	post() // a request of the old configuration
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("a connection of the old configuration is kept")
	}
	require.NoError(t, h.app.Cleanup(), "again")
	require.NoError(t, new(App).Cleanup(), "of an app that was never provisioned")
}

func TestDoubtsAreToldByTheRulesOfTheHandler(t *testing.T) {
	t.Parallel()
	h := provisioned(t, `{"webhooks":[{"name":"late","url":"http://h","events":["object.created"],"configuration":{"interceptRequests":true}}]}`,
		`{"presets":["openregister"]}`)
	core, logs := zapobserver.New(zap.WarnLevel)
	h.logger = zap.New(core)
	h.warnDoubts()
	require.Equal(t, 1, logs.Len(), "an interceptor is never asked about what has happened")
	require.Equal(t, "late", logs.All()[0].ContextMap()["webhook"])
}

func TestAnUnknownPlaceholderIsAnError(t *testing.T) {
	t.Parallel()
	_, err := compileWebhooks([]json.RawMessage{[]byte(`{"name":"a","url":"http://h","secret":"{nonsense.key}","configuration":{"interceptRequests":true}}`)})
	require.ErrorContains(t, err, "nonsense.key")
}

func TestWhatWasLeftOutOfTheChangesIsMarked(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"a:/x", "a:…"}, changed(&interceptor.Decision{Calls: []interceptor.Call{
		{Webhook: "a", Mode: webhook.Enforce, Outcome: interceptor.OutcomeModified, Pointers: []string{"/x"}, More: true},
	}}))
}

func TestTracingIsPassedOnOnlyWhereThereIsSome(t *testing.T) {
	t.Parallel()
	o := &observer{metrics: newMetrics(), logger: zap.NewNop(), activity: nobodyLooks}
	header := http.Header{}
	require.Equal(t, t.Context(), o.Begin(t.Context(), &webhook.Hook{Name: "a"}, header))
	require.Empty(t, header)
	traced := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}))
	ctx := o.Begin(traced, &webhook.Hook{Name: "a"}, header)
	require.Contains(t, header.Get("Traceparent"), "01000000000000000000000000000000")
	o.End(ctx, &interceptor.Call{})
}

func TestWhichOptionsTheTransportMeetsItself(t *testing.T) {
	t.Parallel()
	off := false
	for name, c := range map[string]struct {
		change func(*Transport)
		plain  bool
	}{
		"nothing":             {func(*Transport) {}, true},
		"keep-alive off":      {func(x *Transport) { x.KeepAlive.Enabled = &off }, false},
		"HTTP/2":              {func(x *Transport) { x.Versions = []string{"1.1", "2"} }, false},
		"PROXY protocol":      {func(x *Transport) { x.ProxyProtocol = "v2" }, false},
		"a proxy":             {func(x *Transport) { x.NetworkProxyRaw = json.RawMessage(`{}`) }, false},
		"a server name":       {func(x *Transport) { x.TLS = &reverseproxy.TLSConfig{ServerName: "h"} }, true},
		"one of each request": {func(x *Transport) { x.TLS = &reverseproxy.TLSConfig{ServerName: "{http.request.host}"} }, false},
	} {
		x := &Transport{HTTPTransport: reverseproxy.HTTPTransport{Versions: []string{"1.1"}, KeepAlive: &reverseproxy.KeepAlive{}}}
		c.change(x)
		require.Equal(t, c.plain, x.plain(), name)
	}
}
