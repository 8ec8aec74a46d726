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

// TestTheIDOfADoubt is always the same, and not the id of what it stands for.
func TestTheIDOfADoubt(t *testing.T) {
	t.Parallel()
	const id = "01a20522-719f-7850-aa87-441df9f2fea2"
	first, second := DoubtID(id), DoubtID(id)
	require.Equal(t, first, second)
	require.NotEqual(t, DoubtID(id), DoubtID("01a20522-719f-7850-aa87-441df9f2fea3"))
	require.NotEqual(t, id, DoubtID(id))
	doubt, err := uuid.Parse(DoubtID(id))
	require.NoError(t, err)
	require.EqualValues(t, 7, doubt.Version())
	require.Equal(t, uuid.RFC4122, doubt.Variant())
	require.Equal(t, uuid.MustParse(id).Time(), doubt.Time())
	_, err = uuid.Parse(DoubtID("not a UUID"))
	require.NoError(t, err)
}
