package caddymodule

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

// TestAWebhookThatIsGoneHasNoMetrics: neither of its calls nor of its deliveries.
// What is left in the store of it is nobody's, and others keep theirs.
func TestAWebhookThatIsGoneHasNoMetrics(t *testing.T) {
	t.Parallel()
	url, _ := interceptorOf(t, http.StatusNoContent)
	h, _ := telling(t, loopback, "")
	registry := prometheus.NewRegistry()
	registry.MustRegister(h.app.metrics.collectors()...)
	require.True(t, registry.Unregister(h.app.metrics.depths), "it asks the stores of other tests")
	named := func(name string) (series []string) {
		for one := range gathered(t, registry) {
			if strings.HasSuffix(one, name) || strings.Contains(one, name+" ") {
				series = append(series, one)
			}
		}
		return series
	}
	document := `{"name":%q,"url":%q,"events":["object.creating","object.created"],"configuration":{"interceptRequests":true}}`
	stays := made(t, h.app, fmt.Sprintf(document, "test of what stays", url))
	goes := made(t, h.app, fmt.Sprintf(document, "test of what goes", url))
	told := made(t, h.app, fmt.Sprintf(`{"name":"test of deliveries that go","url":%q}`, url))
	write := func() {
		t.Helper()
		_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{}`))
		require.NoError(t, err)
	}
	write()
	require.Eventually(t, func() bool {
		return len(named("test of deliveries that go")) > 1 && gathered(t, registry)["delivery_attempts_total delivered test of deliveries that go"] > 0
	}, 20*time.Second, 10*time.Millisecond)
	require.NotEmpty(t, named("test of what goes"))

	require.NoError(t, h.app.catalogue.Delete(t.Context(), goes.UUID, 0))
	require.NoError(t, h.app.catalogue.Delete(t.Context(), told.UUID, 0))
	require.Empty(t, named("test of what goes"))
	require.Empty(t, named("test of deliveries that go"))
	_, known := h.app.queue.observer.known(told.UUID)
	require.False(t, known, "the depth of its queue is told no more")
	require.NotEmpty(t, named("test of what stays"))

	_, err := h.app.catalogue.Update(t.Context(), stays.UUID, 0, func(w webhook.Webhook) (webhook.Webhook, error) {
		w.Name = "test of another name"
		return w, nil
	})
	require.NoError(t, err)
	write()
	require.Empty(t, named("test of what stays"))
	require.NotEmpty(t, named("test of another name"))

	made(t, h.app, fmt.Sprintf(document, "test of what goes", url))
	write()
	require.NotEmpty(t, named("test of what goes"), "it is counted again from the beginning")
	for name, value := range gathered(t, registry) {
		if strings.HasPrefix(name, "interceptions_total") && strings.HasSuffix(name, "test of what goes") {
			require.InDelta(t, 1, value, 0)
		}
	}
}
