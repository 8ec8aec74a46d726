package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	t.Parallel()
	chosen, err := choose(scenarios(), "proxy,auth,merge")
	require.NoError(t, err)
	all := results{
		plain:              {roundOf(2000, 100, 100), roundOf(1000, 200, 110)},
		forwardAuth:        {roundOf(1000, 180, 180), roundOf(500, 400, 190)},
		"merge":            {roundOf(1100, 180, 120), roundOf(550, 400, 120)},
		"merge, transport": {roundOf(1600, 180, 100), roundOf(800, 400, 90)},
	}
	all["merge"][0].load.Errors, all["merge"][0].load.Failure = 2, "unexpected status: 502"

	var out strings.Builder
	report(&out, chosen, all, settings{Rounds: 2, Duration: 3 * time.Second, Connections: 32, GOGC: "100"})
	text := out.String()
	require.Contains(t, text, "2 rounds of 3s each")
	require.Contains(t, text, "750 (500-1000)")
	require.Contains(t, text, "2 (unexpected status: 502)")
	require.Regexp(t, `merge / forward_auth\s*\|\s*req/s\s*\|\s*>= 1.20\s*\|\s*1.10 \(1.10-1.10\)\s*\|\s*missed`, text)
	require.Regexp(t, `merge, transport / forward_auth\s*\|\s*req/s\s*\|\s*>= 1.20\s*\|\s*1.60 \(1.60-1.60\)\s*\|\s*met`, text)
	require.NotContains(t, text, "validate", "what was not measured is not judged")
}

func TestReportWithoutAnyPromise(t *testing.T) {
	t.Parallel()
	chosen, err := choose(scenarios(), "forward_auth")
	require.NoError(t, err)
	var out strings.Builder
	report(&out, chosen, results{forwardAuth: {roundOf(1, 1, 1)}}, settings{})
	require.NotContains(t, out.String(), "promise")
}

func TestOtherConnectionCountsAreNotCompared(t *testing.T) {
	t.Parallel()
	all := results{plain: {roundOf(10, 1, 1)}, "x": {roundOf(20, 1, 1)}}
	require.Equal(t, "2.00 (2.00-2.00)", comparable(scenario{Name: "x"}, all, throughput))
	require.Equal(t, "-", comparable(scenario{Name: "x", Connections: 1}, all, throughput))
}
