package manage

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInterceptionsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	check := d.webhook(`"name":"check","url":"https://hooks.example/","configuration":{"interceptRequests":true}`)
	d.activity.Interception(InterceptionNews{
		Webhook: "check", EventID: "e1", Mode: "enforce", Outcome: "modified", Status: 200, Duration: 1500 * time.Microsecond,
		Sent: 10, Received: 20, Changed: []string{"/name"},
	})
	d.activity.Interception(InterceptionNews{Webhook: "gone", EventID: "e2", Mode: "enforce", Outcome: "failed_closed", Reason: "timeout"})

	list := d.do("GET", "/api/interceptions", "").ok(200)
	require.Equal(t, []any{"e2", "e1"}, column(t, list["results"], "eventId"))
	require.Nil(t, at(t, list, "results", 0, "webhookId"))
	require.Nil(t, at(t, list, "results", 0, "statusCode"))
	require.Equal(t, "timeout", at(t, list, "results", 0, "reason"))
	modified := at(t, list, "results", 1)
	require.InDelta(t, check.Number, at(t, modified, "webhookId"), 0)
	require.Equal(t, []any{"/name"}, at(t, modified, "changed"))
	require.InDelta(t, 1.5, at(t, modified, "durationMs"), 0)

	for query, want := range map[string][]any{
		"?webhook=" + check.UUID: {"e1"}, "?webhook=check": {"e1"}, "?webhook=1": {"e1"}, "?webhook=gone": {"e2"},
		"?outcome=failed_closed": {"e2"}, "?limit=1": {"e2"}, "?outcome=approved": {},
	} {
		require.Equal(t, want, column(t, d.do("GET", "/api/interceptions"+query, "").ok(200)["results"], "eventId"), query)
	}
}
