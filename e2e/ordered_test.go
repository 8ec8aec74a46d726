package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// What `ordered` promises when a delivery fails, beside order_test.go: who waits
// for whom, for how long, and what a killed gateway or a person changes about it.

// column is a desk with one webhook, marching, that is told of the versions of
// things: version a2 is the second of thing a. Its receiver answers some of them
// as the test says and takes the others.
type column struct {
	*desk

	mu      sync.Mutex
	refused map[string]int    // statuses by version; 0 waits for the gateway's end
	events  map[string]string // ids by version
}

const marching = "marching"

func newColumn(t testing.TB, s *storage, options string) *column {
	t.Helper()
	c := &column{refused: map[string]int{}, events: map[string]string{}}
	answer := func(w http.ResponseWriter, got call) {
		status, refused := c.refuses(versionOf(t, got))
		if !refused {
			takes(w, got)
			return
		}
		if status == 0 {
			<-got.Gone
			return
		}
		w.WriteHeader(status)
	}
	c.desk = &desk{storage: s, shelf: newShelf(t), receiver: receiverWith(t, answer)}
	one := subscription{name: marching, options: options}
	c.gateway = start(t, c.globals(one.block(c.receiver)), c.site(ownerToken))
	return c
}

func (c *column) refuses(version string) (status int, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	status, refused = c.refused[version]
	return status, refused
}

// refuse has the receiver answer a version with a status, and take it to take it
// from now on.
func (c *column) refuse(version string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[version] = status
}

func (c *column) take(version string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.refused, version)
}

// write writes versions one after the other.
func (c *column) write(t testing.TB, versions ...string) {
	t.Helper()
	for _, v := range versions {
		got := insist(t, http.MethodPut, c.URL+objectsOf(marching)+"/"+v[:1], fmt.Sprintf(`{"v":%q}`, v))
		require.Equal(t, http.StatusOK, got.Status, got.Body)
		require.Len(t, got.ids(), 1)
		c.events[v] = got.ids()[0]
	}
}

func versionOf(t testing.TB, got call) string {
	t.Helper()
	var v string
	_, err := fmt.Sscanf(string(got.fact(t).Data.Object), `{"v":%q}`, &v)
	require.NoError(t, err, got.Body)
	return v
}

// heard are the calls about a thing.
func (c *column) heard(t testing.TB, thing string) (calls []call) {
	t.Helper()
	for _, one := range c.receiver.at("/" + marching) {
		if versionOf(t, one)[:1] == thing {
			calls = append(calls, one)
		}
	}
	return calls
}

// arrived are the versions of a thing in the order in which each came first. Their
// sequence has to rise with them, and to stay what it was when one comes again.
func (c *column) arrived(t testing.TB, thing string) (versions []string) {
	t.Helper()
	sequences, last := map[string]string{}, ""
	for _, one := range c.heard(t, thing) {
		v, sequence := versionOf(t, one), one.fact(t).Sequence
		require.Len(t, sequence, 20)
		if again, seen := sequences[v]; seen {
			require.Equal(t, again, sequence, v)
			continue
		}
		require.Greater(t, sequence, last, v)
		sequences[v], last = sequence, sequence
		versions = append(versions, v)
	}
	return versions
}

// await waits until so many versions of a thing have arrived. A killed gateway's
// deliveries are nobody else's for half a minute on Redis.
func (c *column) await(t testing.TB, want ...string) {
	t.Helper()
	thing := want[0][:1]
	for began := time.Now(); time.Since(began) < 75*time.Second && len(c.arrived(t, thing)) < len(want); {
		time.Sleep(10 * time.Millisecond)
	}
	require.Equal(t, want, c.arrived(t, thing))
}

// awaitState waits until a version's delivery is as wanted.
func (c *column) awaitState(t testing.TB, version, state string, waiting bool) {
	t.Helper()
	type standing struct {
		State   string
		Waiting bool
	}
	var got []standing
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		got = look[struct{ Deliveries []standing }](t, c.desk, "/messages/"+c.events[version]).Deliveries
		if len(got) == 1 && got[0] == (standing{state, waiting}) {
			return
		}
	}
	require.Equal(t, []standing{{state, waiting}}, got, version)
}

