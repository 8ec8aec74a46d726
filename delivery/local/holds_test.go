package local

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrphansThatCouldNotBeReadAreGivenLater, before the others.
func TestOrphansThatCouldNotBeReadAreGivenLater(t *testing.T) {
	t.Parallel()
	h := holds{live: map[string]int64{"a": 1, "b": 2, "c": 3}}
	h.orphan()
	first := h.claim(2)
	require.Equal(t, []holdRef{{"a", 1}, {"b", 2}}, first)
	h.giveBack(first)
	require.Equal(t, first, h.claim(2))
	require.Equal(t, []holdRef{{"c", 3}}, h.claim(2))
	require.Empty(t, h.claim(2))
}
