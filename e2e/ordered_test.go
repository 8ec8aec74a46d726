package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What `ordered` promises when a delivery fails, beside order_test.go: who waits
// for whom, for how long, and what a killed gateway or a person changes about it.

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

// TestAttemptsAreCountedOverTheEndOfTheGateway: after the third one what follows
// goes on, though each was made in another life.
func TestAttemptsAreCountedOverTheEndOfTheGateway(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newColumn(t, s, "ordered skip-after 3;retry linear 9")
		c.refuse("a1", http.StatusInternalServerError)
		c.write(t, "a1", "a2", "b1", "a3")
		for attempt := 1; attempt < 3; attempt++ {
			l := c.awaitFailures(t, marching, attempt)[attempt-1]
			require.Equal(t, attempt, l.Attempt)
			require.False(t, l.Dead)
			c.awaitState(t, "a1", "pending", false)
			c.awaitState(t, "a2", "pending", true)
			require.Equal(t, []string{"a1"}, c.arrived(t, "a"))
			time.Sleep(time.Second) // outcomes are written a moment later, and nothing shows when
			c.kill(t)
			c.again(t)
		}
		require.True(t, c.awaitFailures(t, marching, 3)[2].Dead)
		c.await(t, "a1", "a2", "a3")
		c.await(t, "b1")
		require.Len(t, c.heard(t, "a"), 5)
		c.dead(t, "a1")
	})
}

// TestAKilledGatewayGoesOnInItsOrder: it is killed while it is delivering. Of each
// thing the next one goes on where it was, or a little before; it passes over
// nothing, and nothing overtakes what was under way.
func TestAKilledGatewayGoesOnInItsOrder(t *testing.T) {
	t.Parallel()
	const versions = 30
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		c := newColumn(t, s, "ordered;timeout 20s;concurrency 8")
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
