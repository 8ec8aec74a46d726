package caddymodule

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// loopback is the setting of tests whose receivers are on this machine.
const loopback = `,"egress_allow":["127.0.0.0/8"]`

// made makes a webhook of the store.
func made(t testing.TB, a *App, document string) catalogue.Entry {
	t.Helper()
	w, err := webhook.Parse([]byte(document))
	require.NoError(t, err)
	e, err := a.catalogue.Create(context.Background(), w)
	require.NoError(t, err)
	return e
}

// interceptorOf is a server that answers every event with a status.
func interceptorOf(t testing.TB, status int) (url string, calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		calls.Add(1)
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, calls
}

func TestAWebhookOfTheStoreIsAskedFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, loopback, "")
	write := func(want int) {
		t.Helper()
		w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
		require.NoError(t, err)
		require.Equal(t, want, w.Code)
	}
	write(201)
	url, calls := interceptorOf(t, http.StatusUnprocessableEntity)
	e := made(t, h.app, fmt.Sprintf(`{"name":"no","url":%q,"configuration":{"interceptRequests":true}}`, url))
	write(http.StatusUnprocessableEntity)
	_, err := h.app.catalogue.Update(t.Context(), e.UUID, 0, func(w webhook.Webhook) (webhook.Webhook, error) {
		w.Disabled = true
		return w, nil
	})
	require.NoError(t, err)
	write(201)
	require.NoError(t, h.app.catalogue.Delete(t.Context(), e.UUID, 0))
	write(201)
	require.Equal(t, int64(1), calls.Load())
}

// TestAWebhookOfTheStoreIsTold: before-images, holds and targets follow what is in
// force.
func TestAWebhookOfTheStoreIsTold(t *testing.T) {
	t.Parallel()
	h, store := telling(t, loopback, "")
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":"1"}`))
	require.NoError(t, err)
	require.Empty(t, stored(t, store), "nobody wants to know")

	e := made(t, h.app, `{"name":"later","url":"http://127.0.0.1:9/","events":["object.updated"],"when":"before.a == 1"}`)
	reads := 0
	register := caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodGet {
			reads++
		}
		return registerSays(200, `{"a":1}`)(w, r)
	})
	_, err = send(t, h, http.MethodPut, cats+"/1", `{"a":2}`, register)
	require.NoError(t, err)
	require.Equal(t, 1, reads, "the thing as it was is got for its sake")
	deliveries := stored(t, store)
	require.Len(t, deliveries, 1)
	require.Equal(t, e.UUID, deliveries[0].Lane)
	status, ok := h.app.queue.engine.Status(e.UUID)
	require.True(t, ok)
	require.NotEqual(t, delivery.LaneUnknown, status.State)

	require.NoError(t, h.app.catalogue.Delete(t.Context(), "1", 0))
	_, err = send(t, h, http.MethodPut, cats+"/1", `{"a":2}`, register)
	require.NoError(t, err)
	require.Equal(t, 1, reads)
	require.Len(t, stored(t, store), 1)
}

// TestARequestEndsWithTheWebhooksThatItBeganWith while its webhook is deleted.
func TestARequestEndsWithTheWebhooksThatItBeganWith(t *testing.T) {
	t.Parallel()
	var app atomic.Pointer[App]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := app.Load().catalogue.Delete(context.Background(), "1", 0); err != nil { //nolint:contextcheck // the request ends by it
			t.Error(err)
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(s.Close)
	h, _ := telling(t, loopback, "")
	app.Store(h.app)
	made(t, h.app, fmt.Sprintf(`{"name":"no","url":%q,"configuration":{"interceptRequests":true}}`, s.URL))
	w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, w.Code, "its answer counts for this one")
	w, err = send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, 201, w.Code)
}

// TestAWriteWaitsForTheWebhooksOfTheStore: requests may come before the app has
// started.
func TestAWriteWaitsForTheWebhooksOfTheStore(t *testing.T) {
	t.Parallel()
	first, _ := telling(t, loopback, "")
	url, _ := interceptorOf(t, http.StatusForbidden)
	made(t, first.app, fmt.Sprintf(`{"name":"no","url":%q,"configuration":{"interceptRequests":true}}`, url))

	h := provisioned(t, fmt.Sprintf(`{"source":"urn:test","store":{"type":"memory","name":%q}%s}`, t.Name(), loopback), `{"presets":["openregister"]}`)
	var early sync.WaitGroup
	early.Go(func() {
		w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
		if err != nil || w.Code != http.StatusForbidden {
			t.Errorf("it slipped through: %d, %v", w.Code, err)
		}
	})
	time.Sleep(20 * time.Millisecond)
	require.NoError(t, h.app.Start())
	early.Wait()
	require.NoError(t, h.app.Stop())
	require.NoError(t, h.app.Cleanup())
}

