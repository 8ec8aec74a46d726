package caddymodule

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	zaplog "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/manage"
)

// watching is an observer whose log and metrics can be read.
func watching() (*deliveries, *zaplog.ObservedLogs, *prometheus.Registry) {
	core, logs := zaplog.New(zap.DebugLevel)
	registry, m := prometheus.NewRegistry(), newMetrics()
	registry.MustRegister(m.deliveryMetrics.collectors()...)
	o := &deliveries{metrics: m, logger: zap.New(core), bulletins: newBulletins(new(owners), nil, zap.NewNop()), activity: manage.NewActivity(0)}
	o.learn([]delivery.Lane{{ID: "4f1c", Name: "pos-inventory-sync"}})
	return o, logs, registry
}

func TestAnAttemptIsCountedAndLoggedUnderTheWebhooksName(t *testing.T) {
	t.Parallel()
	o, logs, registry := watching()
	next := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o.AttemptFinished("4f1c", &delivery.Attempt{Success: true, Status: 204, Number: 1, Duration: time.Second, Message: "e1", Type: "cat.created"}, delivery.Done)
	o.AttemptFinished("4f1c", &delivery.Attempt{Reason: delivery.ReasonServer, Status: 500, Number: 1, Error: "server_error: status 500", Next: next}, delivery.Retry)
	o.AttemptFinished("unknown", &delivery.Attempt{Reason: delivery.ReasonTimeout, Number: 4}, delivery.Bury)
	got := gathered(t, registry)
	for series, want := range map[string]float64{
		"delivery_attempts_total delivered pos-inventory-sync":    1,
		"delivery_attempts_total server_error pos-inventory-sync": 1,
		"delivery_attempts_total timeout unknown":                 1,
		"dead_letters_total unknown":                              1,
		"delivery_attempt_duration_seconds pos-inventory-sync":    2,
	} {
		require.InDelta(t, want, got[series], 0, series)
	}
	levels := []string{}
	for _, entry := range logs.All() {
		require.Equal(t, "delivery", entry.Message)
		levels = append(levels, entry.Level.String())
	}
	require.Equal(t, []string{"debug", "warn", "error"}, levels)
	fields := logs.All()[1].ContextMap()
	require.Equal(t, "pos-inventory-sync", fields["webhook"])
	require.Equal(t, next, fields["next"])
	require.Equal(t, true, logs.All()[2].ContextMap()["dead"])
}

func TestAPauseIsSeen(t *testing.T) {
	t.Parallel()
	o, logs, registry := watching()
	for _, c := range []struct {
		state  delivery.LaneState
		paused float64
		level  string
	}{
		{delivery.LaneBroken, 1, "warn"},
		{delivery.LaneThrottled, 1, "info"},
		{delivery.LaneProbing, 1, "info"},
		{delivery.LaneGone, 1, "error"},
		{delivery.LaneOpen, 0, "info"},
	} {
		o.LaneChanged(delivery.LaneStatus{Lane: "4f1c", Name: "pos-inventory-sync", State: c.state, Until: time.Now()})
		require.InDelta(t, c.paused, gathered(t, registry)["webhook_paused pos-inventory-sync"], 0, c.state)
		entries := logs.TakeAll()
		require.Len(t, entries, 1)
		require.Equal(t, c.level, entries[0].Level.String(), c.state)
	}
	o.LaneChanged(delivery.LaneStatus{Lane: "gone-from-the-configuration", State: delivery.LaneUnknown})
	require.NotContains(t, gathered(t, registry), "webhook_paused gone-from-the-configuration", "a client must not make series")
	require.Equal(t, "gone-from-the-configuration", logs.All()[0].ContextMap()["webhook"])
}

func TestAStoreThatFailsIsSeen(t *testing.T) {
	t.Parallel()
	o, logs, registry := watching()
	o.StoreChanged(errors.New("disk full"))
	require.InDelta(t, 1, gathered(t, registry)["store_failing"], 0)
	o.StoreChanged(nil)
	require.InDelta(t, 0, gathered(t, registry)["store_failing"], 0)
	require.Equal(t, 2, logs.Len())
	o.OrphanTried(delivery.Hold{ID: "e1"}, 0, errors.New("the register answers 503"))
	o.OrphanTried(delivery.Hold{ID: "e1"}, 1, nil)
	require.Equal(t, 4, logs.Len())
}
