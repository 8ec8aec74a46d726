package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/webhook"
)

// office is an API over a store in memory, for tests.
type office struct {
	t        *testing.T
	store    *storetest.Memory
	webhooks *shelf
	engine   *stubEngine
	activity *Activity
	handler  *Handler
	settled  map[string]bool
}

// newOffice opens an API; change may alter its configuration.
func newOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	d := &office{
		t: t, store: storetest.NewMemory(), webhooks: &shelf{}, engine: &stubEngine{}, activity: NewActivity(100),
		settled: map[string]bool{},
	}
	config := Config{
		Store: d.store, Engine: d.engine, Webhooks: d.webhooks, Activity: d.activity, Gateway: "gate-1", Version: "1.2.3", CaddyVersion: "v2",
		Access: officeAccess(t),
		Test: func(context.Context, catalogue.Entry) (delivery.Attempt, error) {
			return delivery.Attempt{}, errors.New("not here")
		},
		Resend: func(context.Context, catalogue.Entry, delivery.Attempt) (delivery.Attempt, error) {
			return delivery.Attempt{}, errors.New("not here")
		},
		Check:  func(context.Context, CheckRequest) (CheckReport, error) { return CheckReport{}, errors.New("not here") },
		Report: func(err error) { t.Logf("reported: %v", err) },
		Settle: func(ctx context.Context, id string, happened bool) error {
			d.settled[id] = happened
			return d.store.Release(ctx, id)
		},
	}
	for _, f := range change {
		f(&config)
	}
	handler, err := New(config)
	require.NoError(t, err)
	d.handler = handler
	t.Cleanup(func() { require.NoError(t, handler.Close()) })
	return d
}

// reaction is what a client got.
type reaction struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// do makes a call as one who may do everything.
func (d *office) do(method, path, body string) *reaction {
	d.t.Helper()
	return d.as(Read|Write|Replay|ReadPayload, method, path, body)
}

// as makes a call as one who may do certain things.
func (d *office) as(scopes Scopes, method, path, body string) *reaction {
	d.t.Helper()
	return d.with(nil, scopes, method, path, body)
}

// with makes a call with headers.
func (d *office) with(headers map[string]string, scopes Scopes, method, path, body string) *reaction {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r = r.WithContext(WithUser(r.Context(), "somebody", scopes))
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	checkAnswer(d.t, d.handler, r, w)
	return &reaction{d.t, w.Code, w.Header(), bytes.TrimSpace(w.Body.Bytes())}
}

// ok demands a status and decodes the answer.
func (a *reaction) ok(status int) map[string]any {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	var decoded map[string]any
	require.NoError(a.t, json.Unmarshal(a.body, &decoded), "%s", a.body)
	return decoded
}

// at follows keys and indexes into a decoded answer.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch s := step.(type) {
		case string:
			require.Contains(t, value, s)
			value = value.(map[string]any)[s]
		case int:
			require.Greater(t, len(value.([]any)), s)
			value = value.([]any)[s]
		}
	}
	return value
}

// column gives one member of each result.
func column(t *testing.T, list any, name string) []any {
	t.Helper()
	values := []any{}
	for _, one := range list.([]any) {
		values = append(values, at(t, one, name))
	}
	return values
}

// problem demands a problem document, and gives where its faults are.
func (a *reaction) problem(status int) []any {
	a.t.Helper()
	decoded := a.ok(status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.NotEmpty(a.t, decoded["title"])
	require.NotEmpty(a.t, decoded["detail"])
	require.InDelta(a.t, status, decoded["status"], 0)
	if decoded["errors"] == nil {
		return nil
	}
	places := []any{}
	for _, fault := range decoded["errors"].([]any) {
		place := fault.(map[string]any)["pointer"]
		if name, ok := fault.(map[string]any)["parameter"].(string); ok {
			place = "?" + name
		}
		places = append(places, place)
	}
	return places
}

// event makes a CloudEvent.
func cloudEventOf(kind, id, members string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":%q,"source":"/s","id":%q%s}`, kind, id, members)
}

// post hands in an event and gives its position.
func (d *office) post(kind, id string) uint64 {
	d.t.Helper()
	return uint64(at(d.t, d.do("POST", "/api/events", cloudEventOf(kind, id, `,"data":{"n":1}`)).ok(200), "id").(float64))
}

// webhook makes a webhook and gives its entry.
func (d *office) webhook(members string) catalogue.Entry {
	d.t.Helper()
	w, err := webhook.Parse([]byte("{" + members + "}"))
	require.NoError(d.t, err)
	e, err := d.webhooks.Create(d.t.Context(), w)
	require.NoError(d.t, err)
	return e
}

// attempt makes the next delivery of a webhook, which comes to a verdict.
func (d *office) attempt(e catalogue.Entry, v delivery.Verdict) delivery.Lease {
	d.t.Helper()
	leases, _, err := d.store.Lease(d.t.Context(), e.Hook.Lane(), 1, time.Now().Add(time.Minute))
	require.NoError(d.t, err)
	require.Len(d.t, leases, 1)
	l := leases[0]
	a := &delivery.Attempt{
		Lane: l.Lane, Message: l.Message.ID, Seq: l.Message.Seq, Type: l.Message.Type, Time: time.Now(), Duration: 5 * time.Millisecond,
		Number: l.Attempt, URL: "https://hooks.example/", Method: "POST", Success: v == delivery.Done, Status: 200,
	}
	if !a.Success {
		a.Status, a.Reason, a.Error, a.Response = 500, delivery.ReasonServer, "it answered 500", []byte("no room")
	}
	require.NoError(d.t, d.store.Finish(d.t.Context(), delivery.Outcome{
		Lease: l, Verdict: v, Due: time.Now().Add(time.Hour), Reason: "too often", Attempt: a,
	}))
	return l
}

// state is where a delivery stands.
func (d *office) state(lane string, seq uint64) delivery.State {
	d.t.Helper()
	found, err := d.store.Deliveries(d.t.Context(), delivery.DeliveryQuery{Lane: lane, Seq: seq})
	require.NoError(d.t, err)
	require.Len(d.t, found, 1)
	return found[0].State
}
