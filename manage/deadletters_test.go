package manage

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
)

// officeWithDead has a webhook with so many dead letters.
func officeWithDead(t *testing.T, count int) (*office, catalogue.Entry) {
	t.Helper()
	d := newOffice(t)
	e := d.webhook(`"name":"audit","url":"https://hooks.example/"`)
	for i := range count {
		d.post("object.created", fmt.Sprint("e", i))
		d.attempt(e, delivery.Bury)
	}
	return d, e
}

func TestDeadLettersAreListedNewestFirstAndPaged(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 3)
	other := d.webhook(`"name":"other","url":"https://hooks.example/","events":["x"]`)
	d.post("x", "e9")
	d.attempt(e, delivery.Done)
	d.attempt(other, delivery.Bury)

	first := d.do("GET", "/api/dead-letters?limit=3", "").ok(200)
	require.Equal(t, []any{"e9", "e2", "e1"}, column(t, first["results"], "eventId"))
	require.Equal(t, []any{"other", "audit", "audit"}, column(t, first["results"], "webhookName"))
	require.Equal(t, "too often", at(t, first, "results", 0, "reason"))
	second := d.do("GET", "/api/dead-letters?limit=3&cursor="+first["cursor"].(string), "").ok(200)
	require.Equal(t, []any{"e0"}, column(t, second["results"], "eventId"))
	require.Nil(t, second["cursor"])
	require.Len(t, d.do("GET", "/api/dead-letters?webhook="+other.UUID, "").ok(200)["results"], 1)
	require.Len(t, d.do("GET", "/api/dead-letters?webhook=1", "").ok(200)["results"], 3, "numbers work as well")
}

func TestADeadLetterIsLookedAtAndReplayed(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 1)
	one := d.do("GET", "/api/dead-letters/1/1", "").ok(200)
	require.Equal(t, "e0", at(t, one, "eventId"))
	require.Len(t, one["attempts"], 1)

	require.Equal(t, "pending", at(t, d.do("POST", "/api/dead-letters/1/1/replay", "").ok(200), "state"))
	require.True(t, d.attempt(e, delivery.Done).Replayed, "the receiver is told")
	d.do("POST", "/api/dead-letters/1/1/replay", "").problem(404)
}

func TestADeadLetterIsDiscardedWithAReason(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 2)
	d.do("POST", "/api/dead-letters/1/1/discard", `{"reason":"the receiver is no more"}`).ok(200)
	d.do("POST", "/api/dead-letters/1/2/discard", "").ok(200)
	require.Equal(t, delivery.Discarded, d.state(e.Hook.Lane(), 1))
	require.Equal(t, delivery.Discarded, d.state(e.Hook.Lane(), 2))
	m := d.do("GET", "/api/messages/e0", "").ok(200)
	require.Equal(t, "the receiver is no more", at(t, m, "deliveries", 0, "reason"))
	d.do("POST", "/api/dead-letters/1/1/discard", "").problem(404)
}

func TestDeadLettersThatThereAreNot(t *testing.T) {
	t.Parallel()
	d, _ := officeWithDead(t, 1)
	for _, path := range []string{"1/2", "1/0", "1/x", "1/-1", "nobody/1"} {
		d.do("GET", "/api/dead-letters/"+path, "").problem(404)
		d.do("POST", "/api/dead-letters/"+path+"/replay", "").problem(404)
	}
	long := make([]byte, maxDiscardReason+1)
	for i := range long {
		long[i] = 'x'
	}
	require.Equal(t, []any{"#/reason"}, d.do("POST", "/api/dead-letters/1/1/discard", `{"reason":"`+string(long)+`"}`).problem(400))
}

// TestDeadLettersOfAWebhookThatIsGone can be looked at and discarded by the name
// of its queue; nobody would get a replay.
func TestDeadLettersOfAWebhookThatIsGone(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 1)
	require.NoError(t, d.webhooks.Delete(t.Context(), "1", 0))
	lane := e.Hook.Lane()
	one := at(t, d.do("GET", "/api/dead-letters", "").ok(200), "results", 0)
	require.Equal(t, lane, at(t, one, "webhook"))
	require.Nil(t, at(t, one, "webhookId"))
	path := "/api/dead-letters/" + url.PathEscape(lane) + "/1"
	d.do("GET", path, "").ok(200)
	d.do("POST", path+"/replay", "").problem(409)
	require.Equal(t, delivery.Dead, d.state(lane, 1))
	d.do("POST", path+"/discard", "").ok(200)
}

// officeWithLeftovers has had a webhook, which was removed while two events
// waited for it and one had died.
func officeWithLeftovers(t *testing.T) (d *office, lane string) {
	t.Helper()
	d, e := officeWithDead(t, 1)
	d.post("object.created", "waits-1")
	d.post("object.created", "waits-2")
	d.do("DELETE", "/api/webhooks/1", "")
	return d, e.Hook.Lane()
}

// TestWhatWaitsForARemovedWebhookCanBeEnded: nobody delivers it, and it would
// stay for ever.
func TestWhatWaitsForARemovedWebhookCanBeEnded(t *testing.T) {
	t.Parallel()
	d, lane := officeWithLeftovers(t)
	list := d.do("GET", "/api/dead-letters?state=pending&webhook="+lane, "").ok(200)
	require.Equal(t, []any{"waits-2", "waits-1"}, column(t, list["results"], "eventId"))
	require.Equal(t, abandoned, at(t, list, "results", 0, "reason"))
	require.Nil(t, at(t, list, "results", 0, "deadAt"))
	require.Equal(t, []any{"e0"}, column(t, d.do("GET", "/api/dead-letters?webhook="+lane, "").ok(200)["results"], "eventId"))

	one := fmt.Sprintf("/api/dead-letters/%s/2", lane)
	require.Equal(t, "waits-1", d.do("GET", one, "").ok(200)["eventId"])
	d.do("POST", one+"/replay", "").problem(409)
	require.Equal(t, "discarded", d.do("POST", one+"/discard", `{"reason":"nobody wants it"}`).ok(200)["state"])
	require.Equal(t, delivery.Discarded, d.state(lane, 2))
	require.Len(t, d.do("GET", "/api/dead-letters?state=pending&webhook="+lane, "").ok(200)["results"], 1)
}

// What waits for a webhook that there is, is no dead letter.
func TestWhatWaitsForAWebhookIsNoDeadLetter(t *testing.T) {
	t.Parallel()
	d, _ := officeWithDead(t, 1)
	d.post("object.created", "waits")
	d.do("GET", "/api/dead-letters/1/2", "").problem(404)
	d.do("POST", "/api/dead-letters/1/2/discard", "").problem(404)
	for _, query := range []string{"state=pending", "state=pending&webhook=1", "state=delivered"} {
		require.Equal(t, []any{"?state"}, d.do("GET", "/api/dead-letters?"+query, "").problem(400), query)
	}
}

// TestNobodyTakesOverAQueueByItsUUID who may not have things sent again.
func TestNobodyTakesOverAQueueByItsUUID(t *testing.T) {
	t.Parallel()
	d, lane := officeWithLeftovers(t)
	body := fmt.Sprintf(`{"name":"mine","url":"https://evil.example/","uuid":%q}`, lane)
	d.as(Read|Write, "POST", "/api/webhooks", body).problem(409)
	d.as(Read|Write, "POST", "/api/webhooks", `{"name":"mine","url":"https://evil.example/","uuid":"0190b0c4-0000-7000-8000-00000000beef"}`).ok(201)
	d.as(Read|Write|Replay, "POST", "/api/webhooks", strings.Replace(body, "mine", "ours", 1)).ok(201)
}
