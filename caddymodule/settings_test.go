package caddymodule

import (
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/stretchr/testify/require"
)

func TestLimitsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	second := caddy.Duration(time.Second)
	require.NoError(t, checkRequestLimits(second, 10, 30))
	require.NoError(t, checkRequestLimits(second, 10, -1))
	require.ErrorContains(t, checkRequestLimits(0, 10, 10), "budget")
	require.ErrorContains(t, checkRequestLimits(caddy.Duration(time.Minute), 10, 10), "55s")
	require.ErrorContains(t, checkRequestLimits(second, -1, 10), "max_body")
	require.ErrorContains(t, checkRequestLimits(second, 11, 30), "max_buffered")
}
