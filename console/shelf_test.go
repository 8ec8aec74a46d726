package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAWebhookIsCalledByItsName wherever its number or uuid may stand.
func TestAWebhookIsCalledByItsName(t *testing.T) {
	t.Parallel()
	const list = `{"results":[{"id":7,"name":"stock"},{"id":18446744073709551615,"name":"the 2nd/other"}],"total":2}`
	for line, want := range map[string]string{
		"webhooks get stock": "GET /gateway/api/webhooks/7",
		"webhooks get 7":     "GET /gateway/api/webhooks/7",
		"webhooks get 01A20522-719F-7850-aa87-441df9f2fea2": "GET /gateway/api/webhooks/01A20522-719F-7850-aa87-441df9f2fea2",
		"webhooks delete stock":                             "DELETE /gateway/api/webhooks/7",
		"webhooks test stock":                               "POST /gateway/api/webhooks/7/test",
		"deliveries list --webhook stock":                   "GET /gateway/api/webhooks/logs?limit=50&webhook_id=7",
		"dead-letters list --webhook stock":                 "GET /gateway/api/dead-letters?limit=50&webhook=7",
		"dead-letters list --webhook gone":                  "GET /gateway/api/dead-letters?limit=50&webhook=gone",
		"dead-letters replay --webhook stock --seq 3":       "POST /gateway/api/dead-letters/7/3/replay",
		"dead-letters discard stock 3":                      "POST /gateway/api/dead-letters/7/3/discard",
	} {
		g := newStandIn(t, map[string]string{"GET /gateway/api/webhooks": list})
		_, _ = run(t, g, strings.Fields(line)...)
		require.NotEmpty(t, g.calls, line)
		last := g.calls[len(g.calls)-1]
		got := last.method + " " + last.path
		if last.query != "" {
			got += "?" + last.query
		}
		require.True(t, strings.HasPrefix(got, want), "%s: %s", line, got)
	}
	g := newStandIn(t, map[string]string{"GET /gateway/api/webhooks": list})
	_, err := run(t, g, "webhooks", "get", "no/such")
	require.Equal(t, ExitNotFound, ExitCode(err))
	require.Equal(t, "/gateway/api/webhooks/no%2Fsuch", g.calls[1].path, "what is no name may be a queue")
	g = newStandIn(t, map[string]string{"GET /gateway/api/webhooks": list})
	_, _ = run(t, g, "webhooks", "get", "the 2nd/other")
	require.Equal(t, "/gateway/api/webhooks/18446744073709551615", g.calls[1].path)
}

// TestAllWebhooksAreListed, also when they are more than the gateway gives at once.
func TestAllWebhooksAreListed(t *testing.T) {
	t.Parallel()
	const total = 2*webhooksAtOnce + 5
	g := &standIn{Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var offset, limit int
		_, _ = fmt.Sscan(r.URL.Query().Get("offset"), &offset)
		_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		var some []string
		for n := offset; n < min(total, offset+limit); n++ {
			some = append(some, fmt.Sprintf(`{"id":%d,"name":"w%d"}`, n, n))
		}
		_, _ = fmt.Fprintf(w, `{"results":[%s],"total":%d}`, strings.Join(some, ","), total)
	}))}
	t.Cleanup(g.Close)
	out, err := run(t, g, "webhooks", "list")
	require.NoError(t, err)
	require.Equal(t, total+1, strings.Count(out, "\n"), "and the head of the table")
	require.Contains(t, out, "w2004")
	out, err = run(t, g, "webhooks", "list", "--json")
	require.NoError(t, err)
	require.Equal(t, total, strings.Count(out, `"name"`))
	require.Contains(t, out, `"total": 2005`)
}
