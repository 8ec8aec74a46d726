package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPrintTold(t *testing.T) {
	t.Parallel()
	all := results{"deliver, redis": {
		{redisMicros: 90, told: aftermath{Accepted: 100, During: 90, After: 10, Twice: 1, Drain: 20 * time.Millisecond}},
		{redisMicros: 110, told: aftermath{Accepted: 100, During: 100, Drain: 0}},
	}}
	var out strings.Builder
	printTold(&out, []scenario{{Name: plain}, {Name: "deliver, redis", Told: true, Redis: true}}, all)
	require.NotContains(t, out.String(), plain)
	require.Regexp(t, `deliver, redis \|\s+200 \|\s+190 \(95.0 %\) \|\s+10 \(5.0 %\) \|\s+10 \(0-20\) \|\s+1 \|\s+100.0 \|`, out.String())
}

func TestNobodyTold(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	printTold(&out, []scenario{{Name: plain}}, results{})
	require.Empty(t, out.String())
	require.Equal(t, "0", share(0, 0))
}
