package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/settle"
)

func holdOf(t *testing.T, w write) delivery.Hold {
	t.Helper()
	req, err := w.request(t.Context(), "http://gateway")
	require.NoError(t, err)
	raw, err := (&settle.Intent{
		Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery, Event: "e", Body: w.body(),
	}).MarshalBinary()
	require.NoError(t, err)
	return delivery.Hold{ID: "h", Intent: raw}
}

func TestHoldsAreLettersForEverybody(t *testing.T) {
	t.Parallel()
	holds := []delivery.Hold{
		holdOf(t, write{1, create, ""}), holdOf(t, write{2, update, "o-1"}), holdOf(t, write{3, remove, "o-1"}),
		{Intent: []byte("unreadable")},
	}
	letters := lettersOfHolds(holds, []string{"r1", "r2"})
	require.Len(t, letters, 6)
	require.Equal(t, letter{Hook: "r1", Pending: true, Held: true, notice: notice{Event: "e", Action: create, Number: 1}}, letters[0])
	require.Equal(t, "r2", letters[1].Hook)
	require.Equal(t, notice{Event: "e", Action: update, Number: 2, Object: "o-1"}, letters[2].notice)
	require.Equal(t, remove, letters[4].Action)
}

func TestHoldsThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"", "number=x", "%zz"} {
		raw, err := (&settle.Intent{Method: http.MethodPost, Query: query}).MarshalBinary()
		require.NoError(t, err)
		_, ok := noticeOfHold(delivery.Hold{Intent: raw})
		require.False(t, ok, query)
	}
}
