package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// A row's head is read in pieces; names of any length that is allowed are found
// in it.
func TestRowsWithLongNamesArePurged(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	lane, id := strings.Repeat("l", 250), strings.Repeat("m", 500)
	require.NoError(t, store.Finish(t.Context(), delivery.Outcome{
		Lease:   delivery.Lease{Lane: lane, Message: &delivery.Message{ID: id}},
		Attempt: &delivery.Attempt{Lane: lane, Message: id, Time: time.Now()},
	}))
	_, err := store.Purge(t.Context(), time.Now().Add(time.Hour), 0)
	require.NoError(t, err)
	_, total, err := store.Attempts(t.Context(), delivery.AttemptQuery{})
	require.NoError(t, err)
	require.Zero(t, total)
}
