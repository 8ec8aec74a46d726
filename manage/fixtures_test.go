package manage

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/webhook"
)

// The tokens of the tests, by what they may do.
const (
	tokenAll    = "all-of-it"
	tokenRead   = "read-only"
	tokenWrite  = "write-only"
	tokenReplay = "replay-only"
)

// prefix is where OpenRegister has its API: the API is found wherever it is.
const prefix = "/index.php/apps/openregister/api"

// desk is an API on a real store in a folder of the test, with a catalogue.
type desk struct {
	t       *testing.T
	handler *Handler
	store   *local.Store
	list    *catalogue.Catalogue
	engine  *fakeEngine

	mu       sync.Mutex
	reported []error
	answer   delivery.Attempt // of Test and Resend
	failure  error            // of Test and Resend
	resent   []delivery.Attempt
	tested   []catalogue.Entry
}

// fakeEngine knows the lanes that it is told about.
type fakeEngine struct {
	lanes   map[string]delivery.LaneStatus
	resumed []string
}

func (e *fakeEngine) Lanes() (all []delivery.LaneStatus) {
	for _, status := range e.lanes {
		all = append(all, status)
	}
	return all
}

func (e *fakeEngine) Status(lane string) (delivery.LaneStatus, bool) {
	status, known := e.lanes[lane]
	return status, known
}

func (e *fakeEngine) Resume(lane string) bool {
	e.resumed = append(e.resumed, lane)
	_, known := e.lanes[lane]
	return known
}

// fixedUUID is that of the webhook of the configuration that every desk has.
const fixedUUID = "0190b0c4-0000-7000-8000-00000000f1ed"

// newDesk opens an API. Settings change its configuration.
func newDesk(t *testing.T, settings ...func(*Config)) *desk {
	t.Helper()
	store, err := local.Open(t.TempDir(), local.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	d := &desk{t: t, store: store, engine: &fakeEngine{lanes: map[string]delivery.LaneStatus{}}}
	compile := func(w webhook.Webhook) (*webhook.Hook, error) { return webhook.Compile(w, webhook.Defaults{}) }
	fixed := webhook.Webhook{UUID: fixedUUID, Name: "Fixed", URL: webhook.NewAddress("https://fixed.example/hook")}
	hook, err := compile(fixed)
	require.NoError(t, err)
	d.list = catalogue.New(catalogue.Options{
		Fixed: []catalogue.Fixed{{Webhook: fixed, Hook: hook}}, Store: store, Compile: compile,
		Apply: func([]*webhook.Hook) error { return nil }, Report: d.report,
	})
	c := Config{
		Store: store, Engine: d.engine, Webhooks: d.list, Activity: NewActivity(16), Access: access(t), Report: d.report,
		Test: func(_ context.Context, e catalogue.Entry) (delivery.Attempt, error) {
			d.tested = append(d.tested, e)
			return d.answer, d.failure
		},
		Resend: func(_ context.Context, _ catalogue.Entry, a delivery.Attempt) (delivery.Attempt, error) {
			d.resent = append(d.resent, a)
			return d.answer, d.failure
		},
		Check:  func(context.Context, CheckRequest) (CheckReport, error) { return CheckReport{}, nil },
		Settle: func(context.Context, string, bool) error { return nil },
	}
	for _, set := range settings {
		set(&c)
	}
	d.handler, err = New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.handler.Close()) })
	return d
}

func (d *desk) report(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reported = append(d.reported, err)
}

func access(t *testing.T) *Access {
	t.Helper()
	a, err := NewAccess([]Token{
		tokenOf(tokenAll, Read|Write|Replay|ReadPayload), tokenOf(tokenRead, Read), tokenOf(tokenWrite, Write), tokenOf(tokenReplay, Replay),
	}, true)
	require.NoError(t, err)
	return a
}

func tokenOf(token string, scopes Scopes) Token {
	return Token{Hash: sha256.Sum256([]byte(token)), Scopes: scopes}
}

