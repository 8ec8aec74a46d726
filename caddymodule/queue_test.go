package caddymodule

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// ordered is a webhook whose events keep their order; nobody takes them.
const ordered = `{"name":"ordered","url":"http://127.0.0.1:9","ordered":true}`

// gapsAt is how many gaps there were at a step, in all tests.
func gapsAt(t *testing.T, h *Handler, step string) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(h.app.metrics.gaps)
	return gathered(t, registry)["gaps_total "+step]
}

// full leaves no room for what is not settled.
func full(t *testing.T, q *queue) {
	t.Helper()
	require.True(t, q.arrears.add(arrear{first: time.Hour, size: maxArrearsBytes, settle: func(context.Context) error { return nil }}))
}

// TestWritesOnOneThingAreStoredInTheirOrder, though the store comes back between
// them.
func TestWritesOnOneThingAreStoredInTheirOrder(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", ordered)
	write := func(n int, fails bool) {
		body := fmt.Sprintf(`{"n":%d}`, n)
		_, err := send(t, h, http.MethodPut, cats+"/1", body, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
			store.fail.Store(fails)
			return registerSays(200, body)(w, r)
		}))
		require.NoError(t, err)
	}
	write(1, true)
	store.fail.Store(false)
	write(2, false)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 2 }, 10*time.Second, 5*time.Millisecond)
	told := stored(t, store)
	require.Contains(t, string(told[0].Message.Event), `"n":1`)
	require.Contains(t, string(told[1].Message.Event), `"n":2`)
	require.Empty(t, holds(t, store))
	require.Eventually(t, func() bool { return h.app.queue.arrears.count() == 0 }, 5*time.Second, 5*time.Millisecond)
	write(3, false)
	require.Len(t, stored(t, store), 3, "at once, when nothing is before it")
}

// TestWhatDoesNotFitIsAGap: it is counted and logged, and what has a hold keeps
// it.
func TestWhatDoesNotFitIsAGap(t *testing.T) {
	t.Parallel()
	h, store := telling(t, `,"recover_after":3600000000000`, "", nobody)
	full(t, h.app.queue)
	for step, next := range map[string]int{"release": 201, "doubt": 504} {
		before, held := gapsAt(t, h, step), len(holds(t, store))
		_, err := send(t, h, http.MethodPost, cats, `{}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
			store.fail.Store(true)
			return registerSays(next, `{}`)(w, r)
		}))
		require.NoError(t, err)
		store.fail.Store(false)
		require.GreaterOrEqual(t, gapsAt(t, h, step), before+1, step)
		require.Len(t, holds(t, store), held+1, "it is settled after the next start")
	}
}

func TestTheSizeOfMessages(t *testing.T) {
	t.Parallel()
	m := delivery.Message{Event: make([]byte, 1000), Targets: make([]delivery.Target, 2)}
	require.EqualValues(t, messageOverhead+1000+2*targetOverhead, sizeOf([]delivery.Message{m}))
	require.Zero(t, sizeOf(nil))
}
