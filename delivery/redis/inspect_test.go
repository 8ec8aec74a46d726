package redis

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for version, good := range map[string]bool{
		"6.2.0": true, "6.2.14": true, "7.0.15": true, "8.2": true, "10.0.0": true,
		"6.0.16": false, "5.0.14": false, "2.8": false,
	} {
		err := checkVersion("# Server\r\nredis_version:" + version + "\r\nredis_mode:standalone\r\n")
		if good {
			require.NoError(t, err, version)
			continue
		}
		require.ErrorContains(t, err, version)
		require.ErrorContains(t, err, "6.2 or later is needed")
	}
	require.Error(t, checkVersion(""))
	require.Error(t, checkVersion("redis_version:new\r\n"))
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	good := settings{"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"}
	require.Empty(t, good.warnings())
	for name, c := range map[string]struct {
		set  settings
		says string
	}{
		"eviction":       {settings{"maxmemory-policy": "allkeys-lru"}, "set it to noeviction"},
		"no fsync":       {settings{"appendfsync": "no"}, "everysec or always"},
		"snapshots only": {settings{"appendonly": "no", "save": "3600 1"}, "last snapshot"},
		"nothing kept":   {settings{"appendonly": "no", "save": ""}, "keeps nothing"},
	} {
		set := settings{}
		maps.Copy(set, good)
		maps.Copy(set, c.set)
		w := set.warnings()
		require.Len(t, w, 1, name)
		require.Contains(t, w[0], c.says, name)
	}
}

func TestOpenWarns(t *testing.T) {
	t.Parallel()
	require.Empty(t, startServerAndOpen(t).Warnings())
	bad := startServerAndOpen(t, "--appendonly", "no", "--maxmemory-policy", "allkeys-lru").Warnings()
	require.Len(t, bad, 2)
}

func startServerAndOpen(t *testing.T, args ...string) *Store {
	t.Helper()
	server := startServer(t, args...)
	return server.open(t, server.config())
}

// The rights that the documentation of the package asks for are enough, and no
// others are used.
func TestRestrictedUser(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	c := server.client()
	defer c.Close()
	rights := []any{
		"ACL", "SETUSER", "gate", "on", ">hunter2", "resetkeys", "resetchannels", "~{mine}:*", "&{mine}:*",
		"+@read", "+@write", "+@connection", "+@scripting", "+@pubsub", "-@dangerous", "+time", "+wait", "+info",
	}
	require.NoError(t, c.Do(t.Context(), rights...).Err())
	store := server.open(t, Config{URL: server.url(), Username: "gate", Password: "hunter2", Prefix: "mine"}, impatient)
	require.Equal(t, []string{warnUnread}, store.Warnings(), "INFO tells that all else is well")
	require.NoError(t, c.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
	require.NoError(t, c.ConfigSet(t.Context(), "appendonly", "no").Err())
	careless := server.open(t, Config{URL: server.url(), Username: "gate", Password: "hunter2", Prefix: "mine"}, impatient).Warnings()
	require.Len(t, careless, 3)
	require.Contains(t, careless[0], "allkeys-lru")
	require.Contains(t, careless[1], "appendonly is no")
	require.NoError(t, c.ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err())
	l := startLoad(t, store)
	l.more(t, 50)
	l.stop()
	l.done.Wait()
	require.Zero(t, l.failed)
	require.Len(t, drain(t, store, "a"), len(l.acked))

	// Without rights to the channel nothing is published or heard; polls find it.
	told := make(chan string, 100)
	go func() { _ = store.Watch(t.Context(), func(lane string, _ time.Time) { told <- lane }) }()
	require.NoError(t, c.Do(t.Context(), "ACL", "SETUSER", "gate", "resetchannels").Err())
	other := server.open(t, Config{URL: server.url(), Username: "gate", Password: "hunter2", Prefix: "mine"})
	require.NoError(t, other.Append(t.Context(), message("unheard", "quiet")))
	select {
	case lane := <-told:
		require.Equal(t, "quiet", lane)
	case <-time.After(10 * time.Second):
		require.Fail(t, "a lost notification costs a poll, no more")
	}

	_, err := Open(t.Context(), Config{URL: server.url(), Username: "gate", Password: "hunter2", Prefix: "other"}, Options{})
	var unavailable *UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.Equal(t, "NOPERM", unavailable.Code)
}
