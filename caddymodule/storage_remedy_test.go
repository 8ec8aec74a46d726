package caddymodule

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery/redis"
)

func TestARedisThatDoesNotLetUsInComesWithWhatToDo(t *testing.T) {
	refused := errors.New("dial tcp 127.0.0.1:6379: connect: connection refused")
	for code, want := range map[string]string{
		"":            "is Redis running",
		"WRONGPASS":   "check `username` and `password`",
		"NOPERM":      "docs/delivery.md",
		"READONLY":    "`master`",
		"CLUSTERDOWN": "its own log says more",
	} {
		err := withRemedy(&redis.UnavailableError{Op: "connect", Code: code, Err: refused})
		require.ErrorContains(t, err, refused.Error()+": ", code)
		require.ErrorContains(t, err, want, code)
		require.True(t, unavailable(err), "callers still tell it from others")
	}
	other := errors.New("redis 6.0 is too old")
	require.Equal(t, other, withRemedy(other))
}