// again makes what is first in its row due while the gateway is stopped, and
// starts it.
func (c *column) again(t testing.TB) {
	t.Helper()
	store, err := c.storage.store(t)
	require.NoError(t, err)
	for _, one := range kept(t, store, marching) {
		if one.State == delivery.Pending && !one.Waiting {
			require.NoError(t, store.Replay(t.Context(), one.Lane, one.Seq, time.Now()))
		}
	}
	require.NoError(t, store.Close())
	c.run(t)
}

// TestUnderHoldAnEventIsTriedUntilItArrives: also behind the end of the schedule.
// What follows of the same thing waits so long, also when the gateway is killed,
// and then comes in its order. Other things do not wait.
func TestUnderHoldAnEventIsTriedUntilItArrives(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newColumn(t, s, "ordered hold;retry linear 1") // after 5 minutes again, then never, were there no hold
		c.refuse("a1", http.StatusInternalServerError)
		c.write(t, "a1", "b1", "a2", "b2", "a3")
		b := []string{"b1", "b2"}
		for attempt := 1; attempt <= 4; attempt++ {
			c.await(t, b...)
			l := c.awaitFailures(t, marching, attempt)[attempt-1]
			require.Equal(t, attempt, l.Attempt)
			require.False(t, l.Dead)
			requireDue(t, 5*time.Minute, l) // the last wait, for ever
			c.awaitState(t, "a1", "pending", false)
			c.awaitState(t, "a2", "pending", true)
			c.awaitState(t, "a3", "pending", true)
			require.Equal(t, []string{"a1"}, c.arrived(t, "a"))
			b = append(b, fmt.Sprint("b", attempt+2))
			c.write(t, b[attempt+1])
			if attempt < 4 {
				c.stop(t)
				c.again(t)
			}
		}
		c.await(t, b...)
		c.kill(t)
		c.take("a1")
		c.again(t)
		c.write(t, "a4")
		c.await(t, "a1", "a2", "a3", "a4")
		c.await(t, b...)
		require.Empty(t, look[letterPage](t, c.desk, "/dead-letters").Results)
	})
}

// dead waits until the dead letters of the webhook are those of some versions, and
// gives them.
func (c *column) dead(t testing.TB, versions ...string) map[string]letter {
	t.Helper()
	var letters []letter
	require.Eventually(t, func() bool {
		letters = look[letterPage](t, c.desk, "/dead-letters").Results
		return len(letters) == len(versions)
	}, 20*time.Second, 10*time.Millisecond)
	byVersion := map[string]letter{}
	for _, v := range versions {
		at := slices.IndexFunc(letters, func(l letter) bool { return l.EventID == c.events[v] })
		require.NotEqual(t, -1, at, v)
		byVersion[v] = letters[at]
	}
	return byVersion
}

// decide replays or discards a dead letter.
func (c *column) decide(t testing.TB, l letter, decision string) {
	t.Helper()
	got := c.do(t, http.MethodPost, l.at()+"/"+decision, "")
	require.Equal(t, http.StatusOK, got.Status, got.Body)
}

