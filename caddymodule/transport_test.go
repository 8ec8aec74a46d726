package caddymodule

import (
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"github.com/stretchr/testify/require"
)

func TestBodiesAreReadAheadOnlyWhereNobodyTriesAgain(t *testing.T) {
	t.Parallel()
	below := func(lb *reverseproxy.LoadBalancing) int64 {
		return readAhead([]caddy.Module{&reverseproxy.Handler{LoadBalancing: lb}, &Transport{}})
	}
	require.Zero(t, readAhead(nil))
	require.Zero(t, below(nil))
	require.Zero(t, below(&reverseproxy.LoadBalancing{}))
	require.Negative(t, below(&reverseproxy.LoadBalancing{Retries: 1}))
	require.Negative(t, below(&reverseproxy.LoadBalancing{TryDuration: caddy.Duration(time.Second)}))
}
