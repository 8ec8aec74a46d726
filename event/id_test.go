package event

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestDerivedIDs(t *testing.T) {
	t.Parallel()
	first := newID()
	seen := map[string]bool{first: true}
	for n := 1; n < 300; n++ {
		id := derivedID(first, n)
		require.False(t, seen[id])
		seen[id] = true
		require.Equal(t, id, derivedID(first, n))
		require.Equal(t, first[:13], id[:13], "the same time")
		parsed, err := uuid.Parse(id)
		require.NoError(t, err)
		require.Equal(t, uuid.Version(7), parsed.Version())
		require.Equal(t, uuid.RFC4122, parsed.Variant())
	}
	require.NotEqual(t, derivedID("doc-1", 1), derivedID("doc-2", 1), "ids of other systems will do")
}
