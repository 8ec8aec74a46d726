package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/settle"
)

func init() {
	caddy.RegisterModule(memoryStorage{})
}

// memoryStorage is a store for tests, one for each Name.
type memoryStorage struct {
	Name string `json:"name"`
}

func (memoryStorage) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storageNamespace + ".memory", New: func() caddy.Module { return new(memoryStorage) }}
}

func (s *memoryStorage) Resource() string { return "memory " + s.Name }

// laidOut are stores that are opened instead of an empty one, by Name.
var laidOut sync.Map

func (s *memoryStorage) Open(context.Context, *zap.Logger) (delivery.Store, error) {
	if store, ok := laidOut.Load(s.Name); ok {
		return store.(delivery.Store), nil //nolint:forcetypeassert // the map has nothing else
	}
	return &failingStore{Store: storetest.NewMemory()}, nil
}

// failingStore is one that can be made to fail.
type failingStore struct {
	delivery.Store
	fail          atomic.Bool
	failDocuments atomic.Bool
	panics        atomic.Bool // once, in Release
}

func (s *failingStore) Documents(ctx context.Context, kind string) ([]delivery.Document, error) {
	if s.failDocuments.Load() {
		return nil, errStoreDown
	}
	return s.Store.Documents(ctx, kind)
}

var errStoreDown = errors.New("the disk is full")

func (s *failingStore) down() error {
	if s.fail.Load() {
		return errStoreDown
	}
	return nil
}

func (s *failingStore) Hold(ctx context.Context, h delivery.Hold) error {
	if err := s.down(); err != nil {
		return err
	}
	return s.Store.Hold(ctx, h)
}

func (s *failingStore) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if s.panics.CompareAndSwap(true, false) {
		panic("of all things")
	}
	if err := s.down(); err != nil {
		return err
	}
	return s.Store.Release(ctx, hold, messages...)
}

func (s *failingStore) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := s.down(); err != nil {
		return err
	}
	return s.Store.Append(ctx, messages...)
}

// nobody is a receiver that cannot be reached, so that what is for it stays.
const nobody = `{"name":"nobody","url":"http://127.0.0.1:9"}`

// telling makes a gate, started, with these webhooks and a store in memory.
func telling(t *testing.T, app, handler string, webhooks ...string) (*Handler, *failingStore) {
	t.Helper()
	h := provisioned(t, fmt.Sprintf(`{"source":"urn:test","recover_after":1,"store":{"type":"memory","name":%q}%s,"webhooks":[%s]}`,
		t.Name(), app, strings.Join(webhooks, ",")), `{"presets":["openregister"]`+handler+`}`)
	require.NoError(t, h.app.Start())
	store := h.app.queue.store.(*measuredStore).Store.(*failingStore)
	t.Cleanup(func() {
		require.NoError(t, h.app.Stop())
		require.NoError(t, h.app.Cleanup())
	})
	return h, store
}

// registerSays is a next handler.
func registerSays(status int, body string) caddyhttp.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return nil
	}
}

// holds are the ids of the holds that are not settled.
func holds(t *testing.T, store delivery.Store) []string {
	t.Helper()
	all, err := store.Holds(context.Background(), 100)
	require.NoError(t, err)
	ids := []string{}
	for _, h := range all {
		ids = append(ids, h.ID)
	}
	return ids
}

// stored are the deliveries in a store.
func stored(t *testing.T, store delivery.Store) []delivery.Delivery {
	t.Helper()
	all, err := store.Deliveries(context.Background(), delivery.DeliveryQuery{})
	require.NoError(t, err)
	return all
}

// send sends one write.
func send(t *testing.T, h *Handler, method, path, body string, next caddyhttp.Handler) (*httptest.ResponseRecorder, error) {
	t.Helper()
	w := httptest.NewRecorder()
	return w, h.ServeHTTP(w, prepared(t, w, method, path, body), next)
}

