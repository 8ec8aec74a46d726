package manage

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

const zaakCreated = `{"specversion":"1.0","type":"nl.vng.zgw.zaken.zaak.created","source":"https://openconnector.yourdomain.nl","id":"550e8400-e29b-41d4-a716-446655440000","time":"2024-06-15T10:30:00Z","datacontenttype":"application/json","data":{"zaakUrl":"https://z/abc123"}}`

// TestAPostedEventReachesItsSubscribers is case OC-01.
func TestAPostedEventReachesItsSubscribers(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	s := d.do("POST", "/api/events/subscriptions", `{"types":["nl.vng.zgw.zaken.zaak.created"],"sink":"https://s.example/","style":"push","status":"active"}`).ok(200)
	posted := d.do("POST", "/api/events", zaakCreated).ok(200)
	require.Equal(t, "550e8400-e29b-41d4-a716-446655440000", posted["uuid"])
	require.Equal(t, "https://z/abc123", at(t, posted, "data", "zaakUrl"))
	require.Equal(t, "2024-06-15T10:30:00Z", posted["time"])

	e, ok := d.webhooks.Find(s["uuid"].(string))
	require.True(t, ok)
	lease := d.attempt(e, delivery.Done)
	require.Equal(t, zaakCreated, string(lease.Message.Event), "the identical event, no extra attributes")
	messages := d.do("GET", fmt.Sprintf("/api/events/%v/messages", posted["id"]), "").ok(200)
	require.Equal(t, []any{"delivered"}, column(t, messages["messages"], "status"))

	again := d.do("POST", "/api/events", zaakCreated).ok(200)
	require.Equal(t, posted["id"], again["id"], "the same event again changes nothing")
	require.Len(t, d.do("GET", "/api/events", "").ok(200)["results"], 1)
}

// told posts events and tells for each whether the one subscription gets it.
func told(t *testing.T, subscription string, events ...string) []bool {
	t.Helper()
	d := newOffice(t)
	s := d.do("POST", "/api/events/subscriptions", subscription).ok(200)
	e, _ := d.webhooks.Find(s["uuid"].(string))
	var got []bool
	for i, members := range events {
		posted := d.do("POST", "/api/events", `{"specversion":"1.0","id":"`+fmt.Sprint(i)+`",`+members+`}`).ok(200)
		found, err := d.store.Deliveries(t.Context(), delivery.DeliveryQuery{Lane: e.Hook.Lane(), Seq: uint64(posted["id"].(float64)), State: delivery.Pending})
		require.NoError(t, err)
		got = append(got, len(found) == 1)
	}
	return got
}

// TestWhichEventsASubscriptionGets are cases OC-02 to OC-06 and OC-08.
func TestWhichEventsASubscriptionGets(t *testing.T) {
	t.Parallel()
	typed := func(names ...string) (events []string) {
		for _, name := range names {
			events = append(events, `"source":"/s1","type":"`+name+`"`)
		}
		return events
	}
	for id, c := range map[string]struct {
		subscription string
		events       []string
		want         []bool
	}{
		"OC-02": {`"types":["a.b"]`, typed("a.b", "a.bc", "a"), []bool{true, false, false}},
		"OC-03": {`"types":[]`, typed("a", "b.c"), []bool{true, true}},
		"OC-04": {`"source":"/s1"`, []string{`"source":"/s1","type":"a"`, `"source":"/s2","type":"a"`}, []bool{true, false}},
		"OC-05": {
			`"filters":[{"exact":{"subject":"x"}},{"prefix":{"type":"nl."}}]`,
			[]string{`"source":"/s","subject":"x","type":"nl.a"`, `"source":"/s","subject":"x","type":"com.a"`, `"source":"/s","type":"nl.a"`},
			[]bool{true, false, false},
		},
		"OC-06": {`"filters":[{"suffix":{"type":".created"}}]`, typed("z.created", "z.updated"), []bool{true, false}},
		"OC-08": {`"status":"paused"`, typed("a"), []bool{false}},
		"nested": {
			`"filters":[{"any":[{"exact":{"subject":"x"}},{"not":{"prefix":{"type":"nl."}}}]}]`,
			append(typed("nl.a", "com.a"), `"source":"/s","type":"nl.a","subject":"x"`),
			[]bool{false, true, true},
		},
	} {
		require.Equal(t, c.want, told(t, `{"sink":"https://s.example/",`+c.subscription+`}`, c.events...), id)
	}
}

// TestOneFailureKeepsNobodyElseFromTheEvent is case OC-15.
func TestOneFailureKeepsNobodyElseFromTheEvent(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	first := d.webhook(`"name":"first","url":"https://s.example/"`)
	second := d.webhook(`"name":"second","url":"https://s.example/"`)
	d.post("a", "e1")
	d.attempt(first, delivery.Bury)
	d.attempt(second, delivery.Done)
	messages := d.do("GET", "/api/events/e1/messages", "").ok(200)["messages"]
	require.ElementsMatch(t, []any{"failed", "delivered"}, column(t, messages, "status"))
}

// TestAFailedMessageSaysWhenItIsTriedAgain is case OC-09.
func TestAFailedMessageSaysWhenItIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	e := d.webhook(`"name":"s","url":"https://s.example/"`)
	d.post("a", "e1")
	d.attempt(e, delivery.Retry)
	for _, path := range []string{"/api/events/1/messages", "/api/events/e1/messages", "/api/events/subscriptions/1/messages"} {
		m := at(t, d.do("GET", path, "").ok(200), "messages", 0)
		require.Equal(t, "pending", at(t, m, "status"))
		require.InDelta(t, 1, at(t, m, "retryCount"), 0)
		require.NotNil(t, at(t, m, "nextAttempt"))
		require.NotNil(t, at(t, m, "lastAttempt"))
		require.InDelta(t, 500, at(t, m, "lastResponse", "statusCode"), 0)
		require.Equal(t, "no room", at(t, m, "lastResponse", "body"))
		require.Equal(t, "e1", at(t, m, "payload", "id"))
	}
}

