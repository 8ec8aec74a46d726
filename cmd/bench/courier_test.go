package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery/local"
)

// newLocal is a queue in the embedded store before the receiver of a fake stage.
func newLocal(t *testing.T, url string, lanes int) *queued {
	t.Helper()
	store, err := local.Open(t.TempDir(), local.Options{})
	require.NoError(t, err)
	q, err := newQueued(store, url, lanes)
	require.NoError(t, err)
	t.Cleanup(q.close)
	return q
}

func TestEnvelopeIsACloudEvent(t *testing.T) {
	t.Parallel()
	var event struct {
		SpecVersion, ID, Source, Type string
		Data                          json.RawMessage
	}
	require.NoError(t, json.Unmarshal(envelope(7), &event))
	require.Equal(t, "1.0", event.SpecVersion)
	require.Equal(t, eventName(7), event.ID)
	require.Len(t, event.Data, requestSize)
	require.Less(t, eventName(9), eventName(10))
}

func TestRushWaitsUntilAllIsDelivered(t *testing.T) {
	t.Parallel()
	inbox := httptest.NewServer(newReceiver())
	t.Cleanup(inbox.Close)
	for name, c := range map[string]courier{
		bareCalls: newBare(inbox.URL + "/bare"), localQueue: newLocal(t, inbox.URL+"/local", 1),
	} {
		var next atomic.Int64
		seen, err := rush(t.Context(), c, &next, 100*time.Millisecond)
		require.NoError(t, err, name)
		require.Positive(t, seen.Events, name)
		require.EqualValues(t, seen.Events, c.delivered(), name)
		require.Positive(t, seen.PerSecond, name)
	}
}

func TestABareCallThatFails(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	b := newBare(server.URL)
	t.Cleanup(b.close)
	var next atomic.Int64
	_, err := rush(t.Context(), b, &next, 10*time.Millisecond)
	require.ErrorIs(t, err, errStatus)
	require.Zero(t, b.delivered())
}

func TestOneEventToManyWebhooks(t *testing.T) {
	t.Parallel()
	s := fakeStage(t)
	s.dir = t.TempDir()
	seen, err := measureFanOut(t.Context(), s, 50)
	require.NoError(t, err)
	require.Equal(t, 50, seen.Delivered)
	require.Positive(t, seen.Copies)
	require.LessOrEqual(t, seen.Copies, 2, "in the log and in the index at most, not once for each webhook")
	require.Less(t, seen.Grown, int64(4*seen.Event))
}

func TestLateness(t *testing.T) {
	t.Parallel()
	late, err := measureLateness(t.Context(), t.TempDir(), 20, 20)
	require.NoError(t, err)
	require.Len(t, late, 20)
	require.GreaterOrEqual(t, late[0], time.Duration(0), "nothing starts before its time")
}
