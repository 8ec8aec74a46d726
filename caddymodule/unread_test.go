package caddymodule

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/webhook"
)

// unread starts a gateway whose store has webhooks and does not tell them.
func unread(t *testing.T, handler string, stored []string, fixed ...string) (*Handler, *failingStore) {
	t.Helper()
	store := &failingStore{Store: storetest.NewMemory()}
	list := catalogue.New(catalogue.Options{
		Store: store, Compile: func(w webhook.Webhook) (*webhook.Hook, error) { return webhook.Compile(w, webhook.Defaults{}) },
		Apply: func([]*webhook.Hook) error { return nil },
	})
	for _, document := range stored {
		w, err := webhook.Parse([]byte(document))
		require.NoError(t, err)
		_, err = list.Create(t.Context(), w)
		require.NoError(t, err)
	}
	store.failDocuments.Store(true)
	laidOut.Store(t.Name(), store)
	return telling(t, loopback+`,"on_store_down":"allow"`, handler, fixed...)
}

// bodies are the objects of the deliveries to all lanes but that of nobody, in
// the order of the store.
func bodies(t *testing.T, store delivery.Store) (all []string) {
	t.Helper()
	deliveries := stored(t, store)
	slices.SortFunc(deliveries, func(a, b delivery.Delivery) int { return int(a.Seq) - int(b.Seq) })
	for i := range deliveries {
		var e struct {
			Data struct {
				Object json.RawMessage `json:"object"`
			} `json:"data"`
		}
		require.NoError(t, json.Unmarshal(deliveries[i].Message.Event, &e))
		if deliveries[i].Lane != "nobody" {
			all = append(all, string(e.Data.Object))
		}
	}
	return all
}

// TestWhoIsReadLaterIsTold of every write since the start, in order. Until then
// the writes keep their holds, in case the gateway dies.
func TestWhoIsReadLaterIsTold(t *testing.T) {
	t.Parallel()
	h, store := unread(t, "", []string{`{"name":"later","url":"http://127.0.0.1:9/","events":["object.updated"],"when":"before.a == 0"}`}, nobody)
	for n := range 5 {
		w, err := send(t, h, http.MethodPut, cats+"/1", fmt.Sprintf(`{"a":%d}`, n), registerShows(`{"a":0}`, fmt.Sprintf(`{"a":%d}`, n)))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, w.Code)
		require.NotEmpty(t, w.Header().Get("Voorpoort-Event-Id"))
	}
	require.Empty(t, stored(t, store), "it is not known who has to be told")
	require.Len(t, holds(t, store), 5)

	store.failDocuments.Store(false)
	require.Eventually(t, func() bool { return len(holds(t, store)) == 0 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, []string{`{"a":0}`, `{"a":1}`, `{"a":2}`, `{"a":3}`, `{"a":4}`}, bodies(t, store))
	require.Len(t, stored(t, store), 10, "the webhook of the configuration is told once of each, too")
}

// registerShows is a register that has one thing, and makes another of it.
func registerShows(before, after string) caddyhttp.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodGet {
			return registerSays(200, before)(w, r)
		}
		return registerSays(200, after)(w, r)
	}
}

// TestNobodyIsAskedForHalfOfTheWebhooks: what is in doubt stays so, however old it
// is, until it is known who has to be told of the answer.
func TestNobodyIsAskedForHalfOfTheWebhooks(t *testing.T) {
	t.Parallel()
	h, store := unread(t, "", []string{`{"name":"later","url":"http://127.0.0.1:9/"}`})
	old := delivery.Hold{ID: "e1", Created: time.Now().Add(-25 * time.Hour), Intent: []byte("of a gateway to come")}
	h.app.queue.owner.begun = time.Now().Add(-recoverGrace)
	_, err := h.app.Recover(t.Context(), old)
	require.ErrorIs(t, err, errUnread)

	c, err := h.app.cockpit(t.Context())
	require.NoError(t, err)
	require.NoError(t, store.Hold(t.Context(), old))
	require.ErrorIs(t, c.settleHold(t.Context(), "e1", true), errUnread, "nor is the word of a person taken")
	require.True(t, storeAway(errUnread), "who is told to come back")

	store.failDocuments.Store(false)
	require.Eventually(t, func() bool { return h.app.unread() == nil }, 20*time.Second, 10*time.Millisecond)
	found, err := h.app.Recover(t.Context(), old)
	require.NoError(t, err)
	require.Len(t, found.Messages, 1)
	require.NotEqual(t, "nobody", found.Messages[0].Targets[0].Lane)
}

