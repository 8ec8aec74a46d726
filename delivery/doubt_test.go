package delivery_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/event"
)

// doubted is a store with a dead letter for two lanes that stands for "m".
func doubted(t *testing.T) *storetest.Memory {
	t.Helper()
	s := storetest.NewMemory()
	m := message(event.DoubtID("m"), "a", "b")
	for i := range m.Targets {
		m.Targets[i].Dead = "outcome unknown"
	}
	require.NoError(t, s.Append(t.Context(), m, message("other", "a")))
	return s
}

func statesOf(t *testing.T, s delivery.Store, id string) map[string]delivery.State {
	t.Helper()
	m := message(id, "a")
	_, all, err := s.Message(t.Context(), m.Source, id)
	require.NoError(t, err)
	states := map[string]delivery.State{}
	for _, d := range all {
		states[d.Lane] = d.State
	}
	return states
}

// TestADoubtEndsWithTheEventItself, unless a person was quicker.
func TestADoubtEndsWithTheEventItself(t *testing.T) {
	t.Parallel()
	s := doubted(t)
	_, all, err := s.Message(t.Context(), message("m", "a").Source, event.DoubtID("m"))
	require.NoError(t, err)
	require.NoError(t, s.Replay(t.Context(), "b", all[0].Seq, time.Now()))
	for range 2 {
		require.NoError(t, delivery.AppendCertain(t.Context(), s, message("m", "a"), message("n", "a")))
	}
	require.Equal(t, map[string]delivery.State{"a": delivery.Discarded, "b": delivery.Pending}, statesOf(t, s, event.DoubtID("m")))
	require.Equal(t, map[string]delivery.State{"a": delivery.Pending}, statesOf(t, s, "m"))
	require.Equal(t, map[string]delivery.State{"a": delivery.Pending}, statesOf(t, s, "other"))
}

var errFull = errors.New("full")

// full takes no messages, or discards none.
type full struct {
	delivery.Store
	discards bool
}

func (f *full) Append(ctx context.Context, messages ...delivery.Message) error {
	if f.discards {
		return f.Store.Append(ctx, messages...)
	}
	return errFull
}

func (*full) Discard(context.Context, string, uint64, string) error { return errFull }

// TestADoubtStaysWithoutTheEvent; an event that is stored is stored, whatever
// becomes of the doubt.
func TestADoubtStaysWithoutTheEvent(t *testing.T) {
	t.Parallel()
	dead := map[string]delivery.State{"a": delivery.Dead, "b": delivery.Dead}
	s := doubted(t)
	require.ErrorIs(t, delivery.AppendCertain(t.Context(), &full{Store: s}, message("m", "a")), errFull)
	require.Equal(t, dead, statesOf(t, s, event.DoubtID("m")))
	require.NoError(t, delivery.AppendCertain(t.Context(), &full{Store: s, discards: true}, message("m", "a")))
	require.Equal(t, dead, statesOf(t, s, event.DoubtID("m")))
	require.Equal(t, map[string]delivery.State{"a": delivery.Pending}, statesOf(t, s, "m"))
}
