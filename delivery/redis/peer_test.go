package redis

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// crash ends a gateway's store as the end of its process would.
func crash(s *Store) {
	s.cancel()
	s.beats.Wait()
	_ = s.client.Close()
}

func TestAGatewayThatDiesLeavesItsWorkToOthers(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	dead, err := Open(t.Context(), config, impatient)
	require.NoError(t, err)
	other := server.open(t, config, impatient)
	require.NoError(t, dead.Append(t.Context(), message("m", "a")))
	require.NoError(t, dead.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("i")}))
	lease, _, err := dead.Lease(t.Context(), "a", 1, time.Now().Add(500*time.Millisecond))
	require.NoError(t, err)
	require.Len(t, lease, 1)
	crash(dead)

	leases, next, err := other.Lease(t.Context(), "a", 1, time.Now().Add(time.Minute))
	require.NoError(t, err)
	require.Empty(t, leases, "it is leased")
	require.WithinDuration(t, lease[0].Until, next, 5*time.Millisecond)
	orphans, err := other.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, orphans, "the owner may be alive")

	require.Eventually(t, func() bool {
		leases, _, err = other.Lease(t.Context(), "a", 1, time.Now().Add(time.Minute))
		return err == nil && len(leases) == 1
	}, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, 2, leases[0].Attempt)
	require.Eventually(t, func() bool {
		orphans, err = other.Orphans(t.Context(), 10)
		return err == nil && len(orphans) == 1
	}, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, "i", string(orphans[0].Intent))
	require.NoError(t, other.Release(t.Context(), "h", message("recovered", "a")))
}

func TestAHoldThatAnotherHasClaimedCannotBeReleased(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	slow, other := server.open(t, config, impatient), server.open(t, config, impatient)
	require.NoError(t, slow.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	// Its heartbeat fails for a while, as if it were suspended.
	c := server.client()
	defer c.Close()
	require.NoError(t, c.ZAdd(t.Context(), slow.anchor+"owners", zero(slow.owner)).Err())
	orphans, err := other.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	require.ErrorIs(t, slow.Release(t.Context(), "h", message("m", "a")), delivery.ErrNoHold)
	_, _, err = slow.Message(t.Context(), testSource, "m")
	require.ErrorIs(t, err, delivery.ErrNotFound)
	require.ErrorIs(t, slow.Hold(t.Context(), delivery.Hold{ID: "h"}), errTaken)
	require.NoError(t, other.Release(t.Context(), "h"))
}

func TestOnlyFinishedOnce(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	require.NoError(t, store.Append(t.Context(), message("m", "a")))
	leases, _, err := store.Lease(t.Context(), "a", 1, time.Now().Add(time.Minute))
	require.NoError(t, err)
	o := delivery.Outcome{
		Lease: leases[0], Verdict: delivery.Retry,
		Attempt: &delivery.Attempt{Lane: "a", Message: "m", Time: time.Now()},
	}
	one := &call[[]delivery.Outcome, struct{}]{request: []delivery.Outcome{o}}
	store.batches[0] = 41
	for range 3 { // the same operation again, as after a lost answer
		_, err = store.once(t.Context(), finishScript, store.finishArguments(0, []*call[[]delivery.Outcome, struct{}]{one}))
		require.NoError(t, err)
	}
	_, total, err := store.Attempts(t.Context(), delivery.AttemptQuery{})
	require.NoError(t, err)
	require.EqualValues(t, 1, total)
}

func TestPrefixesAreWorldsOfTheirOwn(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	a, b := server.open(t, server.config()), server.open(t, server.config())
	require.NoError(t, a.Append(t.Context(), message("m", "lane")))
	require.NoError(t, a.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	require.Empty(t, drain(t, b, "lane"))
	holds, err := b.Holds(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, holds)
	require.NoError(t, b.Append(t.Context(), message("m", "lane")))
	require.Len(t, drain(t, a, "lane"), 1)
	require.Len(t, drain(t, b, "lane"), 1)

	c := server.client()
	defer c.Close()
	keys, err := c.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	for _, key := range keys {
		require.Regexp(t, `^\{test\d+\}:`, key)
	}
}

// A gateway's clock is set: what the store knows of the difference is wrong
// until the next answer. Due times keep their distance from now.
func TestAClockThatIsSetMovesNothing(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	for _, step := range []time.Duration{time.Hour, -time.Hour} {
		store := server.open(t, config)
		lane := "lane" + step.String()
		store.clock.offset += step.Microseconds()
		m := message("m"+step.String(), lane)
		m.Targets[0].Due = time.Now().Add(300 * time.Millisecond)
		start := time.Now()
		require.NoError(t, store.Append(t.Context(), m))
		_, deliveries, err := store.Message(t.Context(), testSource, m.ID)
		require.NoError(t, err)
		require.WithinDuration(t, m.Targets[0].Due, deliveries[0].Due, 100*time.Millisecond)
		require.Eventually(t, func() bool { return len(drain(t, store, lane)) == 1 }, 5*time.Second, 5*time.Millisecond)
		require.Greater(t, time.Since(start), 250*time.Millisecond)
	}
}

// TestAnOutageMakesNoOrphans: the heartbeats of all gateways end while the server
// is away. Who is back first must not take for dead who tries to reach it, too.
func TestAnOutageMakesNoOrphans(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	options := Options{Heartbeat: 6 * time.Second, RetryFor: 100 * time.Millisecond} // a beat that fails is tried again after a second, as with 30
	holder := server.open(t, server.config(), options)
	others := []*Store{server.open(t, holder.config, options)}
	require.NoError(t, holder.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("x")}))
	server.kill()
	time.Sleep(options.Heartbeat + 500*time.Millisecond)
	server.start()
	others = append(others, server.open(t, holder.config, options)) // one that starts only now
	for began := time.Now(); time.Since(began) < options.Heartbeat; time.Sleep(20 * time.Millisecond) {
		for _, other := range others {
			orphans, err := other.Orphans(t.Context(), 10)
			require.True(t, err != nil || len(orphans) == 0, "the hold of a living gateway is taken")
		}
	}
	crash(holder)
	require.Eventually(t, func() bool {
		orphans, err := others[0].Orphans(t.Context(), 10)
		return err == nil && len(orphans) == 1
	}, 60*time.Second, 50*time.Millisecond, "now it is dead")
}

