package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// What has to survive the succession of configurations and of processes.

// succeeding is a depot whose receiver and register can be held.
type succeeding struct {
	*depot

	subscriptions []subscription
	inside        chan struct{} // closed when the first delivery is being answered
	free          func()        // lets it, and all others, go on
}

func newSucceeding(t testing.TB, s *storage) *succeeding {
	t.Helper()
	inside, freed := make(chan struct{}), make(chan struct{})
	entered := sync.OnceFunc(func() { close(inside) })
	c := &succeeding{inside: inside, free: sync.OnceFunc(func() { close(freed) })}
	t.Cleanup(c.free)
	c.subscriptions = []subscription{{name: "cats", options: "timeout 30s;concurrency 1", answer: func(w http.ResponseWriter, c call) {
		if c.fact(t).Data.Schema == "cats" && strings.Contains(c.Body, "held") {
			entered()
			select {
			case <-freed:
			case <-c.Gone:
			}
		}
		takes(w, c)
	}}, {name: "dogs"}}
	c.depot = newDepot(t, s, c.subscriptions, "")
	return c
}

// reconfigure loads another configuration with some of the subscriptions.
func (c *succeeding) reconfigure(t testing.TB, subscriptions []subscription, more string) {
	t.Helper()
	status, message := c.reload(t, c.globals(subscriptions, more), inFrontOf(c.shelf))
	require.Equal(t, http.StatusOK, status, message)
}

// TestReloadsLoseNothingAndTellNothingTwice, neither of writes nor of deliveries
// that are under way.
func TestReloadsLoseNothingAndTellNothingTwice(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newSucceeding(t, s)
		c.create(t, "cats", `{"n":"held"}`)
		<-c.inside
		got, proceed := c.shelf.during(t, c.gateway, http.MethodPut, objectsOf("dogs")+"/1", `{"n":1}`, "wait-after")
		for i := range 5 {
			c.reconfigure(t, c.subscriptions, fmt.Sprintf("budget %ds\n", 11+i))
			c.create(t, "dogs", fmt.Sprintf(`{"n":%d}`, i))
		}
		require.Len(t, c.receiver.at("/cats"), 1, "the delivery under way is left alone")
		proceed()
		a := <-got
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		c.free()
		calls := c.told(t, "dogs", 6)
		require.Contains(t, factsByID(t, calls), a.ids()[0])
		c.stop(t)
		store := s.open(t)
		hasNoHolds(t, store)
		require.Len(t, kept(t, store, "cats"), 1)
		require.Len(t, attempts(t, store, "cats"), 1)
		require.Len(t, attempts(t, store, "dogs"), 6)
		for _, one := range kept(t, store, "") {
			require.Equal(t, delivery.Delivered, one.State)
		}
	})
}

// factsByID are the events of calls. Two with one id fail the test.
func factsByID(t testing.TB, calls []call) map[string]fact {
	t.Helper()
	facts := map[string]fact{}
	for _, c := range calls {
		f := c.fact(t)
		require.NotContains(t, facts, f.ID, "an event was told twice")
		facts[f.ID] = f
	}
	return facts
}

// TestAFailedReloadLeavesDeliveriesGoing, with their webhooks and their store.
func TestAFailedReloadLeavesDeliveriesGoing(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newSucceeding(t, s)
		c.create(t, "cats", `{"n":"held"}`)
		<-c.inside
		taken := freeAddress(t)
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", taken)
		require.NoError(t, err)
		defer listener.Close()
		for name, bad := range map[string]string{
			"at its webhooks": c.globals(append(c.subscriptions, subscription{name: "bad", options: "timeout 10m"}), ""),
			"at its store":    globals("store local /dev/null/store\n", c.subscriptions[1].block(c.receiver)),
			"at a redis":      globals("store redis redis://127.0.0.1:1\n", c.subscriptions[1].block(c.receiver)),
		} {
			status, message := c.reload(t, bad, inFrontOf(c.shelf))
			require.GreaterOrEqual(t, status, 400, "%s: %s", name, message)
			c.create(t, "dogs", `{"n":1}`)
		}
		// One that fails when everything of the new configuration was made.
		status, message := c.reload(t, c.globals(c.subscriptions[1:], ""), inFrontOf(c.shelf)+"}\nhttp://other.example:"+portOf(taken)+" {\nbind 127.0.0.1\n")
		require.GreaterOrEqual(t, status, 400, message)
		c.create(t, "dogs", `{"n":1}`)
		c.free()
		c.told(t, "dogs", 4)
		c.create(t, "cats", `{}`)
		c.told(t, "cats", 2)
		c.stop(t)
		require.Len(t, attempts(t, s.open(t), "cats"), 2, "the delivery under way was left alone")
	})
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// TestEventsWaitForAWebhookThatIsMissing from a configuration, and go to it when
// it is back.
func TestEventsWaitForAWebhookThatIsMissing(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newSucceeding(t, s)
		c.create(t, "cats", `{"n":"held"}`)
		<-c.inside
		got := c.create(t, "cats", `{"n":"held too"}`)
		c.reconfigure(t, c.subscriptions[1:], "")
		c.create(t, "dogs", `{}`)
		c.told(t, "dogs", 1)
		c.free()
		time.Sleep(300 * time.Millisecond)
		require.Len(t, c.receiver.at("/cats"), 1)
		c.reconfigure(t, c.subscriptions, "")
		c.create(t, "dogs", `{}`)
		c.told(t, "dogs", 2)
		require.Contains(t, factsByID(t, c.told(t, "cats", 2)), got.ids()[0])
	})
}

// TestAFolderBelongsToOneGateway: a second one is told so and ends; the first
// goes on.
func TestAFolderBelongsToOneGateway(t *testing.T) {
	t.Parallel()
	s := localStorage(t)
	d := newDepot(t, s, []subscription{{name: "cats"}}, "")
	other := &gateway{address: freeAddress(t)}
	other.URL, other.Admin = "http://"+other.address, "http://"+freeAddress(t)
	file := filepath.Join(t.TempDir(), "Caddyfile")
	text := other.caddyfile(d.globals([]subscription{{name: "cats"}}, ""), inFrontOf(d.shelf))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, code := runTo(t, "run", "--config", file)
	require.NotZero(t, code)
	require.Contains(t, out, "another process has the store open")
	d.create(t, "cats", `{}`)
	d.told(t, "cats", 1)
}

// TestTheToolsLeaveTheStoreAlone: validate opens nothing, neither beside the
// running gateway nor where there is none.
func TestTheToolsLeaveTheStoreAlone(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		d := newDepot(t, s, []subscription{{name: "cats"}}, "")
		d.create(t, "cats", `{}`)
		d.told(t, "cats", 1)
		out, code := runTo(t, "validate", "--config", d.file, "--adapter", "caddyfile")
		require.Zero(t, code, out)
		require.Contains(t, out, "Valid configuration")
		d.create(t, "cats", `{}`)
		d.told(t, "cats", 2)
		d.stop(t)
		if s.redis != nil {
			s.redis.kill()
		} else {
			require.NoError(t, os.RemoveAll(s.folder))
		}
		out, code = runTo(t, "validate", "--config", d.file, "--adapter", "caddyfile")
		require.Zero(t, code, out)
		if s.redis == nil {
			require.NoDirExists(t, s.folder)
		}
	})
}
