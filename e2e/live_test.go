package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	hooks "github.com/voorpoort/voorpoort/webhook"
)

// catalogueOf is that of a third gateway on a store.
func catalogueOf(t testing.TB, s *storage) *catalogue.Catalogue {
	t.Helper()
	c := catalogue.New(catalogue.Options{
		Store:   s.open(t),
		Compile: func(w hooks.Webhook) (*hooks.Hook, error) { return hooks.Compile(w, hooks.Defaults{}) },
		Apply:   func([]*hooks.Hook) error { return nil },
	})
	require.NoError(t, c.Load(t.Context()))
	return c
}

func create(t testing.TB, c *catalogue.Catalogue, document string, args ...any) catalogue.Entry {
	t.Helper()
	w, err := hooks.Parse(fmt.Appendf(nil, document, args...))
	require.NoError(t, err)
	e, err := c.Create(t.Context(), w)
	require.NoError(t, err)
	return e
}

// TestWebhooksOfTheStoreReachTwoGatewaysUnderLoad: they come and go on both
// without a reload, outlive one, and disturb no other write.
func TestWebhooksOfTheStoreReachTwoGatewaysUnderLoad(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	r := receiverWith(t, func(w http.ResponseWriter, c call) {
		status := http.StatusNoContent
		if c.URI == "/no" {
			status = http.StatusForbidden
		}
		w.WriteHeader(status)
	})
	shelf := newShelf(t)
	globals := "voorpoort {\n" + s.words + "source urn:test\negress_allow 127.0.0.0/8\n}\n"
	gateways := []*gateway{start(t, globals, inFrontOf(shelf)), start(t, globals, inFrontOf(shelf))}
	c := catalogueOf(t, s)

	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	var writes atomic.Int64
	for i, g := range gateways {
		load.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				got := insist(t, http.MethodPut, fmt.Sprintf("%s%s/%d", g.URL, objectsOf("cats"), i), fmt.Sprintf(`{"n":%d}`, n)) //nolint:contextcheck // the writers end after their write
				if got.Status >= 300 {
					t.Errorf("a write failed: %d %s", got.Status, got.Body)
				}
				writes.Add(1)
			}
		})
	}
	within := func(want int) {
		t.Helper()
		began := time.Now()
		for _, g := range gateways {
			require.Eventually(t, func() bool {
				return insist(t, http.MethodPut, g.URL+objectsOf("dogs")+"/1", `{}`).Status/100 == want
			}, 2*time.Second, 2*time.Millisecond)
		}
		t.Logf("in force at both gateways after %v", time.Since(began))
	}
	within(2)
	no := create(t, c, `{"name":"no","url":"%s/no","events":["object.updating","object.creating"],"filters":{"schema":"dogs"},"configuration":{"interceptRequests":true}}`, r.URL)
	create(t, c, `{"name":"told","url":"%s/told"}`, r.URL)
	within(4)

	status, message := gateways[0].reload(t, globals+"\n# changed", inFrontOf(shelf))
	require.Equal(t, http.StatusOK, status, message)
	for range 50 {
		require.Equal(t, http.StatusForbidden, insist(t, http.MethodPut, gateways[0].URL+objectsOf("dogs")+"/1", `{}`).Status, "also right after a reload")
	}
	require.NoError(t, c.Delete(t.Context(), no.UUID, 0))
	within(2)
	stop()
	load.Wait()
	require.Eventually(t, func() bool { return len(r.at("/told")) > 0 }, 10*time.Second, 10*time.Millisecond)
	hasNoHolds(t, s.open(t))
	t.Logf("%d writes meanwhile", writes.Load())
}
