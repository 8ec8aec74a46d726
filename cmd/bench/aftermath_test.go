package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tell makes events arrive in the scenario's box.
func (s *stage) tell(t *testing.T, sc scenario, ids ...string) {
	t.Helper()
	for _, id := range ids {
		resp, err := send(t.Context(), http.MethodPost, "http://"+s.at.Receiver+"/"+sc.slug(), []byte(`{"id":"`+id+`"}`))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusNoContent, resp.StatusCode)
	}
}

func TestAwaitTellsWhatCameWhen(t *testing.T) {
	t.Parallel()
	s, sc := fakeStage(t), scenario{Name: "deliver, x", Told: true}
	s.tell(t, sc, "from before")
	before, err := s.received(t.Context(), sc)
	require.NoError(t, err)

	s.tell(t, sc, "1", "2", "2")
	late := time.AfterFunc(50*time.Millisecond, func() { s.tell(t, sc, "3") })
	defer late.Stop()
	seen, err := s.await(t.Context(), sc, before, 3)
	require.NoError(t, err)
	require.GreaterOrEqual(t, seen.Drain, 40*time.Millisecond)
	seen.Drain = 0
	require.Equal(t, aftermath{Accepted: 3, During: 2, After: 1, Twice: 1}, seen)
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s, sc := fakeStage(t), scenario{Name: "x"}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.await(ctx, sc, inbox{}, 1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestWhoeverIsNotToldIsNotAsked(t *testing.T) {
	t.Parallel()
	box, err := (&stage{}).receivedIfTold(t.Context(), scenario{})
	require.NoError(t, err)
	require.Zero(t, box)
}

func TestOnlyAScenarioThatIsShutHasADoor(t *testing.T) {
	t.Parallel()
	s, sc := fakeStage(t), scenario{Name: "x", Shut: true}
	require.NoError(t, s.door(t.Context(), sc, "shut"))
	opened := time.AfterFunc(50*time.Millisecond, func() { _ = s.door(context.WithoutCancel(t.Context()), sc, "open") })
	defer opened.Stop()
	start := time.Now()
	s.tell(t, sc, "1")
	require.GreaterOrEqual(t, time.Since(start), 40*time.Millisecond)
	require.NoError(t, (&stage{}).door(t.Context(), scenario{Name: "x"}, "shut"), "nobody is asked")
}
