package e2e_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestADisabledWebhookIsLeftAlone: what was pending waits, what comes is skipped,
// and both are told when a person wants it.
func TestADisabledWebhookIsLeftAlone(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		var well atomic.Bool
		d := newDepot(t, s, []subscription{{name: "off", options: "retry standard-webhooks", answer: func(w http.ResponseWriter, c call) {
			if well.Load() {
				takes(w, c)
				return
			}
			w.WriteHeader(http.StatusInternalServerError)
		}}}, "")
		d.create(t, "off", `{"n":1}`)
		d.awaitFailures(t, "off", 1)

		const enabled = "/config/apps/voorpoort/webhooks/0/enabled"
		status, message := d.load(t, enabled, "false")
		require.Equal(t, http.StatusOK, status, message)
		d.create(t, "off", `{"n":2}`)
		time.Sleep(7 * time.Second) // it would have been tried again after five
		require.Len(t, d.receiver.at("/off"), 1, "it is not called")

		well.Store(true)
		status, message = d.load(t, enabled, "true")
		require.Equal(t, http.StatusOK, status, message)
		calls := d.told(t, "off", 2)
		require.Contains(t, calls[1].Body, `"n":1`)
		d.stop(t)

		store, err := s.store(t)
		require.NoError(t, err)
		skipped, err := store.Deliveries(t.Context(), delivery.DeliveryQuery{State: delivery.Skipped})
		require.NoError(t, err)
		require.Len(t, skipped, 1)
		require.NoError(t, store.Replay(t.Context(), skipped[0].Lane, skipped[0].Seq, time.Now()))
		require.NoError(t, store.Close())
		d.run(t)
		require.Contains(t, d.told(t, "off", 3)[2].Body, `"n":2`)
	})
}

// TestThePolicyQueueTellsLater: a webhook that could not be asked, for whichever
// reason, is told of the same event when it is there, and the write did not wait.
func TestThePolicyQueueTellsLater(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		var subscriptions []subscription
		for name, options := range map[string]string{
			"failure": "events object.creating;intercept;on_failure queue;retry standard-webhooks",
			"timeout": "events object.creating;intercept;on_timeout queue;timeout 200ms;retry standard-webhooks",
		} {
			var asked atomic.Bool
			subscriptions = append(subscriptions, subscription{name: name, options: options, answer: func(w http.ResponseWriter, c call) {
				if asked.Swap(true) {
					takes(w, c)
					return
				}
				if name == "timeout" {
					time.Sleep(time.Second)
				}
				w.WriteHeader(http.StatusInternalServerError)
			}})
		}
		d := newDepot(t, s, subscriptions, "")
		for _, one := range subscriptions {
			d.create(t, one.name, `{"title":"t"}`)
			calls := d.told(t, one.name, 2)
			require.Equal(t, calls[0].fact(t).ID, calls[1].fact(t).ID, "%s: it is the same event", one.name)
			require.Contains(t, calls[1].Body, `"title":"t"`)
		}
	})
}
