package manage

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestMessagesAreListedNewestFirstAndPaged(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for i := range 5 {
		d.post("object.created", fmt.Sprint("e", i))
	}
	d.post("object.deleted", "last")

	first := d.do("GET", "/api/messages?limit=2", "").ok(200)
	require.Equal(t, []any{"last", "e4"}, column(t, first["results"], "id"))
	second := d.do("GET", "/api/messages?limit=2&cursor="+first["cursor"].(string), "").ok(200)
	require.Equal(t, []any{"e3", "e2"}, column(t, second["results"], "id"))
	all := d.do("GET", "/api/messages", "").ok(200)
	require.Len(t, all["results"], 6)
	require.Nil(t, all["cursor"])

	deleted := d.do("GET", "/api/messages?type=object.deleted", "").ok(200)
	require.Equal(t, []any{"last"}, column(t, deleted["results"], "id"))
	require.Empty(t, d.do("GET", "/api/messages?until=2020-01-01T00:00:00%2B01:00", "").ok(200)["results"])
}

func TestAListSaysEverythingThatIsWrongWithItsQuery(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	pointers := d.do("GET", "/api/messages?limit=0&since=yesterday&cursor=x", "").problem(400)
	require.ElementsMatch(t, []any{"?limit", "?since", "?cursor"}, pointers)
	for _, query := range []string{"limit=1001", "limit=x", "limit=-1", "until=2020-01-01"} {
		require.Len(t, d.do("GET", "/api/messages?"+query, "").problem(400), 1, query)
	}
	require.Len(t, d.do("GET", "/api/dead-letters?cursor=!", "").problem(400), 1)
}

func TestOneMessageTellsWhereItStandsAndWhatWasTried(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	e := d.webhook(`"name":"audit","url":"https://hooks.example/","events":["object.*"]`)
	d.post("object.created", "e1")
	d.attempt(e, delivery.Retry)

	m := d.do("GET", "/api/messages/e1", "").ok(200)
	require.Equal(t, "object.created", at(t, m, "message", "type"))
	require.InDelta(t, 1, at(t, m, "message", "event", "data", "n"), 0)
	require.Equal(t, "pending", at(t, m, "deliveries", 0, "state"))
	require.Equal(t, "audit", at(t, m, "deliveries", 0, "webhookName"))
	require.InDelta(t, 1, at(t, m, "deliveries", 0, "attempts"), 0)
	require.NotNil(t, at(t, m, "deliveries", 0, "dueAt"))
	require.Len(t, m["attempts"], 1)

	d.do("GET", "/api/messages/e2", "").problem(404)
	d.do("GET", "/api/messages/e1?source=/other", "").problem(404)
	d.do("GET", "/api/messages/e1?source=/s", "").ok(200)
}

// TestBodiesAreForThoseWhoMayReadThem, without what is hidden from all.
func TestBodiesAreForThoseWhoMayReadThem(t *testing.T) {
	t.Parallel()
	d := newOffice(t, func(c *Config) { c.Redact = []string{"/data/bsn"} })
	e := d.webhook(`"name":"audit","url":"https://hooks.example/"`)
	d.do("POST", "/api/events", cloudEventOf("t", "e1", `,"data":{"bsn":"123456782","n":1}`)).ok(200)
	d.attempt(e, delivery.Bury)
	for _, path := range []string{
		"/api/messages", "/api/messages/e1", "/api/dead-letters", "/api/dead-letters/1/1", "/api/events", "/api/events/1",
		"/api/events/1/messages", "/api/events/subscriptions/1/messages",
	} {
		all := d.do("GET", path, "")
		require.NotContains(t, string(all.body), "123456782", path)
		require.Contains(t, string(all.body), masked, path)
		none := d.as(Read, "GET", path, "")
		none.ok(200)
		require.NotContains(t, string(none.body), "bsn", path)
		require.NotContains(t, string(none.body), "no room", "nor what the receiver said: "+path)
		require.Contains(t, string(none.body), `"redacted":true`, path)
	}
}

func TestAnIdOfSeveralSourcesNeedsTheSource(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.post("t", "same")
	d.do("POST", "/api/events", `{"specversion":"1.0","type":"t","source":"/other","id":"same"}`).ok(200)
	require.Equal(t, []any{"?source"}, d.do("GET", "/api/messages/same", "").problem(400))
	require.Equal(t, "/other", at(t, d.do("GET", "/api/messages/same?source=/other", "").ok(200), "message", "source"))
}
