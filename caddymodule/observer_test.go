package caddymodule

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	zapobserver "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/manage"
	"github.com/voorpoort/voorpoort/webhook"
)

// gathered gives the metrics of a registry by "name label label": counters by
// their value, histograms by the number of observations.
func gathered(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := []string{strings.TrimPrefix(family.GetName(), "caddy_voorpoort_")}
			for _, label := range m.GetLabel() {
				name = append(name, label.GetValue())
			}
			values[strings.Join(name, " ")] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return values
}

func TestACallIsCounted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m := newMetrics()
	registry.MustRegister(m.collectors()...)
	require.True(t, registry.Unregister(m.depths), "it asks the stores of other tests")
	for _, call := range []interceptor.Call{
		{Webhook: "a", Mode: webhook.Enforce, Outcome: interceptor.OutcomeApproved, Sent: 10, Received: 3, Duration: time.Second},
		{Webhook: "a", Mode: webhook.Enforce, Outcome: interceptor.OutcomeFailedOpen, Reason: interceptor.ReasonTimeout, Sent: 5},
		{Webhook: "b", Mode: webhook.Enforce, Outcome: interceptor.OutcomeFlagged, Reason: interceptor.ReasonBreakerOpen},
		{Webhook: "c", Mode: webhook.Enforce, Outcome: interceptor.OutcomeFailedClosed, Reason: interceptor.ReasonTimeout, Sent: 1},
		{Webhook: "d", Mode: webhook.Shadow, Outcome: interceptor.OutcomeFailedOpen, Reason: interceptor.ReasonTimeout, Sent: 1},
		{Webhook: "e", Mode: webhook.Warn, Outcome: interceptor.OutcomeFailedOpen, Reason: interceptor.ReasonTimeout, Sent: 1},
	} {
		m.count(&call)
	}
	require.Equal(t, map[string]float64{
		"interceptions_total enforce approved a":       1,
		"interceptions_total enforce failed_open a":    1,
		"interceptions_total enforce failed_flagged b": 1,
		"interceptions_total enforce failed_closed c":  1,
		"interceptions_total shadow failed_open d":     1,
		"interceptions_total warn failed_open e":       1,

		"interception_duration_seconds a": 2, // b was not called
		"interception_duration_seconds c": 1,
		"interception_duration_seconds d": 1,
		"interception_duration_seconds e": 1,

		"interception_sent_bytes_total a": 15,
		"interception_sent_bytes_total c": 1,
		"interception_sent_bytes_total d": 1,
		"interception_sent_bytes_total e": 1,

		"interception_received_bytes_total a": 3,
		"interception_received_bytes_total c": 0,
		"interception_received_bytes_total d": 0,
		"interception_received_bytes_total e": 0,

		"fail_open_total timeout a":      1, // not d and e: nobody relies on them
		"fail_open_total breaker_open b": 1,

		"store_failing":     0,
		"spool_waiting":     0,
		"spool_aside_total": 0,
	}, gathered(t, registry))
}

func TestMetricsOutliveAReload(t *testing.T) {
	t.Parallel()
	first, second := prometheus.NewRegistry(), prometheus.NewRegistry()
	m := registerMetrics(first)
	require.Same(t, m, registerMetrics(second))
	require.Same(t, m, registerMetrics(second), "two apps of one configuration")
	const counter = "refused_requests_total test_of_reload"
	before := gathered(t, first)[counter]
	m.refused.WithLabelValues("test_of_reload").Inc()
	for _, registry := range []*prometheus.Registry{first, second} {
		require.InDelta(t, before+1, gathered(t, registry)[counter], 0)
	}
}

func TestACallIsLoggedOnItsLevel(t *testing.T) {
	t.Parallel()
	cause := errors.New("server_error: status 500")
	for name, c := range map[string]struct {
		call  interceptor.Call
		level zapcore.Level
	}{
		"approved": {interceptor.Call{Outcome: interceptor.OutcomeApproved}, zap.DebugLevel},
		"modified": {interceptor.Call{Outcome: interceptor.OutcomeModified}, zap.DebugLevel},
		"rejected": {interceptor.Call{Outcome: interceptor.OutcomeRejected}, zap.InfoLevel},
		"failed":   {interceptor.Call{Outcome: interceptor.OutcomeFailedClosed, Failure: cause}, zap.WarnLevel},
		"flagged":  {interceptor.Call{Outcome: interceptor.OutcomeFlagged, Failure: cause}, zap.WarnLevel},
		"canceled": {interceptor.Call{Outcome: interceptor.OutcomeCanceled, Failure: cause}, zap.DebugLevel},
	} {
		core, logs := zapobserver.New(zap.DebugLevel)
		(&observer{metrics: newMetrics(), logger: zap.New(core), activity: nobodyLooks}).End(t.Context(), &c.call)
		require.Equal(t, 1, logs.Len(), "one line for a call")
		require.Equal(t, c.level, logs.All()[0].Level, name)
	}
}

func TestTheLineOfACall(t *testing.T) {
	t.Parallel()
	core, logs := zapobserver.New(zap.DebugLevel)
	(&observer{metrics: newMetrics(), logger: zap.New(core), activity: nobodyLooks}).End(t.Context(), &interceptor.Call{
		Webhook: "felix", EventID: "1", EventType: "object.creating", Mode: webhook.Enforce, Outcome: interceptor.OutcomeFailedOpen,
		Reason: interceptor.ReasonServerError, Status: 500, Duration: time.Second, Sent: 10, Received: 3,
		Pointers: []string{"/a"}, Failure: errors.New("server_error: status 500"),
	})
	require.Equal(t, map[string]any{
		"webhook": "felix", "event_id": "1", "event_type": "object.creating", "mode": "enforce", "outcome": "failed_open",
		"reason": "server_error", "status": int64(500), "duration": time.Second, "sent": int64(10), "received": int64(3),
		"changed": []any{"/a"}, "error": "server_error: status 500",
	}, logs.All()[0].ContextMap())
}

// The counters are found again without a look at their labels; which ones they
// are must not depend on which calls came before.
func TestEachCallIsCountedInItsOwnSeries(t *testing.T) {
	m := newMetrics()
	call := func(name string, outcome interceptor.Outcome, sent int) {
		m.count(&interceptor.Call{Webhook: name, Mode: webhook.Enforce, Outcome: outcome, Sent: sent, Received: 1})
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			call("a", interceptor.OutcomeApproved, 10)
			call("b", interceptor.OutcomeApproved, 100)
			call("a", interceptor.OutcomeModified, 1000)
			call("c", interceptor.OutcomeFailedOpen, 0)
		})
	}
	all.Wait()
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.collectors()...)
	values := gathered(t, registry)
	for name, want := range map[string]float64{
		"interceptions_total enforce approved a":    8,
		"interceptions_total enforce modified a":    8,
		"interceptions_total enforce failed_open c": 8,
		"interception_sent_bytes_total a":           8080,
		"interception_sent_bytes_total b":           800,
		"interception_received_bytes_total a":       16,
		"interception_duration_seconds a":           16,
	} {
		require.InDelta(t, want, values[name], 0, name)
	}
	require.NotContains(t, values, "interception_sent_bytes_total c", "it was not called")
}

// nobodyLooks is the activity of a gateway without a queue.
func nobodyLooks() *manage.Activity { return nil }
