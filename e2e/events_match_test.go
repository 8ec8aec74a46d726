package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// matching is a subscription and the events that it is to get or not. The ids of
// OpenConnector's cases are those of the seed.
type matching struct {
	id           string
	subscription string   // members in JSON
	gets, not    []string // members of events in JSON
}

var matchings = []matching{
	{
		id: "OC-02", subscription: `"types":["a.b"]`,
		gets: []string{`"source":"/s","type":"a.b"`},
		not:  []string{`"source":"/s","type":"a.bc"`, `"source":"/s","type":"a"`, `"source":"/s","type":"A.B"`},
	},
	{
		id: "OC-03", subscription: `"types":[]`,
		gets: []string{`"source":"/s","type":"a.b"`, `"source":"urn:x","type":"nl.vng.zgw.zaken.zaak.created","subject":"y"`},
	},
	{
		id: "OC-04", subscription: `"source":"/s1"`,
		gets: []string{`"source":"/s1","type":"a.b"`},
		not:  []string{`"source":"/s2","type":"a.b"`, `"source":"/s1/x","type":"a.b"`},
	},
	{
		id: "OC-05", subscription: `"filters":[{"exact":{"subject":"x"}},{"prefix":{"type":"nl."}}]`,
		gets: []string{`"source":"/s","type":"nl.a","subject":"x"`},
		not: []string{
			`"source":"/s","type":"com.a","subject":"x"`, `"source":"/s","type":"nl.a"`, `"source":"/s","type":"nl.a","subject":"xx"`,
		},
	},
	{
		id: "OC-06", subscription: `"filters":[{"suffix":{"type":".created"}}]`,
		gets: []string{`"source":"/s","type":"z.created"`},
		not:  []string{`"source":"/s","type":"z.updated"`},
	},
	{
		id: "all, any and not", subscription: `"filters":[{"any":[{"exact":{"subject":"x"}},{"all":[{"prefix":{"type":"nl."}},{"not":{"suffix":{"type":".deleted"}}}]}]}]`,
		gets: []string{`"source":"/s","type":"com.deleted","subject":"x"`, `"source":"/s","type":"nl.made"`},
		not:  []string{`"source":"/s","type":"nl.deleted"`, `"source":"/s","type":"com.made"`},
	},
}

// TestSubscriptionsGetWhatTheyAskFor are cases OC-02 to OC-06, all on one
// gateway: what is sent out is what the messages of an event say.
func TestSubscriptionsGetWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		for i, m := range matchings {
			path := fmt.Sprint("/", i)
			made := d.subscribe(t, path, m.subscription)
			require.Equal(t, "active", made.Status)
			var wanted []string
			for n, members := range m.gets {
				id := fmt.Sprint(m.id[:5], "-gets-", n)
				d.hand(t, happening(id, members))
				wanted = append(wanted, id)
			}
			for n, members := range m.not {
				id := fmt.Sprint(m.id[:5], "-not-", n)
				d.hand(t, happening(id, members))
				require.NotContains(t, d.standings(t, id), made.ID, "%s: %s", m.id, members)
			}
			var got []string
			for _, c := range d.receiver.await(t, path, len(wanted)) {
				got = append(got, c.fact(t).ID)
			}
			require.ElementsMatch(t, wanted, got, m.id)
			d.drop(t, made)
		}
	})
}

// drop ends a subscription.
func (d *desk) drop(t testing.TB, s subscribed) {
	t.Helper()
	got := d.do(t, http.MethodDelete, fmt.Sprint("/events/subscriptions/", s.ID), "")
	require.Equal(t, http.StatusOK, got.Status, got.Body)
}

// TestWhatASubscriptionCannotBe is case OC-07 and the like: it is refused, and
// the place of the fault is told.
func TestWhatASubscriptionCannotBe(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		for members, pointer := range map[string]string{
			`"filters":[{"frobnicate":{"type":"x"}}]`: "#/filters/0/frobnicate",
			`"filters":[{"sql":"type = 'x'"}]`:        "#/filters/0/sql",
			`"status":"asleep"`:                       "#/status",
			`"config":{"maxRetries":-1}`:              "#/config/maxRetries",
			`"protocol":"MQTT"`:                       "#/protocol",
		} {
			got := d.do(t, http.MethodPost, "/events/subscriptions", fmt.Sprintf(`{"sink":"%s/x",%s}`, d.receiver.URL, members))
			problem := answered[struct {
				Errors []struct{ Pointer, Detail string }
			}](t, got, http.StatusBadRequest)
			require.Len(t, problem.Errors, 1, got.Body)
			require.Equal(t, pointer, problem.Errors[0].Pointer, got.Body)
		}
		require.Empty(t, look[struct{ Results []subscribed }](t, d, "/events/subscriptions").Results)
	})
}

// TestAPausedSubscriptionIsNotTold is case OC-08: of what comes while it is
// paused there is no message, also not later.
func TestAPausedSubscriptionIsNotTold(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		made := d.subscribe(t, "/x", `"types":["a.b"],"status":"paused"`)
		require.Equal(t, "paused", made.Status)
		d.hand(t, happening("while-paused", `"source":"/s","type":"a.b"`))
		require.Empty(t, d.standings(t, "while-paused"))

		at := fmt.Sprint("/events/subscriptions/", made.ID)
		require.Equal(t, "active", answered[subscribed](t, d.do(t, http.MethodPut, at, `{"status":"active"}`), http.StatusOK).Status)
		d.hand(t, happening("while-active", `"source":"/s","type":"a.b"`))
		d.awaitStanding(t, "while-active", made.ID, standing.delivered)
		require.Equal(t, "while-active", d.receiver.await(t, "/x", 1)[0].fact(t).ID)
		require.Empty(t, d.standings(t, "while-paused"))
		require.Len(t, look[struct{ Messages []standing }](t, d, at+"/messages").Messages, 1)
	})
}

// TestWhatIsNotThere is case OC-14.
func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		for _, c := range []struct{ method, path, text string }{
			{http.MethodGet, "/events/999", "Not Found"},
			{http.MethodGet, "/events/999/messages", "Not Found"},
			{http.MethodPut, "/events/subscriptions/999", "Subscription not found"},
			{http.MethodGet, "/events/subscriptions/999/messages", "Subscription not found"},
			{http.MethodDelete, "/events/subscriptions/999", "Subscription not found"},
		} {
			body := ""
			if c.method == http.MethodPut {
				body = `{"status":"paused"}`
			}
			got := d.do(t, c.method, c.path, body)
			require.Equal(t, c.text, answered[struct{ Error string }](t, got, http.StatusNotFound).Error, c.path)
		}
	})
}
