package e2e_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestAKilledGatewayForgetsNothing: it is killed in the middle of writes and of
// deliveries. The next one asks the register what became of the writes, and
// delivers what it cannot know to have arrived.
//
// On Redis the writes of a gateway are nobody else's for half a minute, since it
// might only be slow.
func TestAKilledGatewayForgetsNothing(t *testing.T) {
	t.Parallel()
	cases := []doubtCase{
		{"put", http.MethodPut, `{"title":"old"}`, "wait-after", "", "happened", "object.updated", writtenBody},
		{"put-lost", http.MethodPut, "", "wait-first", "", "unknown", "", ""}, // without an image nothing tells
		{"put-over-lost", http.MethodPut, `{"title":"old"}`, "wait-first", "", "unknown", "", ""},
		{"delete", http.MethodDelete, `{"title":"old"}`, "wait-after", "", "happened", "object.deleted", `{"title":"old"}`},
		{"delete-lost", http.MethodDelete, `{"title":"old"}`, "wait-first", "", "did not happen", "", ""},
		{"post", http.MethodPost, "", "wait-after", "", "unknown", "", ""},
		{"post-lost", http.MethodPost, "", "wait-first", "", "unknown", "", ""},
	}
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		inside, freed := make(chan struct{}), make(chan struct{})
		free := sync.OnceFunc(func() { close(freed) })
		entered := sync.OnceFunc(func() { close(inside) })
		subscriptions := []subscription{{name: "in-flight", options: "timeout 30s", answer: func(w http.ResponseWriter, c call) {
			entered()
			select {
			case <-freed:
			case <-c.Gone:
			}
			takes(w, c)
		}}, {name: "done"}}
		for _, c := range cases {
			subscriptions = append(subscriptions, subscription{name: c.name})
		}
		d := newDepot(t, s, subscriptions, "")
		done := d.create(t, "done", `{}`)
		d.told(t, "done", 1)
		inFlight := d.create(t, "in-flight", `{}`)
		<-inside
		for _, c := range cases {
			if c.old != "" {
				d.shelf.put(c.path(), c.old)
			}
			d.shelf.during(t, d.gateway, c.method, c.path(), c.body(), c.play)
		}
		time.Sleep(time.Second) // outcomes are written a moment later, and nothing shows when
		d.kill(t)
		free()
		d.run(t)

		const patience = 75 * time.Second
		calls := d.receiver.awaitFor(t, patience, "/in-flight", 2)
		require.Equal(t, calls[0].Body, calls[1].Body, "what may not have arrived comes again, under the same id")
		require.Equal(t, inFlight.ids()[0], calls[1].fact(t).ID)
		for _, c := range cases {
			if c.event != "" {
				f := d.receiver.awaitFor(t, patience, "/"+c.name, 1)[0].fact(t)
				require.Equal(t, c.event, f.Type, c.name)
				require.True(t, f.Recovered, c.name)
				require.JSONEq(t, c.object, string(f.Data.Object), c.name)
			}
		}
		require.Eventually(t, func() bool {
			return len(d.logged("a write whose answer was not seen is settled")) == len(cases)
		}, patience, 20*time.Millisecond)
		require.Equal(t, done.ids()[0], d.told(t, "done", 1)[0].fact(t).ID, "what had arrived does not come again")
		for _, c := range cases {
			require.Len(t, d.shelf.writes(objectsOf(c.name)), 1, "%s: the register is only asked, never told again", c.name)
		}
		d.stop(t)
		store := s.open(t)
		hasNoHolds(t, store)
		for _, c := range cases {
			requireSettled(t, c, kept(t, store, c.name))
		}
		require.Equal(t, delivery.Delivered, kept(t, store, "in-flight")[0].State)
	})
}
