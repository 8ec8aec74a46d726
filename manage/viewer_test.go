package manage

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Viewers that are alike look things up once; others see them all the same.
func TestViewersThatAreAlikeShareWhatTheySee(t *testing.T) {
	t.Parallel()
	a := NewActivity(100)
	looks := 0
	looking := func(*News) bool { looks++; return true }
	first, second, other := a.View(0, looking).Alike("x"), a.View(0, looking).Alike("x"), a.View(0, looking)
	for range 10 {
		a.Webhooks()
	}
	news, dropped := first.Take(7)
	require.Len(t, news, 7)
	require.EqualValues(t, 3, dropped)
	require.Equal(t, 10, looks)

	again, dropped := second.Take(7)
	require.Equal(t, news, again)
	require.EqualValues(t, 3, dropped)
	require.Equal(t, 10, looks, "not once more")

	rest, _ := other.Take(7)
	require.Equal(t, news, rest)
	require.Equal(t, 20, looks, "who is like nobody looks for itself")

	a.Webhooks()
	late := a.View(news[6].ID-2, looking).Alike("x")
	seen, _ := late.Take(7)
	require.Len(t, seen, 3, "one who comes back has another beginning")
	seen, _ = first.Take(7)
	require.Len(t, seen, 1)
	seen, _ = second.Take(3)
	require.Len(t, seen, 1)
	none, dropped := first.Take(7)
	require.Empty(t, none)
	require.Zero(t, dropped)
}

// What is gathered for the next beat is not given before it, so that all viewers
// of a beat see the same.
func TestABeatIsSeenAsAWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewActivity(100)
		v := a.View(0, everything).Alike("x")
		a.Webhooks()
		woken := make(chan error)
		go func() { woken <- v.Wait(t.Context()) }()
		synctest.Wait()
		time.Sleep(beat / 2)
		a.Webhooks()
		news, _ := a.View(news0(a), everything).Take(10)
		require.Empty(t, news, "somebody else who looks meanwhile")
		require.NoError(t, <-woken)
		news, _ = v.Take(10)
		require.Len(t, news, 2)
	})
}

// news0 is the ID behind which everything is new.
func news0(a *Activity) uint64 { return a.first }

func TestManyKindsOfViewersAreForgotten(t *testing.T) {
	t.Parallel()
	a := NewActivity(100)
	for i := range 3 * maxSights {
		v := a.View(0, everything).Alike(string(rune('A' + i)))
		a.Webhooks()
		news, _ := v.Take(10)
		require.Len(t, news, 1)
		require.LessOrEqual(t, len(a.sights), maxSights)
	}
}