// TestTheGatewaysOwnEventsAreNotHandedIn: a receiver that finds the source of a
// register and a right signature may believe that the register was written to.
func TestTheGatewaysOwnEventsAreNotHandedIn(t *testing.T) {
	t.Parallel()
	d := newOffice(t, func(c *Config) {
		c.Sources = func() []string { return []string{"/voorpoort", "urn:nld:oin:1:systeem:register"} }
	})
	post := func(source string) *reaction {
		return d.do("POST", "/api/events", `{"specversion":"1.0","id":"1","type":"object.created","source":"`+source+`"}`)
	}
	for _, own := range []string{"/voorpoort", "urn:nld:oin:1:systeem:register", "URN:NLD:oin:1:systeem:register"} {
		require.Equal(t, []any{"#/source"}, post(own).problem(400), own)
	}
	require.Empty(t, d.do("GET", "/api/events", "").ok(200)["results"])
	post("/voorpoort/other").ok(200)
}

// TestAnEventWhoseIDIsANumberIsFound: another event at that position does not
// stand in its way.
func TestAnEventWhoseIDIsANumberIsFound(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for _, id := range []string{"2", "1", "third"} {
		d.post("a", id)
	}
	for asked, want := range map[string]string{"1": "1", "2": "2", "third": "third", "3": "third"} {
		require.Equal(t, want, d.do("GET", "/api/events/"+asked, "").ok(200)["uuid"], asked)
		require.Equal(t, want, at(t, d.do("GET", "/api/events/"+asked+"/messages", "").ok(200), "event", "uuid"), asked)
	}
	for _, unknown := range []string{"4", "0", "03", "x"} {
		d.do("GET", "/api/events/"+unknown, "").problem(404)
	}
}

// TestADeadMessageHasFailed, and a paused subscription has no message (OC-08).
func TestADeadMessageHasFailed(t *testing.T) {
	t.Parallel()
	d, _ := officeWithDead(t, 1)
	require.Equal(t, []any{"failed"}, column(t, d.do("GET", "/api/events/subscriptions/1/messages", "").ok(200)["messages"], "status"))
	d.webhook(`"name":"paused","url":"https://s.example/","enabled":false`)
	d.post("a", "e9")
	require.Empty(t, d.do("GET", "/api/events/subscriptions/2/messages", "").ok(200)["messages"])
	require.Len(t, d.do("GET", "/api/events/e9/messages", "").ok(200)["messages"], 1)
}

// TestWhatThereIsNot is case OC-14.
func TestWhatThereIsNot(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.post("a", "e1")
	for path, want := range map[string]string{
		"GET /api/events/999": "Not Found", "GET /api/events/unknown/messages": "Not Found", "GET /api/events/0": "Not Found",
		"GET /api/events/subscriptions/999": "Subscription not found", "PUT /api/events/subscriptions/999": "Subscription not found",
		"DELETE /api/events/subscriptions/999": "Subscription not found", "GET /api/events/subscriptions/999/pull": "Subscription not found",
		"GET /api/events/subscriptions/999/messages": "Subscription not found", "POST /api/events/subscriptions/999/acknowledge": "Subscription not found",
	} {
		var method, target string
		_, err := fmt.Sscan(path, &method, &target)
		require.NoError(t, err)
		body := ""
		if method == "PUT" || method == "POST" {
			body = "{}"
		}
		a := d.do(method, target, body)
		a.problem(404)
		require.Equal(t, want, a.ok(404)["error"], path)
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	require.Equal(t, []any{"#/specversion", "#/id", "#/type"}, d.do("POST", "/api/events", `{"source":"/s"}`).problem(400))
	require.Equal(t, []any{"#/userId"}, d.do("POST", "/api/events", cloudEventOf("a", "1", `,"userId":"x"`)).problem(400))
	d.do("POST", "/api/events", `[]`).problem(400)
}

func TestEventsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for i := range 3 {
		d.post("a", fmt.Sprint("e", i))
	}
	first := d.do("GET", "/api/events?limit=2", "").ok(200)
	require.Equal(t, []any{"e2", "e1"}, column(t, first["results"], "uuid"))
	second := d.do("GET", "/api/events?limit=2&cursor="+first["cursor"].(string), "").ok(200)
	require.Equal(t, []any{"e0"}, column(t, second["results"], "uuid"))
	require.Equal(t, "e1", d.do("GET", "/api/events/2", "").ok(200)["uuid"], "by position")
	require.Equal(t, "e1", d.do("GET", "/api/events/e1", "").ok(200)["uuid"], "or by the event's own id")
}

// TestNoEventIsTakenForHalfOfTheWebhooks: while the store has not told all of
// them, an event that is handed in would not reach the others.
func TestNoEventIsTakenForHalfOfTheWebhooks(t *testing.T) {
	t.Parallel()
	unread := errors.New("not read")
	d := newOffice(t, func(c *Config) { c.Known = func() error { return unread } })
	refused := d.do("POST", "/api/events", zaakCreated)
	refused.problem(http.StatusServiceUnavailable)
	require.Equal(t, "1", refused.header.Get("Retry-After"))
	d.do("GET", "/readyz", "").problem(http.StatusServiceUnavailable)
	require.Empty(t, d.do("GET", "/api/events", "").ok(200)["results"])
	unread = nil
	d.do("POST", "/api/events", zaakCreated).ok(200)
	d.do("GET", "/readyz", "").ok(200)
}
