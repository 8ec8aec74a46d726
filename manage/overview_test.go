package manage

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestTheOverviewCountsWhatThereIs(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 1)
	d.webhook(`"name":"off","url":"https://hooks.example/","enabled":false`)
	d.post("object.created", "ok")
	d.attempt(e, delivery.Done)
	d.post("object.created", "again")
	d.attempt(e, delivery.Retry)
	d.hold("h1", time.Second)
	d.activity.Attempt(AttemptNews{Duration: time.Millisecond})

	o := d.do("GET", "/api/overview?window=20", "").ok(200)
	require.Equal(t, "gate-1", o["gateway"])
	require.Equal(t, []any{"1.2.3", "v2"}, []any{o["version"], o["caddyVersion"]})
	want := map[string]float64{
		"webhooks": 2, "enabled": 1, "pending": 1, "retrying": 1, "deadLetters": 1, "skipped": 2, "holds": 1,
		"attempts": 3, "successful": 1, "failed": 2,
	}
	for name, count := range want {
		require.InDelta(t, count, at(t, o, "totals", name), 0, name)
	}
	require.Len(t, at(t, o, "series", "points"), 2)
	require.InDelta(t, 10, at(t, o, "series", "step"), 0)
	require.Equal(t, []any{"dead-letters"}, column(t, o["attention"], "kind"))
	d.do("GET", "/api/overview?window=9", "").problem(400)
}

func TestWhatNeedsAPersonComesInOrder(t *testing.T) {
	t.Parallel()
	d, e := officeWithDead(t, 1)
	gone := d.webhook(`"name":"gone","url":"https://hooks.example/","events":["x"]`)
	broken := d.webhook(`"name":"broken","url":"https://hooks.example/","events":["y"]`)
	left := d.webhook(`"name":"left","url":"https://hooks.example/","events":["left"]`)
	d.post("left", "l1")
	require.NoError(t, d.webhooks.Delete(t.Context(), left.UUID, 0))
	d.webhooks.entries[2].Hook, d.webhooks.entries[2].Fault = nil, "its certificate cannot be read"
	d.attempt(e, delivery.Done)
	d.hold("old", time.Hour)
	d.hold("young", time.Second)
	d.engine.failing = errors.New("no space")
	d.engine.lanes = []delivery.LaneStatus{
		{Lane: e.Hook.Lane(), State: delivery.LaneThrottled},
		{Lane: gone.Hook.Lane(), State: delivery.LaneGone},
		{Lane: broken.Hook.Lane(), State: delivery.LaneBroken, Failures: 7},
	}

	o := d.do("GET", "/api/overview", "").ok(200)
	require.Equal(t, []any{"store", "gone", "fault", "dead-letters", "unknown", "holds", "broken", "throttled"}, column(t, o["attention"], "kind"))
	require.Equal(t, true, at(t, o, "store", "failing"))
	require.Equal(t, "gone", at(t, o, "attention", 1, "webhookName"))
	require.Contains(t, at(t, o, "attention", 2, "text"), "its certificate cannot be read")
	require.Contains(t, at(t, o, "attention", 5, "text"), "1 write is not settled")
	require.Contains(t, at(t, o, "attention", 6, "text"), "7 times")
}

func TestAnOverviewWithoutTroubleAsksForNobody(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	o := d.do("GET", "/api/overview", "").ok(200)
	require.Empty(t, o["attention"])
	require.NotNil(t, o["attention"])
	require.Equal(t, false, at(t, o, "store", "failing"))
}

// TestAStoreThatIsClosedIsAnAnswer: the overview is what an operator looks at
// when the store fails.
func TestAStoreThatIsClosedIsAnAnswer(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	require.NoError(t, d.store.Close())
	o := d.do("GET", "/api/overview", "").ok(200)
	require.Equal(t, true, at(t, o, "store", "failing"))
	require.Equal(t, []any{"store"}, column(t, o["attention"], "kind"))
}