func TestAWriteIsHeldBeforeTheRegisterIsTouchedAndReleasedBeforeTheClientKnows(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, `{"name":"Tom"}`)
	r.Header.Set("Authorization", "Bearer secret")
	var held []delivery.Hold
	require.NoError(t, h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w2 http.ResponseWriter, r *http.Request) error {
		var err error
		held, err = store.Holds(t.Context(), 10)
		require.NoError(t, err)                                               //nolint:testifylint // on the goroutine of the test
		require.NoError(t, registerSays(201, `{"id":7,"name":"Tom"}`)(w2, r)) //nolint:testifylint // on the goroutine of the test
		require.Empty(t, w.Body.String(), "the client waits")                 //nolint:testifylint // on the goroutine of the test
		return nil
	})))
	require.Len(t, held, 1)
	var intent settle.Intent
	require.NoError(t, intent.UnmarshalBinary(held[0].Intent))
	require.Equal(t, `{"name":"Tom"}`, string(intent.Body))
	require.NotContains(t, string(held[0].Intent), "secret")

	require.Equal(t, 201, w.Code)
	require.Equal(t, `{"id":7,"name":"Tom"}`, w.Body.String())
	require.Equal(t, held[0].ID, w.Header().Get("Voorpoort-Event-Id"))
	require.Empty(t, holds(t, store))
	told := stored(t, store)
	require.Len(t, told, 1)
	require.Equal(t, "nobody", told[0].Lane)
	require.Equal(t, held[0].ID, told[0].Message.ID)
	require.Contains(t, string(told[0].Message.Event), `"object":{"id":7,"name":"Tom"}`)
}

// TestWhatBecameOfAWrite: an answer of the register settles it, and so does a
// connection that was never made. Everything else leaves the hold, until the
// register has been asked.
func TestWhatBecameOfAWrite(t *testing.T) {
	t.Parallel()
	fails := func(err error) caddyhttp.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) error { return err }
	}
	for name, c := range map[string]struct {
		next         caddyhttp.HandlerFunc
		told, doubts int
	}{
		"created":          {registerSays(201, `{}`), 1, 0},
		"no content":       {registerSays(204, ``), 1, 0},
		"not JSON":         {registerSays(200, `<cat/>`), 1, 0},
		"refused":          {registerSays(409, `{}`), 0, 0},
		"failed":           {registerSays(500, `{}`), 0, 0},
		"gateway timeout":  {registerSays(504, ``), 0, 1},
		"nobody there":     {fails(caddyhttp.Error(502, reverseproxy.NewDialError(errors.New("refused")))), 0, 0},
		"no upstreams":     {fails(caddyhttp.Error(503, errors.New("no upstreams available"))), 0, 0},
		"connection broke": {fails(caddyhttp.Error(502, io.ErrUnexpectedEOF)), 0, 1},
		"too slow":         {fails(caddyhttp.Error(504, context.DeadlineExceeded)), 0, 1},
		"client went away": {fails(caddyhttp.Error(499, context.Canceled)), 0, 1},
		"some error":       {fails(errors.New("some error")), 0, 1},
		"said nothing":     {func(http.ResponseWriter, *http.Request) error { return nil }, 1, 0}, // which is 200
		"nobody took it": {func(_ http.ResponseWriter, r *http.Request) error {
			caddyhttp.SetVar(r.Context(), "unhandled", true)
			return nil
		}, 0, 0},
		"an error after the answer": {func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(201)
			return caddyhttp.Error(404, errors.New("no such file"))
		}, 0, 1},
		"no content, with a length": {func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Length", "2")
			w.WriteHeader(204)
			return nil
		}, 1, 0},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(201)
			_, _ = io.WriteString(w, "{")
			return nil
		}, 0, 1},
		"upstream died while it answered": {func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(201)
			panic(http.ErrAbortHandler)
		}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, store := telling(t, `,"recover_after":3600000000000`, "", nobody)
			func() {
				defer func() { _ = recover() }()
				_, _ = send(t, h, http.MethodPost, cats, `{}`, c.next)
			}()
			require.Len(t, stored(t, store), c.told)
			require.Len(t, holds(t, store), c.doubts)
		})
	}
}

func TestABlockedWriteIsNeverHeld(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(422) }))
	t.Cleanup(s.Close)
	h, store := telling(t, "", "", nobody, fmt.Sprintf(`{"name":"a","url":%q,"configuration":{"interceptRequests":true}}`, s.URL))
	w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, 422, w.Code)
	require.Empty(t, stored(t, store))
	require.Empty(t, holds(t, store))
}

