package caddymodule

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/stretchr/testify/require"
)

// keyOf is the key of a Redis with a policy's storage round it.
func keyOf(t *testing.T, s RedisStorage) string {
	t.Helper()
	require.NoError(t, s.Provision(caddy.Context{}))
	return queueKey(&lateStorage{Storage: &s})
}

// TestAQueueIsItsStoreAndHowItIsReached: another password opens another queue.
func TestAQueueIsItsStoreAndHowItIsReached(t *testing.T) {
	t.Parallel()
	base := keyOf(t, RedisStorage{URL: "redis://h", Password: "secret"})
	require.Equal(t, base, keyOf(t, RedisStorage{URL: "redis://h", Password: "secret"}))
	require.NotContains(t, base, "secret")
	for name, other := range map[string]RedisStorage{
		"password":  {URL: "redis://h", Password: "other"},
		"username":  {URL: "redis://h", Password: "secret", Username: "u"},
		"TLS":       {URL: "rediss://h", Password: "secret"},
		"wait":      {URL: "redis://h", Password: "secret", Wait: 1},
		"server":    {URL: "redis://other", Password: "secret"},
		"Sentinels": {URL: "redis://h", Password: "secret", Master: "m", SentinelPassword: "p"},
	} {
		require.NotEqual(t, base, keyOf(t, other), name)
	}
	local := &LocalStorage{Path: "/store"}
	require.Equal(t, local.Resource(), queueKey(local))
}

// TestAKeyStaysWhenAFileChanges: the queue is closed by the key by which it was
// opened, and the next configuration opens another.
func TestAKeyStaysWhenAFileChanges(t *testing.T) {
	t.Parallel()
	file := filepath.Join(secretFiles(t), "ca.pem")
	pem, err := os.ReadFile(file)
	require.NoError(t, err)
	s := RedisStorage{URL: "rediss://h", CA: file}
	require.NoError(t, s.Provision(caddy.Context{}))
	before := queueKey(&s)
	require.NoError(t, os.WriteFile(file, append(pem, '\n'), 0o600))
	require.Equal(t, before, queueKey(&s))
	require.NotEqual(t, before, keyOf(t, RedisStorage{URL: "rediss://h", CA: file}))
}
