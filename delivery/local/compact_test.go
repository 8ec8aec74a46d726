package local

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestCompact purges nearly everything and gives the room back.
func TestCompact(t *testing.T) {
	t.Parallel()
	for _, atOpen := range []bool{false, true} {
		dir := t.TempDir()
		s := openTest(t, dir, Options{})
		events, size := 100, 10_000
		if atOpen {
			events, size = 160, 500_000
		}
		for i := range events {
			m := testMessage(fmt.Sprint("m", i))
			m.Event = make([]byte, size)
			appendTest(t, s, m)
		}
		appendTest(t, s, testMessage("kept", "a"))
		n, err := s.Purge(t.Context(), time.Now().Add(time.Minute), 0)
		require.NoError(t, err)
		require.Equal(t, events, n)
		require.NoError(t, s.Close())
		before, err := os.Stat(indexPath(dir))
		require.NoError(t, err)
		if !atOpen {
			was, is, err := Compact(dir)
			require.NoError(t, err)
			require.Equal(t, before.Size(), was)
			require.Less(t, is, was/2)
		}
		s = openTest(t, dir, Options{})
		after, err := os.Stat(indexPath(dir))
		require.NoError(t, err)
		require.Less(t, after.Size(), before.Size()/2)
		require.Len(t, leaseTest(t, s, "a", 10), 1)
		appendTest(t, s, testMessage("more", "a"))
	}
}

func TestWhatCannotBeCompacted(t *testing.T) {
	t.Parallel()
	_, _, err := Compact(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	dir := t.TempDir()
	openTest(t, dir, Options{})
	_, _, err = Compact(dir)
	require.ErrorIs(t, err, ErrLocked)
}

// TestALargePurge takes more steps than one.
func TestALargePurge(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	var messages []delivery.Message
	for i := range 2*purgeStep + 100 {
		m := testMessage(fmt.Sprint("m", i))
		if i%50 == 0 {
			m.Targets = []delivery.Target{{Lane: "a"}}
		}
		messages = append(messages, m)
	}
	appendTest(t, s, messages...)
	n, err := s.Purge(t.Context(), time.Now().Add(time.Minute), 0)
	require.NoError(t, err)
	require.Equal(t, len(messages)-len(messages)/50, n)
	require.Len(t, leaseTest(t, s, "a", 1000), len(messages)/50)
}