// TestAHoldThatCannotBeReadIsNamed, and keeps no other from being settled.
func TestAHoldThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	dead, err := Open(t.Context(), server.config(), impatient)
	require.NoError(t, err)
	for _, id := range []string{"h1", "damaged", "h2"} {
		require.NoError(t, dead.Hold(t.Context(), delivery.Hold{ID: id, Created: time.Now(), Intent: []byte(id)}))
	}
	c := server.client()
	defer c.Close()
	require.NoError(t, c.HSet(t.Context(), dead.anchor+"h", "damaged", dead.owner+"?").Err())
	require.NoError(t, dead.Close())
	orphans, err := server.open(t, dead.config, impatient).Orphans(t.Context(), 10)
	require.ErrorContains(t, err, `hold "damaged"`)
	require.Len(t, orphans, 2)
	require.Equal(t, []string{"h1", "h2"}, []string{orphans[0].ID, orphans[1].ID})
}

// TestAGatewayDoesNotGetAtOnceWhatItGaveBack, or those with nothing else in common
// would hand a hold to and fro.
func TestAGatewayDoesNotGetAtOnceWhatItGaveBack(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	gone, err := Open(t.Context(), config, Options{})
	require.NoError(t, err)
	one, two := server.open(t, config), server.open(t, config)
	require.NoError(t, gone.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	require.NoError(t, gone.Close())
	for _, s := range []*Store{one, two} {
		orphans, err := s.Orphans(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, orphans, 1)
		require.NoError(t, s.Disclaim(t.Context(), "h"))
	}
	for _, s := range []*Store{one, two} {
		orphans, err := s.Orphans(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, orphans, "also when another had it meanwhile")
	}
	three := server.open(t, config)
	orphans, err := three.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1, "who has not seen it gets it")
}

// TestHoldsThatNobodyCanSettleKeepNoOtherWaiting: one look after the other passes
// over those that were given back.
func TestHoldsThatNobodyCanSettleKeepNoOtherWaiting(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	strangers, err := Open(t.Context(), config, Options{})
	require.NoError(t, err)
	one := server.open(t, config)
	for i := range 30 {
		require.NoError(t, strangers.Hold(t.Context(), delivery.Hold{ID: fmt.Sprint("h", i), Created: time.Now().Add(-time.Hour)}))
	}
	require.NoError(t, strangers.Close())
	seen := map[string]int{}
	for range 3 {
		orphans, err := one.Orphans(t.Context(), 10)
		require.NoError(t, err)
		for _, h := range orphans {
			seen[h.ID]++
			require.NoError(t, one.Disclaim(t.Context(), h.ID))
		}
	}
	require.Len(t, seen, 30)
	count, err := one.HoldCount(t.Context())
	require.NoError(t, err)
	require.Equal(t, 30, count)
}