// TestTheEventBeforeIsToldLater to the asynchronous interceptors that were not
// known, and only to them.
func TestTheEventBeforeIsToldLater(t *testing.T) {
	t.Parallel()
	asynchronous := `,"events":["object.creating"],"configuration":{"interceptRequests":true,"async":true}}`
	h, store := unread(t, "", []string{`{"name":"later","url":"http://127.0.0.1:9/"` + asynchronous},
		`{"name":"at once","url":"http://127.0.0.1:9"`+asynchronous)
	w, err := send(t, h, http.MethodPost, cats, `{"name":"Tom"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		require.Len(t, stored(t, store), 1, "before the register is touched") //nolint:testifylint // on the goroutine of the test
		return registerSays(201, `{"name":"Tom"}`)(w, r)
	}))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, w.Code)
	store.failDocuments.Store(false)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 2 }, 20*time.Second, 10*time.Millisecond)
	told := stored(t, store)
	require.NotEqual(t, told[0].Lane, told[1].Lane)
	for _, d := range told {
		require.Equal(t, "object.creating", d.Message.Type)
		require.Contains(t, string(d.Message.Event), `"body":{"name":"Tom"}`)
		require.Contains(t, string(d.Message.Event), `"id":"`+d.Message.ID+`"`)
	}
	require.NotEqual(t, told[0].Message.ID, told[1].Message.ID, "or the store would have passed over the second")
}

// TestWithoutAHoldTheyAreKeptInMemory: the guarantee on-response has none.
func TestWithoutAHoldTheyAreKeptInMemory(t *testing.T) {
	t.Parallel()
	h, store := unread(t, `,"guarantee":"on-response"`, []string{`{"name":"later","url":"http://127.0.0.1:9/"}`})
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":1}`))
	require.NoError(t, err)
	require.Empty(t, holds(t, store))
	store.failDocuments.Store(false)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 1 }, 20*time.Second, 10*time.Millisecond)
}

// TestNothingOvertakesWhatWaitsForTheWebhooks of what is ordered.
func TestNothingOvertakesWhatWaitsForTheWebhooks(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", ordered)
	known := make(chan struct{})
	h.app.queue.oweUnread("first", false, 0, func(*webhook.Snapshot) []delivery.Message {
		<-known
		return []delivery.Message{{ID: "first", Source: "s", Event: []byte(`{}`), Targets: []delivery.Target{{Lane: "ordered", Key: "k"}}}}
	})
	_, err := send(t, h, http.MethodPut, cats+"/1", `{"n":2}`, registerSays(200, `{"n":2}`))
	require.NoError(t, err)
	require.Empty(t, stored(t, store))
	close(known)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 2 }, 20*time.Second, 10*time.Millisecond)
	told := stored(t, store)
	require.Equal(t, "first", told[0].Message.ID)
	require.Less(t, told[0].Seq, told[1].Seq)
}

// TestAReloadDoesNotForgetWhoIsUnknown: the configuration that comes after knows
// the webhooks of the store no better, and tells them when it does.
func TestAReloadDoesNotForgetWhoIsUnknown(t *testing.T) {
	t.Parallel()
	h, store := unread(t, "", []string{`{"name":"later","url":"http://127.0.0.1:9/"}`})
	write := func(h *Handler, n int) {
		t.Helper()
		body := fmt.Sprintf(`{"n":%d}`, n)
		_, err := send(t, h, http.MethodPut, cats+"/1", body, registerSays(200, body))
		require.NoError(t, err)
	}
	write(h, 1)
	next := provisioned(t, fmt.Sprintf(`{"source":"urn:test","store":{"type":"memory","name":%q}%s,"on_store_down":"allow"}`, t.Name(), loopback),
		`{"presets":["openregister"]}`)
	require.NoError(t, next.app.Start())
	require.NoError(t, h.app.Stop())
	write(next, 2)
	require.Empty(t, stored(t, store))
	store.failDocuments.Store(false)
	require.Eventually(t, func() bool { return len(holds(t, store)) == 0 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, []string{`{"n":1}`, `{"n":2}`}, bodies(t, store))
	require.NoError(t, next.app.Stop())
	require.NoError(t, next.app.Cleanup())
}