// TestUnderParkTheDeadStopTheirThing until a person replays or discards them: also
// when the gateway is killed, and when the replay fails. What follows then comes in
// its order. Other things do not wait.
func TestUnderParkTheDeadStopTheirThing(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newColumn(t, s, "ordered park;retry off")
		c.refuse("a1", http.StatusInternalServerError)
		c.refuse("c1", http.StatusInternalServerError)
		c.write(t, "a1", "b1", "a2", "c1", "c2", "b2")
		c.dead(t, "a1", "c1")
		c.await(t, "b1", "b2")
		c.awaitState(t, "a2", "pending", true)
		c.awaitState(t, "c2", "pending", true)

		c.kill(t)
		c.run(t)
		c.write(t, "a3", "b3")
		c.await(t, "b1", "b2", "b3")
		first := c.dead(t, "a1", "c1")["a1"]
		require.Equal(t, []string{"a1"}, c.arrived(t, "a"), "what waits was due before b3, and is not sent")
		c.awaitState(t, "a2", "pending", true)
		c.awaitState(t, "a3", "pending", true)

		calls := len(c.heard(t, "a"))
		c.decide(t, first, "replay")
		require.Eventually(t, func() bool { return len(c.heard(t, "a")) > calls }, 20*time.Second, 10*time.Millisecond)
		first = c.dead(t, "a1", "c1")["a1"]
		c.awaitState(t, "a2", "pending", true)

		c.take("a1")
		c.decide(t, first, "replay")
		c.await(t, "a1", "a2", "a3")
		for _, one := range c.heard(t, "a")[calls:] {
			replayed := map[bool]string{true: "true"}[versionOf(t, one) == "a1"]
			require.Equal(t, replayed, one.Header.Get("Voorpoort-Replay"), versionOf(t, one))
		}
		require.Equal(t, []string{"c1"}, c.arrived(t, "c"), "a thing of its own")

		calls = len(c.heard(t, "c"))
		c.decide(t, c.dead(t, "c1")["c1"], "discard")
		c.await(t, "c1", "c2")
		require.Len(t, c.heard(t, "c"), calls+1, "what is discarded is not sent again")
		c.dead(t)
	})
}

// TestUnderHoldWhatCanNeverArriveParksItsThing: an answer of 413 is no reason to
// try again for ever.
func TestUnderHoldWhatCanNeverArriveParksItsThing(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newColumn(t, s, "ordered hold;no_retry_on 409")
		c.refuse("a1", http.StatusRequestEntityTooLarge)
		c.refuse("b1", http.StatusConflict)
		c.write(t, "a1", "b1", "a2", "b2", "c1")
		c.await(t, "c1")
		dead := c.dead(t, "a1", "b1")
		c.awaitState(t, "a2", "pending", true)
		c.awaitState(t, "b2", "pending", true)
		c.take("a1")
		c.decide(t, dead["a1"], "replay")
		c.await(t, "a1", "a2")
		require.Equal(t, []string{"b1"}, c.arrived(t, "b"))
		c.decide(t, dead["b1"], "discard")
		c.await(t, "b1", "b2")
	})
}

// TestAKilledGatewayGoesOnInItsOrder: it is killed while it is delivering. Of each
// thing the next one goes on where it was, or a little before; it passes over
// nothing, and nothing overtakes what was under way.
func TestAKilledGatewayGoesOnInItsOrder(t *testing.T) {
	t.Parallel()
	const versions = 30
	for _, policy := range []string{"park", "hold"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			onBothStores(t, func(t *testing.T, s *storage) {
				t.Helper()
				c := newColumn(t, s, "ordered "+policy+";timeout 20s;concurrency 8")
				c.refuse("a5", 0)
				c.refuse("b10", 0)
				want := map[string][]string{}
				for n := 1; n <= versions; n++ {
					for _, thing := range []string{"a", "b", "c"} {
						v := fmt.Sprint(thing, n)
						c.write(t, v)
						want[thing] = append(want[thing], v)
					}
				}
				c.await(t, want["a"][:5]...)
				c.await(t, want["b"][:10]...)
				c.await(t, want["c"]...)
				c.kill(t)
				c.take("a5")
				c.take("b10")
				c.run(t)
				for thing, all := range want {
					c.await(t, all...)
					requireOneStepBack(t, all, c.heard(t, thing))
				}
			})
		})
	}
}

// requireOneStepBack checks that the calls go through versions one by one, and
// back at most once.
func requireOneStepBack(t testing.TB, versions []string, calls []call) {
	t.Helper()
	last, back := -1, 0
	for _, one := range calls {
		v := versionOf(t, one)
		at := slices.Index(versions, v)
		if at <= last {
			back++
		} else {
			require.Equal(t, last+1, at, "%s was passed over before %s", versions[last+1], v)
		}
		last = at
	}
	require.LessOrEqual(t, back, 1, summary(calls))
}