// TestOneOfTheStoreMayNotGoAnywhere, as one of the configuration may.
func TestOneOfTheStoreMayNotGoAnywhere(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "")
	url, calls := interceptorOf(t, http.StatusNoContent)
	_, err := h.app.catalogue.Create(t.Context(), webhook.Webhook{Name: "a", URL: webhook.NewAddress(url)})
	require.ErrorContains(t, err, "/url: address in 127.0.0.0/8 (loopback)")

	port := url[strings.LastIndex(url, ":")+1:]
	for _, client := range []string{"voorpoort", "net/http"} {
		e := made(t, h.app, fmt.Sprintf(`{"name":%q,"url":"http://localhost:%s/","client":%q,"configuration":{"interceptRequests":true}}`, client, port, client))
		w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, w.Code, "a name that leads there is found out when it is called")
		require.NoError(t, h.app.catalogue.Delete(t.Context(), e.UUID, 0))
	}
	require.Zero(t, calls.Load())
	_, err = h.app.catalogue.Create(t.Context(), webhook.Webhook{Name: "b", URL: webhook.NewAddress("https://h.example/{env.HOME}")})
	if err == nil {
		e, _ := h.app.catalogue.Find("3")
		require.Contains(t, e.Hook.URL.String(), "%7Benv.HOME%7D", "it stands for itself")
	}
}

// TestWebhooksComeAndGoUnderLoad: requests never fail for it, each is judged by
// what was in force when it began, and queues that stay are not touched.
func TestWebhooksComeAndGoUnderLoad(t *testing.T) {
	t.Parallel()
	stayURL, stay := interceptorOf(t, http.StatusNoContent)
	comeURL, _ := interceptorOf(t, http.StatusNoContent)
	h, store := telling(t, loopback, "", nobody, fmt.Sprintf(`{"name":"stays","url":%q,"configuration":{"interceptRequests":true}}`, stayURL))
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	var writes atomic.Int64
	for range 4 {
		writers.Go(func() {
			for ctx.Err() == nil {
				w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":"1"}`)) //nolint:contextcheck // the writers end after their write
				if err != nil || w.Code != http.StatusCreated {
					t.Errorf("a write failed: %d, %v", w.Code, err)
				}
				writes.Add(1)
			}
		})
	}
	before := h.app.attached[h.app.hooks.Snapshot().All()[0]]
	for i := range 40 {
		asked := made(t, h.app, fmt.Sprintf(`{"name":"asked %d","url":%q,"configuration":{"interceptRequests":true}}`, i, comeURL))
		told := made(t, h.app, fmt.Sprintf(`{"name":"told %d","url":"http://127.0.0.1:9/"}`, i))
		require.NoError(t, h.app.catalogue.Delete(t.Context(), asked.UUID, 0))
		require.NoError(t, h.app.catalogue.Delete(t.Context(), told.UUID, 0))
	}
	cancel()
	writers.Wait()
	require.Equal(t, fmt.Sprintf("%p", before), fmt.Sprintf("%p", h.app.attached[h.app.hooks.Snapshot().All()[0]]))
	require.Positive(t, writes.Load())
	require.Equal(t, writes.Load(), stay.Load(), "the one that stays was asked about each")
	require.Eventually(t, func() bool { return len(holds(t, store)) == 0 }, 5*time.Second, 10*time.Millisecond)
	t.Logf("%d writes while 80 webhooks came and went", writes.Load())
}

// TestAReloadKeepsTheWebhooksOfTheStore, also when the store does not answer just
// then.
func TestAReloadKeepsTheWebhooksOfTheStore(t *testing.T) {
	t.Parallel()
	url, _ := interceptorOf(t, http.StatusForbidden)
	h, store := telling(t, loopback, "")
	made(t, h.app, fmt.Sprintf(`{"name":"no","url":%q,"configuration":{"interceptRequests":true}}`, url))
	store.failDocuments.Store(true)
	next := provisioned(t, fmt.Sprintf(`{"source":"urn:test","store":{"type":"memory","name":%q}%s}`, t.Name(), loopback), `{"presets":["openregister"]}`)
	require.NoError(t, next.app.Start())
	w, err := send(t, next, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, w.Code)
	require.NoError(t, next.app.Stop())
	require.NoError(t, next.app.Cleanup())
}
