package manage

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestPullCursorsAreWhatWasGiven(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 1_700_000_000_000_000_000)
	page := []delivery.Delivery{{Seq: 3, Stamp: at.UnixNano()}, {Seq: 9, Stamp: at.Add(-time.Second).UnixNano()}}
	text := givenUpTo(pullCursor{}, page)
	require.Equal(t, "9-1700000000000000000", *text)
	c, ok := parsePullCursor(*text)
	require.True(t, ok)
	require.Equal(t, pullCursor{9, at.UnixNano()}, c)
	require.Nil(t, givenUpTo(c, nil))
	later := pullCursor{seq: 1, latest: at.Add(time.Hour).UnixNano()}
	require.Equal(t, "9-1700003600000000000", *givenUpTo(later, page), "what an earlier look gave stays covered")
}

func TestPullCursorsCover(t *testing.T) {
	t.Parallel()
	now := time.Now()
	at := now.UnixNano()
	c := pullCursor{seq: 5, latest: at}
	for name, d := range map[string]struct {
		delivery.Delivery
		want bool
	}{
		"given":                {delivery.Delivery{Seq: 5, Stamp: at, Due: now.Add(-time.Second)}, true},
		"behind":               {delivery.Delivery{Seq: 6, Stamp: at}, false},
		"replayed since":       {delivery.Delivery{Seq: 2, Stamp: at + 1}, false},
		"leased by somebody":   {delivery.Delivery{Seq: 2, Stamp: at, Due: now.Add(time.Minute)}, false},
		"leased and let loose": {delivery.Delivery{Seq: 2, Stamp: at, Due: now}, true},
	} {
		require.Equal(t, d.want, c.covers(&d.Delivery, now), name)
	}
}

func FuzzPullCursor(f *testing.F) {
	for _, text := range []string{"", "1", "1-2", "-1-2", "1--2", "18446744073709551616-1", "+1-1", "1-1-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := parsePullCursor(text)
		if ok {
			require.Positive(t, c.latest)
			again := givenUpTo(pullCursor{}, []delivery.Delivery{{Seq: c.seq, Stamp: c.latest}})
			got, ok := parsePullCursor(*again)
			require.True(t, ok)
			require.Equal(t, c, got)
		}
	})
}
