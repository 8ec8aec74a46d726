package interceptor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

func renewed(t *testing.T, g *interceptor.Gate, hooks ...*webhook.Hook) *interceptor.Gate {
	t.Helper()
	next, err := g.Renew(webhook.NewRegistry(hooks))
	require.NoError(t, err)
	return next
}

// TestARenewedGateKnowsWhichWebhooksFail: the breaker of one that stays is as it
// was.
func TestARenewedGateKnowsWhichWebhooksFail(t *testing.T) {
	t.Parallel()
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(s.Close)
	stays := hook(t, "stays", s.URL, object{"configuration": object{"breaker": object{"failures": 1, "pause": "1m", "maxPause": "1m"}}})
	first := newGate(t, interceptor.Config{}, stays)
	_, err := first.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	other := hook(t, "other", s.URL, object{"filters": object{"schema": "nothing"}})
	next := renewed(t, first, stays, other)
	d, err := next.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Equal(t, interceptor.ReasonBreakerOpen, d.Calls[0].Reason)
	require.Equal(t, 1, calls)
}

// TestTheGateBeforeStillDecides for requests that came before, with webhooks that
// are gone.
func TestTheGateBeforeStillDecides(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(s.Close)
	first := newGate(t, interceptor.Config{}, hook(t, "no", s.URL, nil))
	_, err := first.Intercept(t.Context(), creating(t, `{}`)) // so that there is a connection
	require.NoError(t, err)
	next := renewed(t, first)
	d, err := next.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Nil(t, d.Block)
	d, err = first.With(time.Second, 1<<20).Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.NotNil(t, d.Block)
	next.Close()
}

func TestEachWebhookHasItsGuard(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(s.Close)
	for _, client := range []string{"voorpoort", "net/http"} {
		guarded := hook(t, "guarded", s.URL, object{"client": client})
		free := hook(t, "free", s.URL, object{"client": client})
		config := interceptor.Config{GuardOf: func(h *webhook.Hook) interceptor.Guard {
			if h == free {
				return nil
			}
			return func(context.Context, netip.AddrPort) error { return errors.New("not there") }
		}}
		d, err := newGate(t, config, free).Intercept(t.Context(), creating(t, `{}`))
		require.NoError(t, err)
		require.Nil(t, d.Block)
		d, err = renewed(t, newGate(t, config, free), guarded).Intercept(t.Context(), creating(t, `{}`))
		require.NoError(t, err)
		require.NotNil(t, d.Block, client)
	}
}

func TestCheckSaysWhatAGateWouldRefuse(t *testing.T) {
	t.Parallel()
	require.NoError(t, interceptor.Check(hook(t, "a", "http://h.example/", nil)))
	require.NoError(t, interceptor.Check(hook(t, "a", "http://h.example/", merging(nil))))
}
