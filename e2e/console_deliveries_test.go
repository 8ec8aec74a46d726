package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDeliveriesByCommand: the log, one event, and a failed attempt once more.
func TestDeliveriesByCommand(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		var well atomic.Bool
		c := newTerminal(t, s, func(w http.ResponseWriter, r call) {
			if strings.HasPrefix(r.URI, "/archive") && !well.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "archive.json", archiveWebhook(c)))
		stock := c.subscribe(t, "/stock", `"reference":"stock","types":["a.b"]`)
		c.hand(t, happening("e1", `"source":"/s","type":"a.b","subject":"cat/1"`))
		c.awaitStanding(t, "e1", 1, func(s standing) bool { return s.Status == "failed" })
		c.awaitStanding(t, "e1", stock.ID, standing.delivered)

		out := c.types(t, exitDone, "deliveries", "list")
		require.Contains(t, out, "2 of 2")
		for _, want := range []string{"archive", "stock", "server_error", "delivered 204"} {
			require.Contains(t, strings.ReplaceAll(out, "delivered 200", "delivered 204"), want)
		}
		out = c.types(t, exitDone, "deliveries", "list", "--failed")
		require.Contains(t, out, "archive")
		require.NotContains(t, out, "stock")
		require.NotContains(t, c.types(t, exitDone, "deliveries", "list", "--webhook", fmt.Sprint(stock.ID)), "archive")
		require.Contains(t, c.types(t, exitDone, "deliveries", "list", "--limit", "1", "--offset", "1"), "1 of 2")
		log := printed[struct {
			Total   int
			Results []struct {
				ID      int
				Success bool
			}
		}](t, c.types(t, exitDone, "deliveries", "list", "--failed", "--json"))
		require.Len(t, log.Results, 1)

		out = c.types(t, exitDone, "deliveries", "show", "e1")
		require.Contains(t, out, "e1  a.b  cat/1")
		require.Equal(t, []string{"archive", "dead", "1"}, cells(t, out, "archive")[:3])
		require.Equal(t, []string{"stock", "delivered", "1"}, cells(t, out, "stock")[:3])

		attempt := fmt.Sprint(log.Results[0].ID)
		require.Contains(t, c.types(t, exitFailed, "deliveries", "retry", attempt), "500", "the receiver did not take it")
		well.Store(true)
		require.Contains(t, c.types(t, exitDone, "deliveries", "retry", attempt), "delivered")
		require.Len(t, c.receiver.at("/archive"), 3)
	})
}

// TestDeadLettersByCommand: listed, sent again one by one and all, given up.
func TestDeadLettersByCommand(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		var well atomic.Bool
		c := newTerminal(t, s, func(w http.ResponseWriter, _ call) {
			if !well.Load() {
				w.WriteHeader(http.StatusTeapot)
			}
		})
		c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "archive.json", archiveWebhook(c)))
		for _, id := range numbered(0, 5) {
			c.hand(t, happening(id, `"source":"/s","type":"a.b"`))
			c.awaitStanding(t, id, 1, func(s standing) bool { return s.Status == "failed" })
		}
		require.Equal(t, []string{"1", "5", "archive", "e4", "a.b"}, cells(t, c.types(t, exitDone, "dead-letters", "list"), "1")[:5], "newest first")
		page := c.types(t, exitDone, "dead-letters", "list", "--limit", "3")
		_, cursor, more := strings.Cut(strings.TrimSpace(page), "more: --cursor ")
		require.True(t, more)
		rest := printed[letterPage](t, c.types(t, exitDone, "dead-letters", "list", "--limit", "3", "--cursor", cursor, "--json"))
		require.Equal(t, []string{"e1", "e0"}, idsOf(rest.Results))

		require.Equal(t, "discarded\n", c.types(t, exitDone, "dead-letters", "discard", "1", "1", "--reason", "moved"))
		c.types(t, exitNotFound, "dead-letters", "discard", "1", "1")
		well.Store(true)
		require.Equal(t, "it is sent again\n", c.types(t, exitDone, "dead-letters", "replay", "--webhook", "1", "--seq", "2"))
		c.types(t, exitNotFound, "dead-letters", "replay", "--webhook", "1", "--seq", "1")
		require.Contains(t, c.types(t, exitDone, "dead-letters", "replay", "--webhook", "1", "--type", "a.b", "--rate", "2", "--limit", "2"), "2 sent again")
		job := printed[task](t, c.types(t, exitDone, "dead-letters", "replay", "--json"))
		require.Equal(t, 1, job.Done)
		require.Equal(t, "done", job.State)
		c.receiver.await(t, "/archive", 9)
		require.Eventually(t, func() bool {
			return len(look[letterPage](t, c.desk, "/dead-letters").Results) == 0
		}, 20*time.Second, 20*time.Millisecond)
		require.Len(t, strings.Split(strings.TrimSpace(c.types(t, exitDone, "dead-letters", "list")), "\n"), 1, "the head of the table")
	})
}
