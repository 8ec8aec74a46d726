package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReportEndToEnd(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportEndToEnd(&out, map[string][]delivered{
		bareCalls:  {{PerSecond: 1000, CPU: 20}, {PerSecond: 2000, CPU: 30}},
		localQueue: {{PerSecond: 600, CPU: 40}, {PerSecond: 1000, CPU: 60}},
	}, settings{Rounds: 2, Duration: time.Second})
	require.Regexp(t, `embedded store\s*\|\s*800 \(600-1000\)\s*\|\s*50 \(40-60\)\s*\|\s*0.55 \(0.50-0.60\)\s*\|\s*>= 0.50, met`, out.String())
	require.NotContains(t, out.String(), redisQueue, "what was not measured is not there")
}

func TestReportFanOut(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportFanOut(&out, fanned{Webhooks: 1000, Delivered: 1000, Event: 1000, Copies: 1, Grown: 50_000, Took: time.Second})
	require.Contains(t, out.String(), "1000 delivered after 1000 ms; the event is 1 time(s)")
	require.Contains(t, out.String(), "5.0 % of 1000 copies")
}

func TestReportIdle(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportIdle(&out, []idleCost{{Webhooks: 5, Used: 20 * time.Millisecond}}, []time.Duration{time.Millisecond, 11 * time.Millisecond})
	require.Contains(t, out.String(), "with 5 webhooks and nothing to do: 20 ms")
	require.Contains(t, out.String(), "p99 11.00 ms")
	require.Contains(t, out.String(), "missed")

	out.Reset()
	reportIdle(&out, nil, []time.Duration{time.Millisecond})
	require.Contains(t, out.String(), "met)")
}

func TestIdleGateways(t *testing.T) {
	t.Parallel()
	require.NotContains(t, idleScenario(0).caddyfile(somewhere), "voorpoort")
	text := idleScenario(3).caddyfile(somewhere)
	require.Equal(t, 3, strings.Count(text, "url http://127.0.0.1:9003/"))
	require.Contains(t, text, "store local /store")
}
