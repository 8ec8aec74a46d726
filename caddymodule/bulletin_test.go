package caddymodule

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
)

// alarmed is a gateway whose operator is told at the webhook alarm, and what the
// operator is told.
func alarmed(t *testing.T) (b *bulletins, told func() []cloudevents.Event) {
	t.Helper()
	h, store := telling(t, `,"operator":["alarm"]`, "",
		`{"name":"alarm","url":"http://127.0.0.1:9","events":["voorpoort.*"]}`, `{"name":"stock","url":"http://127.0.0.1:9"}`)
	b = newBulletins(h.app.queue.owner, store, zap.NewNop())
	b.every = 50 * time.Millisecond
	t.Cleanup(b.close)
	return b, func() (events []cloudevents.Event) {
		for _, d := range stored(t, store) {
			require.Equal(t, "alarm", d.Lane)
			var e cloudevents.Event
			require.NoError(t, json.Unmarshal(d.Message.Event, &e))
			require.NoError(t, e.Validate())
			events = append(events, e)
		}
		return events
	}
}

func kindsOf(events []cloudevents.Event) (types []string) {
	for _, e := range events {
		types = append(types, e.Type())
	}
	return types
}

// TestTheOperatorIsToldOnce of each turn, not of each probe of the breaker.
func TestTheOperatorIsToldOnce(t *testing.T) {
	t.Parallel()
	b, told := alarmed(t)
	until := time.Now().Add(time.Minute)
	for _, state := range []delivery.LaneState{
		delivery.LaneOpen, delivery.LaneBroken, delivery.LaneProbing, delivery.LaneBroken, delivery.LaneOpen, delivery.LaneOpen,
		delivery.LaneThrottled, delivery.LaneOpen, delivery.LaneGone, delivery.LaneOpen,
	} {
		b.lane(delivery.LaneStatus{Lane: "stock", Name: "stock", State: state, Failures: 5, Until: until})
	}
	require.Eventually(t, func() bool { return len(told()) == 4 }, 10*time.Second, 5*time.Millisecond)
	events := told()
	require.Equal(t, []string{typeFailing, typeRecovered, typeDisabled, typeRecovered}, kindsOf(events))
	require.Equal(t, "urn:test", events[0].Source())
	require.Equal(t, "webhook:stock", events[0].Subject())
	require.JSONEq(t, fmt.Sprintf(`{"webhook":"stock","state":"broken","failures":5,"until":%q}`, until.UTC().Format(time.RFC3339Nano)), string(events[0].Data()))
}

// TestManyDeadLettersAreFewEvents: the first at once, the others together.
func TestManyDeadLettersAreFewEvents(t *testing.T) {
	t.Parallel()
	b, told := alarmed(t)
	for i := range 100 {
		b.dead("stock", "stock", &delivery.Attempt{Message: fmt.Sprint(i), Type: "object.created", Number: 4, Status: 500, Reason: delivery.ReasonServer})
	}
	sum := func() (letters int) {
		for _, e := range told() {
			var data bulletinData
			require.NoError(t, e.DataAs(&data))
			letters += data.DeadLetters
		}
		return letters
	}
	require.Eventually(t, func() bool { return sum() == 100 }, 10*time.Second, 5*time.Millisecond)
	require.LessOrEqual(t, len(told()), 20, "not one for each")
	require.JSONEq(t, `{"webhook":"stock","deadLetters":1,"eventId":"0","eventType":"object.created","attempts":4,"reason":"server_error","statusCode":500}`,
		string(told()[0].Data()))
	require.Eventually(t, func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.buried) == 0 }, 10*time.Second, 5*time.Millisecond,
		"it ends by itself")
}

// TestTheEndTellsWhatWaits and nothing follows it.
func TestTheEndTellsWhatWaits(t *testing.T) {
	t.Parallel()
	b, told := alarmed(t)
	b.every = time.Hour
	for range 3 {
		b.dead("stock", "stock", &delivery.Attempt{Message: "1"})
	}
	b.close()
	b.close()
	require.Len(t, told(), 2)
	b.dead("stock", "stock", &delivery.Attempt{Message: "2"})
	b.lane(delivery.LaneStatus{Lane: "stock", Name: "stock", State: delivery.LaneBroken})
	require.Len(t, told(), 2)
}

// TestNobodyIsToldOfItself: a webhook that fails could not be told that it does.
func TestNobodyIsToldOfItself(t *testing.T) {
	t.Parallel()
	b, told := alarmed(t)
	b.lane(delivery.LaneStatus{Lane: "alarm", Name: "alarm", State: delivery.LaneBroken})
	b.close()
	require.Empty(t, told())
}

// TestTheOperatorsWebhookMustBeThere and be one that is told.
func TestTheOperatorsWebhookMustBeThere(t *testing.T) {
	t.Parallel()
	for webhooks, want := range map[string]string{
		`{"name":"other","url":"http://127.0.0.1:9"}`: `operator: there is no webhook "alarm" in the configuration`,
		`{"name":"alarm","url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true}}`: `operator: webhook "alarm" is asked before writes`,
	} {
		_, err := provisionHandler(`{"operator":["alarm"],"webhooks":[`+webhooks+`]}`, `{"presets":["openregister"]}`)
		require.ErrorContains(t, err, want)
	}
}
