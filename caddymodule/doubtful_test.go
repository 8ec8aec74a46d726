package caddymodule

import (
	"net/http"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/settle"
)

// doubtIn reads the only hold of a store, and makes the dead letters of it.
func doubtIn(t *testing.T, h *Handler, store delivery.Store) (hold string, doubts []delivery.Message) {
	t.Helper()
	all, err := store.Holds(t.Context(), 2)
	require.NoError(t, err)
	require.Len(t, all, 1)
	var intent settle.Intent
	require.NoError(t, intent.UnmarshalBinary(all[0].Intent))
	doubts, err = h.doubts(t.Context(), &intent, reasonUnknown)
	require.NoError(t, err)
	return all[0].ID, doubts
}

// while has something happen while the register is at work on a write.
func while(t *testing.T, h *Handler, do func()) {
	t.Helper()
	_, err := send(t, h, http.MethodPost, cats, `{}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		do()
		return registerSays(201, `{"id":"1"}`)(w, r)
	}))
	require.NoError(t, err)
}

// TestAnAnswerOutweighsADoubt: the gateway was cut off from the store while the
// register was at work, and another one took its hold for an orphan and found out
// nothing. The event is told all the same, and no doubt is left.
func TestAnAnswerOutweighsADoubt(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	while(t, h, func() {
		hold, doubts := doubtIn(t, h, store)
		require.Len(t, doubts, 1)
		require.NoError(t, store.Release(t.Context(), hold, doubts...))
	})
	states := map[delivery.State]delivery.Delivery{}
	for _, d := range stored(t, store) {
		states[d.State] = d
	}
	require.Len(t, states, 2)
	told, doubt := states[delivery.Pending], states[delivery.Discarded]
	require.NotContains(t, string(told.Message.Event), "outcome")
	require.Equal(t, event.DoubtID(told.Message.ID), doubt.Message.ID)
	require.Contains(t, string(doubt.Message.Event), `"id":"`+doubt.Message.ID+`"`)
	require.Contains(t, string(doubt.Message.Event), `"outcome":"unknown"`)
	require.Equal(t, delivery.ReasonCertain, doubt.Reason)
}

// TestNobodyDoubtsWhatIsStored: whoever took the hold comes too late.
func TestNobodyDoubtsWhatIsStored(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	while(t, h, func() {
		_, doubts := doubtIn(t, h, store)
		certain := doubts[0]
		all, err := store.Holds(t.Context(), 1)
		require.NoError(t, err)
		certain.ID = all[0].ID
		require.NoError(t, store.Append(t.Context(), certain))
		_, doubts = doubtIn(t, h, store)
		require.Empty(t, doubts)
	})
	require.Len(t, stored(t, store), 1)
}

// TestAPanicWhileAWriteIsSettledLeavesADoubt: the register is asked, as after any
// other end that nobody saw.
func TestAPanicWhileAWriteIsSettledLeavesADoubt(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	store.panics.Store(true)
	require.PanicsWithValue(t, "of all things", func() { while(t, h, func() {}) })
	require.Len(t, holds(t, store), 1)
	require.Empty(t, stored(t, store))
	require.Equal(t, 1, h.app.queue.arrears.count(), "it is being asked about")
	require.False(t, h.app.queue.underWay.has(holds(t, store)[0]), "a person may settle it meanwhile")
}