// request makes a request with the token that may do everything. A body is JSON.
func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+tokenAll)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// send gives the answer to a request.
func (d *desk) send(r *http.Request) *reply {
	d.t.Helper()
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, r)
	checkAnswer(d.t, d.handler, r, recorder)
	return &reply{t: d.t, ResponseRecorder: recorder}
}

// do sends a request below the API's root.
func (d *desk) do(method, path, body string) *reply {
	d.t.Helper()
	return d.send(request(method, prefix+path, body))
}

// reply is an answer that can be looked into.
type reply struct {
	t *testing.T
	*httptest.ResponseRecorder
}

// is demands a status.
func (a *reply) is(status int) *reply {
	a.t.Helper()
	require.Equal(a.t, status, a.Code, a.Body.String())
	return a
}

// object gives the members of the answer.
func (a *reply) object() map[string]any {
	a.t.Helper()
	var members map[string]any
	require.NoError(a.t, json.Unmarshal(a.Body.Bytes(), &members), a.Body.String())
	return members
}

// results gives the list in the answer.
func (a *reply) results() (list []map[string]any) {
	a.t.Helper()
	for _, one := range a.object()["results"].([]any) {
		list = append(list, one.(map[string]any))
	}
	return list
}

// refused demands a problem with all its members, and OpenRegister's text.
func (a *reply) refused(status int, text string) *reply {
	a.t.Helper()
	a.is(status)
	require.Equal(a.t, "application/problem+json", a.Header().Get("Content-Type"))
	problem := a.object()
	require.Equal(a.t, "about:blank", problem["type"])
	require.Equal(a.t, http.StatusText(status), problem["title"])
	require.InDelta(a.t, status, problem["status"], 0)
	require.NotEmpty(a.t, problem["detail"])
	require.Contains(a.t, problem["error"], text)
	return a
}

// pointers are the members that a problem names.
func (a *reply) pointers() (pointers []string) {
	a.t.Helper()
	list, _ := a.object()["errors"].([]any)
	for _, one := range list {
		fault := one.(map[string]any)
		for _, key := range []string{"pointer", "parameter"} {
			if text, given := fault[key].(string); given {
				pointers = append(pointers, text)
			}
		}
	}
	return pointers
}

// make creates a webhook, and gives its id and uuid.
func (d *desk) make(body string) (id, uuid string) {
	d.t.Helper()
	made := d.do("POST", "/webhooks", body).is(http.StatusCreated).object()
	return jsonNumber(made["id"]), made["uuid"].(string)
}

func jsonNumber(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

// log writes rows of the log of a lane: one attempt each of a message of its
// own.
func (d *desk) log(lane string, attempts ...delivery.Attempt) {
	d.t.Helper()
	ctx := d.t.Context()
	for i := range attempts {
		a := &attempts[i]
		message := delivery.Message{
			ID: a.Message, Source: "/test", Type: "object.created", Class: classPrefix + "ObjectCreatedEvent", Time: time.Now(),
			Event: []byte(`{"id":"` + a.Message + `","data":{"object":{"name":"Felix","bsn":"123"}}}`), Targets: []delivery.Target{{Lane: lane}},
		}
		require.NoError(d.t, d.store.Append(ctx, message))
		leases, _, err := d.store.Lease(ctx, lane, 1, time.Now().Add(time.Minute))
		require.NoError(d.t, err)
		require.Len(d.t, leases, 1)
		a.Lane, a.Seq, a.Type, a.Class = lane, leases[0].Message.Seq, message.Type, message.Class
		a.Number, a.URL, a.Method = 1, "https://receiver.example/hook", "POST"
		if a.Time.IsZero() {
			a.Time = time.Now()
		}
		outcome := delivery.Outcome{Lease: leases[0], Verdict: delivery.Done, Attempt: a}
		if !a.Success {
			outcome.Verdict, outcome.Reason = delivery.Bury, "gave up"
			if !a.Next.IsZero() {
				outcome.Verdict, outcome.Due = delivery.Retry, a.Next
			}
		}
		require.NoError(d.t, d.store.Finish(ctx, outcome))
	}
}

var errBroken = errors.New("secret detail of the store")

// drain reads a body for a test that only wants to know that it can be read.
func drain(t *testing.T, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(raw)
}
