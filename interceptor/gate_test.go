package interceptor_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

// object is a webhook's JSON, or a part of it.
type object = map[string]any

// hook compiles a webhook that intercepts object.creating at the URL. The
// options are laid over it; those under "configuration" are merged.
func hook(t testing.TB, name, url string, options object) *webhook.Hook {
	t.Helper()
	configuration := object{"interceptRequests": true}
	document := object{"name": name, "url": url, "events": []string{"object.*"}, "configuration": configuration}
	for key, value := range options {
		if inner, ok := value.(object); ok && key == "configuration" {
			maps.Copy(configuration, inner)
			continue
		}
		document[key] = value
	}
	raw, err := json.Marshal(document)
	require.NoError(t, err)
	parsed, err := webhook.Parse(raw)
	require.NoError(t, err)
	compiled, err := webhook.Compile(parsed, webhook.Defaults{})
	require.NoError(t, err)
	return compiled
}

// merging are the options of a webhook whose answers change the body.
func merging(configuration object) object {
	c := object{"processResponse": true, "responseProcessing": object{"mergeStrategy": "merge"}}
	maps.Copy(c, configuration)
	return object{"configuration": c}
}

// newGate makes a gate for the hooks, closed at the end of the test.
func newGate(t testing.TB, config interceptor.Config, hooks ...*webhook.Hook) *interceptor.Gate {
	t.Helper()
	config.Hooks = webhook.NewRegistry(hooks)
	gate, err := interceptor.New(config)
	require.NoError(t, err)
	t.Cleanup(gate.Close)
	return gate
}

// creating is the event of a POST of the body to the sample register.
func creating(t testing.TB, body string) *event.Event {
	t.Helper()
	table, err := event.Compile(event.Config{Presets: []string{"openregister"}})
	require.NoError(t, err)
	match, ok := table.Match(http.MethodPost, "/api/objects/pets/cats")
	require.True(t, ok)
	e, ok, err := match.Before(&event.Request{
		Method: http.MethodPost,
		Path:   "/api/objects/pets/cats",
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   []byte(body),
	})
	require.NoError(t, err)
	require.True(t, ok)
	return e
}

// decide sends the body through a gate with these hooks.
func decide(t testing.TB, body string, hooks ...*webhook.Hook) interceptor.Decision {
	t.Helper()
	d, err := newGate(t, interceptor.Config{}, hooks...).Intercept(t.Context(), creating(t, body))
	require.NoError(t, err)
	return d
}

