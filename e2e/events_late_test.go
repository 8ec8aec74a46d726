package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStoredWebhooksOfALateStore: a gateway that starts while Redis is away lets
// writes go on, and its API says that it cannot be used. When Redis is there, its
// webhooks are in force, and what was written meanwhile is told.
func TestStoredWebhooksOfALateStore(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"spool", "allow"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s, fixed := redisStorage(t), receiving(t)
			d := newDesk(t, s, takes, "on_store_down "+policy+"\nwebhook fixed {\nurl "+fixed.URL+"/fixed\nevents object.*\n}\n")
			d.subscribe(t, "/stored", `"reference":"stored","types":["object.created"]`)
			d.kill(t)
			s.redis.kill()
			d.run(t)

			d.writes(t)
			require.Empty(t, fixed.at("/fixed"))
			require.Equal(t, http.StatusServiceUnavailable, insist(t, http.MethodGet, d.address()+"/readyz", "").Status)
			require.Equal(t, http.StatusOK, insist(t, http.MethodGet, d.address()+"/healthz", "").Status)
			for _, c := range []struct{ method, path, body string }{
				{http.MethodPost, "/events/subscriptions", `{"style":"pull"}`},
				{http.MethodPost, "/events", happening("e1", `"source":"/s","type":"a.b"`)},
				{http.MethodGet, "/events", ""},
				{http.MethodGet, "/dead-letters", ""},
				{http.MethodGet, "/holds", ""},
			} {
				got := d.do(t, c.method, c.path, c.body)
				require.Equal(t, http.StatusServiceUnavailable, got.Status, "%s %s: %s", c.method, c.path, got.Body)
			}

			s.redis.start(t)
			fixed.awaitFor(t, 40*time.Second, "/fixed", 1)
			require.Eventually(t, func() bool {
				return insist(t, http.MethodGet, d.address()+"/readyz", "").Status == http.StatusOK &&
					len(look[struct{ Results []subscribed }](t, d, "/events/subscriptions").Results) == 2
			}, 40*time.Second, 50*time.Millisecond, "the stored one is in force")
			stored := len(d.receiver.at("/stored"))
			d.writes(t)
			d.receiver.awaitFor(t, 40*time.Second, "/stored", stored+1)
			fixed.await(t, "/fixed", 2)
		})
	}
}

// writes makes an object in the register.
func (d *desk) writes(t testing.TB) {
	t.Helper()
	got := insist(t, http.MethodPost, d.URL+objectsOf("cats"), `{"name":"Minoes"}`)
	require.Equal(t, http.StatusCreated, got.Status, got.Body)
}
