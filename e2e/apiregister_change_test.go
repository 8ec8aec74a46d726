package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWebhooksOfTheConfigurationAreLookedAt: they are shown and tested, and no
// route of the API changes them.
func TestWebhooksOfTheConfigurationAreLookedAt(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := &desk{storage: s, shelf: newShelf(t), receiver: receiving(t)}
		d.gateway = start(t, d.globals("webhook fixed {\nurl "+d.receiver.URL+"/fixed\nfilter schema fixed\nsecret k1\n}\n"), d.bothMounts())
		var fixed hooked
		for _, mount := range []string{ourMount, seedMount} {
			c := &counter{d, mount}
			list := answered[struct{ Results []hooked }](t, c.do(t, http.MethodGet, "", ""), http.StatusOK)
			require.Len(t, list.Results, 1)
			fixed = list.Results[0]
			before := c.do(t, http.MethodGet, c.path(fixed, ""), "")
			require.Contains(t, before.Body, `"readOnly":true`)
			require.Contains(t, before.Body, `"secret":"***"`)
			for _, path := range []string{c.path(fixed, ""), "/" + fixed.UUID} {
				for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
					refused := c.do(t, method, path, `{"enabled":false}`)
					require.Equal(t, http.StatusForbidden, refused.Status, "%s %s", method, path)
					require.Equal(t, "application/problem+json", refused.Header.Get("Content-Type"))
				}
			}
			require.Equal(t, http.StatusConflict, c.do(t, http.MethodPost, "", `{"name":"fixed","url":"https://s.example/"}`).Status, "nor takes its place")
			require.Equal(t, before.Body, c.do(t, http.MethodGet, c.path(fixed, ""), "").Body)
		}
		subscriptions := d.URL + ourMount + "/api/events/subscriptions/" + fixed.UUID
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			got := insist(t, method, subscriptions, `{"status":"paused"}`, "Authorization: Bearer "+ownerToken)
			require.Equal(t, http.StatusForbidden, got.Status, method)
		}
		require.Equal(t, http.StatusOK, (&counter{d, seedMount}).do(t, http.MethodPost, "/"+fixed.UUID+"/test", "").Status)
		require.Len(t, d.receiver.at("/fixed"), 1)
		insist(t, http.MethodPost, d.URL+objectsOf("fixed"), `{}`)
		d.receiver.await(t, "/fixed", 2)
	})
}

// TestChangesOfTwoAtOnce: of all who change the same revision one succeeds.
func TestChangesOfTwoAtOnce(t *testing.T) {
	t.Parallel()
	atEachCounter(t, takes, func(t *testing.T, c *counter) {
		h := c.made(t, "race", "")
		tag := c.do(t, http.MethodGet, c.path(h, ""), "").Header.Get("ETag")
		var all []<-chan answer
		for n := range 8 {
			all = append(all, sendLater(t, http.MethodPut, c.URL+c.mount+"/api/webhooks"+c.path(h, ""), fmt.Sprintf(`{"timeout":%d}`, n+1),
				"Authorization: Bearer "+ownerToken, "If-Match: "+tag))
		}
		statuses := map[int]int{}
		var winner answer
		for _, one := range all {
			got := <-one
			if statuses[got.Status]++; got.Status == http.StatusOK {
				winner = got
			}
		}
		require.Equal(t, map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 7}, statuses)
		require.Equal(t, winner.Body, c.do(t, http.MethodGet, c.path(h, ""), "").Body)
		for _, stale := range []string{tag, "W/" + winner.Header.Get("ETag"), `"0"`} {
			for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
				require.Equal(t, http.StatusPreconditionFailed, c.as(t, ownerToken, method, c.path(h, ""), `{"timeout":99}`, "If-Match: "+stale).Status, "%s %s", method, stale)
			}
		}
		deleted := c.as(t, ownerToken, http.MethodDelete, c.path(h, ""), "", "If-Match: "+winner.Header.Get("ETag"))
		require.Equal(t, http.StatusNoContent, deleted.Status)
	})
}

