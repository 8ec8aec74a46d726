package push

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// TestAReplaySaysSo, whatever the webhook's own fields are; a batch does when all
// of it is one.
func TestAReplaySaysSo(t *testing.T) {
	t.Parallel()
	fresh, again := delivery.Lease{Attempt: 1}, delivery.Lease{Attempt: 1, Replayed: true}
	for name, test := range map[string]struct {
		format webhook.Format
		leases []delivery.Lease
		want   []string
	}{
		"the first time":       {webhook.FormatCloudEvents, []delivery.Lease{fresh}, []string{"of one's own"}},
		"a replay":             {webhook.FormatCloudEvents, []delivery.Lease{again}, []string{"true"}},
		"a replay in binary":   {webhook.FormatBinary, []delivery.Lease{again}, []string{"true"}},
		"a batch of replays":   {webhook.FormatBatch, []delivery.Lease{again, again}, []string{"true"}},
		"a batch of some each": {webhook.FormatBatch, []delivery.Lease{again, fresh}, []string{"of one's own"}},
	} {
		r := newReceiver(t, nil)
		h := hookTo(t, r.URL, func(w *webhook.Webhook) {
			w.EventFormat = test.format
			w.Headers = []webhook.Header{{Name: "Voorpoort-Replay", Value: webhook.NewSecret("of one's own")}}
		})
		for i := range test.leases {
			test.leases[i].Message = message(testEvent)
		}
		requireDelivered(t, newSender(t, h, Options{}).Send(t.Context(), test.leases))
		require.Equal(t, test.want, r.only(t).Header["Voorpoort-Replay"], name)
	}
}
