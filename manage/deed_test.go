package manage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// witnessedOffice is an office whose deeds are kept.
func witnessedOffice(t *testing.T) (d *office, deeds func() []Deed) {
	t.Helper()
	var done []Deed
	d = newOffice(t, func(c *Config) {
		c.Tell = func(deed Deed) { done = append(done, deed) }
	})
	return d, func() []Deed {
		told := done
		done = nil
		return told
	}
}

// Everything that changes something leaves a trace, with the webhook that it was
// about, and nothing of what was sent.
func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	d, deeds := witnessedOffice(t)
	e := d.webhook(`"name":"first","url":"https://secret.example/first"`)
	for i := range 3 {
		d.post("a", fmt.Sprint("e", i))
		d.attempt(e, delivery.Bury)
	}
	require.NoError(t, d.store.Hold(t.Context(), delivery.Hold{ID: "h1"}))
	deeds()
	for _, c := range []struct {
		method, path, body string
		operation, target  string
		webhook            uint64
	}{
		{"POST", "/webhooks", `{"name":"made","url":"https://secret.example/x"}`, "createWebhook", "", 2},
		{"PATCH", "/webhooks/2", `{"enabled":false}`, "patchWebhook", "2", 2},
		{"POST", "/webhooks/1/test", ``, "testWebhook", "1", 1},
		{"POST", "/webhooks/1/resume", ``, "resumeWebhook", "1", 1},
		{"DELETE", "/webhooks/2", ``, "deleteWebhook", "2", 2},
		{"POST", "/webhooks/logs/1/retry", ``, "retryLog", "1", 1},
		{"POST", "/dead-letters/1/1/replay", ``, "replayDeadLetter", "1 1", 1},
		{"POST", "/dead-letters/1/2/discard", `{"reason":"secret"}`, "discardDeadLetter", "1 2", 1},
		{"POST", "/dead-letters/replay", `{"webhook":"1"}`, "replayDeadLetters", "", 1},
		{"POST", "/replay", `{"webhook":"1","type":"secret"}`, "replayMessages", "", 1},
		{"POST", "/holds/h1/settle", `{"happened":true}`, "settleHold", "h1", 0},
		{"POST", "/events", cloudEventOf("secret", "e9", ""), "postEvent", "", 0},
		{"POST", "/events/subscriptions", `{"style":"pull"}`, "createSubscription", "", 3},
		{"POST", "/events/subscriptions/3/acknowledge", `{"messages":[1]}`, "acknowledgeMessages", "3", 3},
		{"DELETE", "/webhooks/77", ``, "deleteWebhook", "77", 0},
	} {
		a := d.do(c.method, "/api"+c.path, c.body)
		told := deeds()
		require.Len(t, told, 1, c)
		deed := told[0]
		require.Equal(t, []any{c.method, c.operation, c.target, c.webhook, a.status}, []any{deed.Method, deed.Operation, deed.Target, deed.Webhook, deed.Status}, "%v %s", c, a.body)
		require.Equal(t, c.webhook != 0, deed.UUID != "", c)
		require.Equal(t, []any{true, "somebody", true}, []any{deed.Change, deed.Caller, deed.User})
		require.Equal(t, strings.Count(c.path, "/"), strings.Count(deed.Route, "/"))
		raw, err := json.Marshal(deed)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "secret")
	}
}