// received is one event as an interceptor got it.
type received struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Subject string `json:"subject"`
	Data    struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"data"`
	Header http.Header `json:"-"`
	Raw    []byte      `json:"-"`
}

// service is an interceptor for tests: it records the events and answers what
// it is told.
type service struct {
	*httptest.Server

	mu   sync.Mutex
	seen []received
}

// answering starts a service whose answers the function writes.
func answering(t testing.TB, answer func(w http.ResponseWriter, r received)) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		got := received{Header: r.Header.Clone(), Raw: raw}
		if err := json.Unmarshal(raw, &got); err != nil {
			http.Error(w, "not an event", http.StatusTeapot)
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, got)
		s.mu.Unlock()
		answer(w, got)
	}))
	t.Cleanup(s.Close)
	return s
}

// replying starts a service that always answers the same.
func replying(t testing.TB, status int, contentType, body string) *service {
	t.Helper()
	return answering(t, func(w http.ResponseWriter, _ received) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func (s *service) events() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.seen...)
}

func (s *service) bodies() []string {
	var bodies []string
	for _, e := range s.events() {
		bodies = append(bodies, string(e.Data.Body))
	}
	return bodies
}

func TestAWriteWithoutWebhooksGoesOnUntouched(t *testing.T) {
	t.Parallel()
	e := creating(t, `{"name":"Minoes"}`)
	d, err := newGate(t, interceptor.Config{}).Intercept(t.Context(), e)
	require.NoError(t, err)
	require.Nil(t, d.Block)
	require.False(t, d.Changed)
	require.Empty(t, d.Calls)
	require.Same(t, &e.Request.Body[0], &d.Body[0], "not even copied")
}

func TestAnInterceptorReceivesTheWriteAsACloudEvent(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusNoContent, "", "")
	decide(t, `{"name":"Minoes"}`, hook(t, "look", s.URL, nil))
	events := s.events()
	require.Len(t, events, 1)
	require.Equal(t, "object.creating", events[0].Type)
	require.Equal(t, "object:pets/cats", events[0].Subject)
	require.Equal(t, "/api/objects/pets/cats", events[0].Data.Path)
	require.JSONEq(t, `{"name":"Minoes"}`, string(events[0].Data.Body))
	require.Equal(t, "application/json", events[0].Header.Get("Content-Type"), "n8n reads no other type")
	require.Equal(t, "Voorpoort", events[0].Header.Get("User-Agent"))
}

func TestTheContentTypeCanBeThatOfCloudEvents(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusNoContent, "", "")
	decide(t, `{}`, hook(t, "look", s.URL, object{"contentType": "application/cloudevents+json"}))
	require.Equal(t, "application/cloudevents+json", s.events()[0].Header.Get("Content-Type"))
}

func TestCallsAreSignedAndCarryTheOperatorsHeaders(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusNoContent, "", "")
	decide(t, `{}`, hook(t, "look", s.URL, object{
		"secret":    "een-geheim-van-de-gemeente",
		"signature": "openregister",
		"headers":   object{"Authorization": "Bearer t", "X-Source": "poort"},
	}))
	header := s.events()[0].Header
	require.Len(t, header.Get("X-Webhook-Signature"), 64)
	require.Equal(t, "Bearer t", header.Get("Authorization"))
	require.Equal(t, "poort", header.Get("X-Source"))
}

func TestAClientThatLeavesEndsTheCalls(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	release := make(chan struct{})
	defer close(release)
	s := answering(t, func(http.ResponseWriter, received) {
		close(asked)
		<-release
	})
	gate := newGate(t, interceptor.Config{}, hook(t, "slow", s.URL, nil))
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-asked
		leave()
	}()
	d, err := gate.Intercept(ctx, creating(t, `{}`))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, interceptor.OutcomeCanceled, d.Calls[0].Outcome, "a client that left is not the webhook's failure")
}

func TestAFilterThatDoesNotMatchCostsNoCall(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusUnprocessableEntity, "", "")
	d := decide(t, `{"@self":{"name":"Minoes"}}`,
		hook(t, "felix", s.URL, object{"filters": object{"data.@self.name": "Felix"}}))
	require.Nil(t, d.Block)
	require.Empty(t, d.Calls)
	require.Empty(t, s.events())
}

func TestABadFieldMappingIsToldWhenTheGateIsMade(t *testing.T) {
	t.Parallel()
	h := hook(t, "map", "http://127.0.0.1:1", object{"configuration": object{
		"processResponse": true,
		"responseProcessing": object{
			"mergeStrategy": "custom",
			"fieldMapping":  object{"a": "x", "b": "x.y"},
		},
	}})
	_, err := interceptor.New(interceptor.Config{Hooks: webhook.NewRegistry([]*webhook.Hook{h})})
	require.ErrorContains(t, err, `"map"`)
}

func TestAClosedGateStillDecidesForRequestsUnderWay(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusUnprocessableEntity, "application/json", `{"message":"nee"}`)
	gate := newGate(t, interceptor.Config{}, hook(t, "check", s.URL, nil))
	gate.Close()
	d, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Equal(t, interceptor.Rejected, d.Block.Kind, "not unavailable: the webhook was asked")
}

func TestAGateCanHaveOtherLimits(t *testing.T) {
	t.Parallel()
	gate := newGate(t, interceptor.Config{Budget: time.Minute, MaxBody: 1 << 20},
		hook(t, "add", adding(t, "x").URL, merging(nil)), hook(t, "slow", hanging(t).URL, nil))
	d, err := gate.With(time.Second, 5).Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Equal(t, interceptor.ReasonNotApplicable, d.Calls[0].Reason, "the changed body is over the limit")
	d, err = gate.With(time.Second, 1<<20).Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.True(t, d.Changed)
	require.Equal(t, interceptor.ReasonBudget, d.Calls[1].Reason)
}

func TestCloseLeavesNoConnectionBehind(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"voorpoort", "net/http"} {
		closed := make(chan struct{}, 10)
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				closed <- struct{}{}
			}
		}
		s.Start()
		t.Cleanup(s.Close)
		gate := newGate(t, interceptor.Config{}, hook(t, "check", s.URL, object{"client": client}))
		for range 2 {
			_, err := gate.Intercept(t.Context(), creating(t, `{}`))
			require.NoError(t, err)
		}
		require.Empty(t, closed, "it is kept open for the next request")
		gate.Close()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Fatal("the idle connection was not closed")
		}
	}
}
