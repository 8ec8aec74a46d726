package request

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachRelaxationSetsTheFieldOfItsName(t *testing.T) {
	t.Parallel()
	for _, word := range Relaxations() {
		relax, err := ParseRelax([]string{word})
		require.NoError(t, err)
		written, err := json.Marshal(relax)
		require.NoError(t, err)
		require.JSONEq(t, `{"`+word+`":true}`, string(written), "that field and no other")
	}
	all, err := ParseRelax(Relaxations())
	require.NoError(t, err)
	require.Equal(t, Relax{true, true, true, true, true, true, true, true, true, true}, all)
}

func TestAnUnknownRelaxationIsToldWithThoseThatAreKnown(t *testing.T) {
	t.Parallel()
	_, err := ParseRelax([]string{"dot_segments", "everything"})
	require.ErrorContains(t, err, `"everything"`)
	require.ErrorContains(t, err, "backslash, control_characters")
}
