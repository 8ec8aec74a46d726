package manage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// officeWithPull has a subscription of style pull with so many messages.
func officeWithPull(t *testing.T, count int) (d *office, lane string) {
	t.Helper()
	d = newOffice(t)
	d.do("POST", "/api/events/subscriptions", `{"style":"pull"}`).ok(200)
	for i := range count {
		d.post("a", fmt.Sprint("e", i))
	}
	e, _ := d.webhooks.Find("1")
	return d, e.Hook.Lane()
}

const pullPath = "/api/events/subscriptions/1/pull"

// TestPullingPagesInOrder is case OC-12.
func TestPullingPagesInOrder(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 250)
	seen, path := []any{}, pullPath
	for _, want := range []int{100, 100, 50} {
		p := d.do("GET", path, "").ok(200)
		require.Len(t, p["messages"], want)
		seen = append(seen, column(t, p["messages"], "eventId")...)
		id, _, _ := strings.Cut(p["cursor"].(string), "-")
		require.Equal(t, fmt.Sprint(at(t, p, "messages", want-1, "id")), id, "it begins with the id of the last")
		path = pullPath + "?cursor=" + p["cursor"].(string)
	}
	for i, id := range seen {
		require.Equal(t, fmt.Sprint("e", i), id, "oldest first, without overlap")
	}
	require.Nil(t, d.do("GET", path, "").ok(200)["cursor"], "and then there is nothing")
	require.Len(t, d.do("GET", pullPath+"?limit=7", "").ok(200)["messages"], 7, "what is not acknowledged is given again")
}

// TestPullingNothing is case OC-13.
func TestPullingNothing(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 0)
	require.JSONEq(t, `{"messages":[],"cursor":null}`, string(d.do("GET", pullPath, "").body))
}

// TestPushIsNotPulled is case OC-11.
func TestPushIsNotPulled(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.do("POST", "/api/events/subscriptions", `{"sink":"https://s.example/"}`).ok(200)
	a := d.do("GET", pullPath, "")
	a.problem(400)
	require.Equal(t, "Subscription is not pull-based", a.ok(400)["error"])
	d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"messages":[1]}`).problem(400)
}

func TestACursorAcknowledges(t *testing.T) {
	t.Parallel()
	d, lane := officeWithPull(t, 5)
	p := d.do("GET", pullPath+"?limit=3", "").ok(200)
	a := d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"cursor":"`+p["cursor"].(string)+`"}`).ok(200)
	require.Equal(t, map[string]any{"acknowledged": 3.0, "more": false}, a)
	require.Equal(t, delivery.Delivered, d.state(lane, 3))
	require.Equal(t, []any{"e3", "e4"}, column(t, d.do("GET", pullPath, "").ok(200)["messages"], "eventId"))
}

// What another caller has leased, nobody else acknowledges for it.
func TestACursorLeavesWhatOthersHaveLeased(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 6)
	looked := d.do("GET", pullPath, "").ok(200)
	leased := d.do("GET", pullPath+"?limit=3&lease=60", "").ok(200)
	require.Nil(t, leased["cursor"], "leased messages are acknowledged by id")
	a := d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"cursor":"`+looked["cursor"].(string)+`"}`).ok(200)
	require.Equal(t, map[string]any{"acknowledged": 3.0, "more": false}, a)
	require.Equal(t, []any{"e0", "e1", "e2"}, column(t, d.do("GET", pullPath, "").ok(200)["messages"], "eventId"))
}

// What became pending after the look has not been given to anybody.
func TestACursorLeavesWhatWasReplayedSince(t *testing.T) {
	t.Parallel()
	d, lane := officeWithPull(t, 3)
	acknowledge := func(cursor any) map[string]any {
		return d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"cursor":"`+cursor.(string)+`"}`).ok(200)
	}
	d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"messages":[1]}`).ok(200)
	first := d.do("GET", pullPath+"?limit=1", "").ok(200)
	second := d.do("GET", pullPath+"?cursor="+first["cursor"].(string), "").ok(200)
	require.NoError(t, d.store.Replay(t.Context(), lane, 1, time.Now()))
	require.InDelta(t, 2, acknowledge(second["cursor"])["acknowledged"], 0, "both pages")
	require.Equal(t, []any{"e0"}, column(t, d.do("GET", pullPath, "").ok(200)["messages"], "eventId"), "the replayed one is given")
}

func TestMessagesAreAcknowledgedById(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 4)
	a := d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"messages":[2,4,99]}`).ok(200)
	require.InDelta(t, 2, a["acknowledged"], 0, "those that there are")
	require.Equal(t, []any{"e0", "e2"}, column(t, d.do("GET", pullPath, "").ok(200)["messages"], "eventId"))
}

func TestLeasedMessagesAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 5)
	first := d.do("GET", pullPath+"?limit=3&lease=60", "").ok(200)
	second := d.do("GET", pullPath+"?limit=3&lease=60", "").ok(200)
	require.Equal(t, []any{"e0", "e1", "e2"}, column(t, first["messages"], "eventId"))
	require.Equal(t, []any{"e3", "e4"}, column(t, second["messages"], "eventId"))
	require.NotNil(t, at(t, first, "messages", 0, "lease"))
	d.do("POST", "/api/events/subscriptions/1/acknowledge", `{"messages":[1,2,3]}`).ok(200)
	require.Len(t, d.do("GET", pullPath, "").ok(200)["messages"], 2)
}

// TestWhoMayPull: to look needs read, to see the events read:payload, to take
// them from others write.
func TestWhoMayPull(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 1)
	get := func(scopes Scopes, query string) *reaction {
		return d.as(scopes, "GET", pullPath+query, "")
	}
	looked := at(t, get(Read, "").ok(200), "messages", 0)
	require.Nil(t, at(t, looked, "event"))
	require.Equal(t, true, at(t, looked, "redacted"))
	require.NotNil(t, at(t, get(Read|ReadPayload, "").ok(200), "messages", 0, "event"))
	get(Read|ReadPayload, "?lease=10").problem(403)
	get(Read|Write, "?lease=10").ok(200)
}

func TestWhatIsWrongWithAPull(t *testing.T) {
	t.Parallel()
	d, _ := officeWithPull(t, 1)
	for query, want := range map[string]string{
		"?limit=0": "?limit", "?limit=1001": "?limit", "?lease=0": "?lease", "?lease=3601": "?lease", "?cursor=x": "?cursor", "?cursor=1": "?cursor", "?lease=5&cursor=1-5": "?cursor",
	} {
		require.Equal(t, []any{want}, d.do("GET", pullPath+query, "").problem(400), query)
	}
	for _, body := range []string{`{}`, `{"cursor":"1-5","messages":[1]}`, `{"cursor":"x"}`, `{"cursor":"5"}`, `{"cursor":"5--1"}`, `{"messages":["x"]}`, `{"messages":[-1]}`} {
		require.Len(t, d.do("POST", "/api/events/subscriptions/1/acknowledge", body).problem(400), 1, body)
	}
}
