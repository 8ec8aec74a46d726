package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpell(t *testing.T) {
	t.Parallel()
	require.Equal(t, "*2\r\n$3\r\nSET\r\n$0\r\n\r\n", string(spell([]string{"SET", ""})))
}

func TestRedisServer(t *testing.T) {
	t.Parallel()
	if reason := needsRedis(nil); reason != "" {
		t.Skip(reason)
	}
	r, err := newRedis(t.Context(), t.TempDir())
	require.NoError(t, err)
	require.ErrorIs(t, r.command(t.Context(), "PING"), errRedis, "nobody listens yet")
	require.NoError(t, r.start(t.Context()))
	t.Cleanup(func() { r.kill() })
	require.NoError(t, r.command(t.Context(), "SET", "kept", "1"))

	for _, fault := range redisFaults {
		require.NoError(t, r.set(t.Context(), fault.Make))
		require.ErrorContains(t, r.command(t.Context(), "SET", "x", "1"), fault.Name)
		require.NoError(t, r.set(t.Context(), fault.End))
		require.NoError(t, r.command(t.Context(), "SET", "x", "1"))
	}
	require.ErrorIs(t, r.set(t.Context(), [2]string{"nothing", "x"}), errRedis)

	r.kill()
	require.NoError(t, r.start(t.Context()))
	require.NoError(t, r.command(t.Context(), "RENAME", "kept", "still"), "what it answered survives a kill")
}
