package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatHasNoEffectShowsNothing(t *testing.T) {
	t.Parallel()
	b := books{Clients: []told{{Status: 201}, {Status: 422}, {Error: "reset"}, {Status: 201, Error: "cut off"}}}
	turnedAway, unanswered := b.refused()
	require.Zero(t, turnedAway)
	require.Equal(t, 2, unanswered)
	a := &arena{}
	mustBite(a, b)
	require.Len(t, a.failed, 1)

	b.Clients = append(b.Clients, told{Status: 503}, told{Status: 502})
	turnedAway, _ = b.refused()
	require.Equal(t, 2, turnedAway)
	a = &arena{}
	mustBite(a, b)
	require.Empty(t, a.failed)
}
