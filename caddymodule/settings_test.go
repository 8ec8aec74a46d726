package caddymodule

import (
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/request"
)

func TestEachRelaxationSetsItsOwnField(t *testing.T) {
	t.Parallel()
	seen := map[request.Relax]bool{}
	for word := range relaxations {
		relax, err := parseRelax([]string{word})
		require.NoError(t, err)
		require.NotEqual(t, request.Relax{}, relax)
		require.False(t, seen[relax], "%s sets what another word sets", word)
		seen[relax] = true
	}
	_, err := parseRelax([]string{"everything"})
	require.ErrorContains(t, err, "it is one of: backslash, control_characters")
}

func TestLimitsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	second := caddy.Duration(time.Second)
	require.NoError(t, checkRequestLimits(second, 10, 10))
	require.NoError(t, checkRequestLimits(second, 10, -1))
	require.ErrorContains(t, checkRequestLimits(0, 10, 10), "budget")
	require.ErrorContains(t, checkRequestLimits(caddy.Duration(time.Minute), 10, 10), "55s")
	require.ErrorContains(t, checkRequestLimits(second, -1, 10), "max_body")
	require.ErrorContains(t, checkRequestLimits(second, 11, 10), "max_buffered")
}