// Whoever looks at bodies leaves a trace, and nobody else who looks.
func TestEveryLookAtBodiesIsTold(t *testing.T) {
	t.Parallel()
	d, deeds := witnessedOffice(t)
	d.post("a", "e0") // nobody was told of it
	e := d.webhook(`"name":"first","url":"https://r.example/first"`)
	d.post("a", "e1")
	d.attempt(e, delivery.Bury)
	deeds()
	for path, operation := range map[string]string{
		"/messages": "listMessages", "/messages/e1": "getMessage", "/dead-letters": "listDeadLetters", "/messages/e0?source=/s": "getMessage", "/dead-letters/1/2": "getDeadLetter",
		"/events": "listEvents", "/events/e1": "getEvent", "/events/e1/messages": "listEventMessages", "/events/subscriptions/1/messages": "listSubscriptionMessages",
		"/webhooks/logs": "listLogs", "/webhooks/logs/1": "getLog", "/webhooks/1/logs": "listWebhookLogs",
	} {
		d.as(Read, "GET", "/api"+path, "").ok(http.StatusOK)
		require.Empty(t, deeds(), "%s without bodies", path)
		d.as(Read|ReadPayload, "GET", "/api"+path, "").ok(http.StatusOK)
		told := deeds()
		require.Len(t, told, 1, path)
		require.Equal(t, []any{false, operation, http.StatusOK}, []any{told[0].Change, told[0].Operation, told[0].Status})
	}
	for _, path := range []string{"/webhooks", "/webhooks/1", "/overview", "/holds", "/jobs", "/interceptions", "/webhooks/1/logs/stats", "/messages?type=none", "/messages/none"} {
		d.do("GET", "/api"+path, "")
		require.Empty(t, deeds(), path)
	}
}

// A lease is a change if there was something to lease.
func TestALeaseIsTold(t *testing.T) {
	t.Parallel()
	d, deeds := witnessedOffice(t)
	d.do("POST", "/api/events/subscriptions", `{"style":"pull"}`).ok(200)
	deeds()
	d.as(Read|Write, "GET", pullPath+"?lease=60", "").ok(200)
	require.Empty(t, deeds(), "there is nothing yet: a subscriber asks every few seconds")
	d.post("a", "e1")
	deeds()
	d.as(Read|Write, "GET", pullPath+"?lease=60", "").ok(200)
	told := deeds()
	require.Len(t, told, 1)
	require.True(t, told[0].Change)
	require.EqualValues(t, 1, told[0].Webhook)
}

// Who it was: the token's name or the user's, and the address. What a known
// caller may not do is told too; who is unknown has done nothing.
func TestWhoDidIt(t *testing.T) {
	t.Parallel()
	d, deeds := witnessedOffice(t)
	named := tokenOf("night", Read)
	named.Name = "night shift"
	a, err := NewAccess([]Token{tokenOf("day", Write), named}, true)
	require.NoError(t, err)
	d.handler.config.Access = a
	do := func(token, address string) []Deed {
		r := httptest.NewRequestWithContext(t.Context(), "DELETE", "/api/webhooks/"+strings.Repeat("9", 300), http.NoBody)
		r.RemoteAddr = "192.0.2.1:5000"
		r.Header.Set("Authorization", "Bearer "+token)
		if address != "" {
			r = r.WithContext(WithClientAddress(r.Context(), address))
		}
		d.handler.ServeHTTP(httptest.NewRecorder(), r)
		return deeds()
	}
	day := do("day", "")[0]
	require.Equal(t, []any{"token 1", false, "192.0.2.1", http.StatusNotFound}, []any{day.Caller, day.User, day.Client, day.Status})
	require.Len(t, day.Target, maxTarget)
	night := do("night", "2001:db8::7")[0]
	require.Equal(t, []any{"night shift", "2001:db8::7", http.StatusForbidden}, []any{night.Caller, night.Client, night.Status})
	require.Empty(t, do("nobody's", ""))
}

// A change that broke off is told too, without a status.
func TestAChangeThatBrokeOffIsTold(t *testing.T) {
	t.Parallel()
	d, deeds := witnessedOffice(t)
	d.handler.config.Settle = nil
	require.NoError(t, d.store.Hold(t.Context(), delivery.Hold{ID: "h1"}))
	require.Panics(t, func() { d.do("POST", "/api/holds/h1/settle", `{"happened":true}`) })
	told := deeds()
	require.Len(t, told, 1)
	require.Zero(t, told[0].Status)
}