// TestChangesAreInForceAtOnce is OR-05, OR-07 and OR-18 as a receiver sees them:
// one who is disabled or removed is not called any more, with no row in the log.
func TestChangesAreInForceAtOnce(t *testing.T) {
	t.Parallel()
	atEachCounter(t, takes, func(t *testing.T, c *counter) {
		h, witness := c.made(t, "now", ""), c.made(t, "nowwitness", "")
		both := c.do(t, http.MethodPatch, c.path(witness, ""), fmt.Sprintf(`{"filters":{"schema":%q}}`, h.Name))
		require.Equal(t, http.StatusOK, both.Status, both.Body)
		c.write(t, h, `{}`)
		c.calls(t, h, 1)
		c.logged(t, h, 1)
		for n, change := range []string{`{"enabled":false}`, `{"enabled":true}`} {
			require.Equal(t, http.StatusOK, c.do(t, http.MethodPut, c.path(h, ""), change).Status)
			c.write(t, h, `{}`)
			c.calls(t, witness, n+2) // who comes after in the list is told
		}
		c.calls(t, h, 2)
		c.logged(t, h, 2)
		require.Equal(t, http.StatusNoContent, c.do(t, http.MethodDelete, c.path(h, ""), "").Status)
		c.write(t, h, `{}`)
		c.calls(t, witness, 4)
		require.Len(t, c.receiver.at("/"+h.Name), 2)
		require.Equal(t, http.StatusNotFound, c.do(t, http.MethodGet, "/"+h.UUID, "").Status)
		again := c.made(t, "now", "")
		require.NotEqual(t, h.ID, again.ID, "a number is not given twice")
		c.settled(t, again, map[string]any{"totalDeliveries": 0.0, "lastTriggeredAt": nil})
	})
}

// TestWhatIsNoRequest: bodies and routes that the API refuses before it looks at
// a webhook, each with a problem document.
func TestWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	atEachCounter(t, takes, func(t *testing.T, c *counter) {
		for _, wrong := range []struct {
			method, path, body string
			status             int
			header             string
		}{
			{http.MethodPost, "", `{"name":"a","url":"https://s.example/"}`, http.StatusUnsupportedMediaType, "Content-Type: text/plain"},
			{http.MethodPost, "", `{"name":"a","name":"b","url":"https://s.example/"}`, http.StatusBadRequest, ""},
			{http.MethodPost, "", `[]`, http.StatusBadRequest, ""},
			{http.MethodPost, "", `{"name":`, http.StatusBadRequest, ""},
			{http.MethodPost, "", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, http.StatusRequestEntityTooLarge, ""},
			{http.MethodGet, "/", "", http.StatusNotFound, ""},
			{http.MethodPut, "", `{}`, http.StatusMethodNotAllowed, ""},
			{http.MethodDelete, "/events", "", http.StatusMethodNotAllowed, ""},
			{http.MethodGet, "/no-such-number", "", http.StatusNotFound, ""},
		} {
			headers := []string{"Authorization: Bearer " + ownerToken}
			if wrong.header != "" {
				headers = append(headers, wrong.header)
			}
			got := insist(t, wrong.method, c.URL+c.mount+"/api/webhooks"+wrong.path, wrong.body, headers...)
			require.Equal(t, wrong.status, got.Status, "%s %s %.60s: %s", wrong.method, wrong.path, wrong.body, got.Body)
			require.Equal(t, "application/problem+json", got.Header.Get("Content-Type"))
			require.NotEmpty(t, got.Header.Get("Api-Version"))
			require.Equal(t, wrong.status == http.StatusMethodNotAllowed, got.Header.Get("Allow") != "", "Allow comes with 405")
		}
		head := c.do(t, http.MethodHead, "", "")
		require.Equal(t, http.StatusOK, head.Status)
		require.Empty(t, head.Body)
		require.Contains(t, head.Header.Get("Cache-Control"), "no-store")
	})
}
