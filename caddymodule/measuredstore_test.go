package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// refusing is a store of which each use ends in the same way.
type refusing struct {
	delivery.Store
	err error
}

func (s refusing) Hold(context.Context, delivery.Hold) error                  { return s.err }
func (s refusing) Release(context.Context, string, ...delivery.Message) error { return s.err }
func (s refusing) Append(context.Context, ...delivery.Message) error          { return s.err }
func (s refusing) Finish(context.Context, ...delivery.Outcome) error          { return s.err }
func measured(t *testing.T, err error) (s *measuredStore, read func() map[string]float64) {
	t.Helper()
	m, registry := newMetrics(), prometheus.NewRegistry()
	registry.MustRegister(m.storeTook, m.storeFailed)
	return measure(refusing{err: err}, m), func() map[string]float64 { return gathered(t, registry) }
}

// TestTheStoreIsMeasured: each use is timed, and failures are counted.
func TestTheStoreIsMeasured(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err     error
		failure float64
	}{
		{nil, 0},
		{errors.New("disk full"), 1},
		{delivery.ErrNoHold, 0}, // another gateway has settled it
		{context.Canceled, 0},   // nobody waits any more
		{context.DeadlineExceeded, 1},
	} {
		s, read := measured(t, test.err)
		require.ErrorIs(t, s.Hold(t.Context(), delivery.Hold{}), test.err)
		require.ErrorIs(t, s.Release(t.Context(), "hold"), test.err)
		require.ErrorIs(t, s.Append(t.Context()), test.err)
		require.ErrorIs(t, s.Finish(t.Context()), test.err)
		for _, operation := range []string{"hold", "release", "append", "finish"} {
			require.InDelta(t, 1, read()["store_duration_seconds "+operation], 0, "%v", test.err)
			require.InDelta(t, test.failure, read()["store_errors_total "+operation], 0, "%s: %v", operation, test.err)
		}
	}
}

// TestWhatWaitsIsTold: of a webhook that nobody answers for the age of what is due
// is told, and of a write that is not settled its age.
func TestWhatWaitsIsTold(t *testing.T) {
	t.Parallel()
	h, store := telling(t, `,"recover_after":3600000000000`, "", `{"name":"waits","url":"http://127.0.0.1:9"}`)
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":"1"}`))
	require.NoError(t, err)
	require.NoError(t, store.Hold(t.Context(), delivery.Hold{ID: "old", Created: time.Now().Add(-time.Hour)}))
	h.app.queue.inspector = counting{"waits": {Pending: 3, Retrying: 2, Dead: 1}, "of nobody": {Pending: 9}}

	seen := newDepth()
	seen.add(t.Context(), h.app.queue)
	require.GreaterOrEqual(t, seen.oldestHold, time.Hour)
	require.Equal(t, 1, seen.holds)
	require.Contains(t, seen.oldestDue, "waits")
	require.Equal(t, map[[2]string]uint64{
		{"waits", "pending"}: 3, {"waits", "retrying"}: 2, {"waits", "dead"}: 1, {"waits", "skipped"}: 0,
	}, seen.deliveries, "the lane of a webhook that is gone is no label")

	registry := prometheus.NewRegistry()
	registry.MustRegister(newDepths())
	require.GreaterOrEqual(t, gathered(t, registry)["oldest_hold_seconds"], 3600.0)
}

// counting is an inspector that knows counters only.
type counting map[string]delivery.Stats

func (c counting) AllStats(context.Context) (map[string]delivery.Stats, error) { return c, nil }

func (counting) Messages(context.Context, delivery.MessageQuery) ([]delivery.Message, uint64, error) {
	return nil, 0, nil
}

func (counting) HoldCount(context.Context) (int, error) { return 0, nil }

func (counting) HoldByID(context.Context, string) (delivery.Hold, error) {
	return delivery.Hold{}, delivery.ErrNotFound
}

// TestAge: what is still to come has waited for nothing.
func TestAge(t *testing.T) {
	t.Parallel()
	now := time.Now()
	require.Zero(t, age(now, time.Time{}))
	require.Zero(t, age(now, now.Add(time.Second)))
	require.Equal(t, time.Minute, age(now, now.Add(-time.Minute)))
}