func TestWithoutTheGuaranteeNothingIsHeld(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", `,"guarantee":"on-response"`, nobody)
	_, err := send(t, h, http.MethodPost, cats, `{}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		require.Empty(t, holds(t, store)) //nolint:testifylint // on the goroutine of the test
		return registerSays(201, `{}`)(w, r)
	}))
	require.NoError(t, err)
	require.Len(t, stored(t, store), 1)
}

func TestAStoreThatIsDown(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	store.fail.Store(true)
	next := &recordingNext{}
	w, err := send(t, h, http.MethodPost, cats, `{}`, next.asHandler())
	require.NoError(t, err)
	require.False(t, next.called, "no hold, no proxying")
	require.Equal(t, 503, w.Code)
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), `"urn:voorpoort:problem:store_unavailable"`)
	require.NotContains(t, w.Body.String(), "disk")
}

func TestAStoreThatIsDownMayBeAllowed(t *testing.T) {
	t.Parallel()
	h, store := telling(t, `,"on_store_down":"allow"`, "", nobody)
	store.fail.Store(true)
	w, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, 201, w.Code)
	store.fail.Store(false)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 1 }, 5*time.Second, 10*time.Millisecond,
		"what can still be told is told")
}

// TestAStoreThatGoesDownMeanwhile: the write has happened, so the client is told
// so, and the events are stored when the store is back.
func TestAStoreThatGoesDownMeanwhile(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	w, err := send(t, h, http.MethodPost, cats, `{}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		store.fail.Store(true)
		return registerSays(201, `{"id":1}`)(w, r)
	}))
	require.NoError(t, err)
	require.Equal(t, 201, w.Code)
	require.Empty(t, stored(t, store))
	store.fail.Store(false)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 1 }, 5*time.Second, 10*time.Millisecond)
	require.Empty(t, holds(t, store))
}

func TestTheResourceAsItWas(t *testing.T) {
	t.Parallel()
	for etag, quality := range map[string]string{`"v7"`: "exact", `W/"v7"`: "besteffort", "": "besteffort"} {
		h, store := telling(t, "", "", `{"name":"nobody","url":"http://127.0.0.1:9","filters":{"before.name":"Tom"}}`)
		var seen []string
		w, err := send(t, h, http.MethodPut, cats+"/7", `{"name":"Felix"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
			seen = append(seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("If-Match")+" "+r.Header.Get("Content-Type"))
			if r.Method == http.MethodGet {
				w.Header().Set("ETag", etag)
				return registerSays(200, `{"id":7,"name":"Tom"}`)(w, r)
			}
			return registerSays(200, `{"id":7,"name":"Felix"}`)(w, r)
		}))
		require.NoError(t, err)
		require.JSONEq(t, `{"id":7,"name":"Felix"}`, w.Body.String())
		match := ""
		if quality == "exact" {
			match = etag
		}
		require.Equal(t, []string{"GET " + cats + "/7  ", "PUT " + cats + "/7 " + match + " application/json"}, seen)
		told := stored(t, store) // one for each round
		latest := string(told[len(told)-1].Message.Event)
		require.Contains(t, latest, `"beforeimage":"`+quality+`"`)
		require.Contains(t, latest, `"before":{"id":7,"name":"Tom"}`)
	}
}

func TestTheClientsOwnConditionStands(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", `{"name":"nobody","url":"http://127.0.0.1:9","filters":{"before.name":"Tom"}}`)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPut, cats+"/7", `{}`)
	r.Header.Set("If-Match", `"mine"`)
	require.NoError(t, h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodGet {
			require.Empty(t, r.Header.Get("If-Match")) //nolint:testifylint // on the goroutine of the test
			w.Header().Set("ETag", `"theirs"`)
		} else {
			require.Equal(t, `"mine"`, r.Header.Get("If-Match")) //nolint:testifylint // on the goroutine of the test
		}
		return registerSays(200, `{}`)(w, r)
	})))
}

func TestAnAsynchronousInterceptorIsToldThroughTheQueue(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "",
		`{"name":"later","url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true,"async":true}}`)
	_, err := send(t, h, http.MethodPost, cats, `{"name":"Tom"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		require.Len(t, stored(t, store), 1, "before the register is touched") //nolint:testifylint // on the goroutine of the test
		return registerSays(201, `{}`)(w, r)
	}))
	require.NoError(t, err)
	told := stored(t, store)
	require.Len(t, told, 1)
	require.Equal(t, "object.creating", told[0].Message.Type)
	require.Contains(t, string(told[0].Message.Event), `"body":{"name":"Tom"}`)
}

func TestThePolicyQueue(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "",
		`{"name":"queued","url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true,"onFailure":"queue"}}`)
	w, err := send(t, h, http.MethodPost, cats, `{"name":"Tom"}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, 201, w.Code)
	told := stored(t, store)
	require.Len(t, told, 1)
	require.Equal(t, "queued", told[0].Lane)
	require.Equal(t, "object.creating", told[0].Message.Type)
}

func TestADisabledWebhookSkips(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", `{"name":"off","url":"http://127.0.0.1:9","enabled":false}`)
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
	require.NoError(t, err)
	told := stored(t, store)
	require.Len(t, told, 1)
	require.Equal(t, delivery.Skipped, told[0].State)
}
