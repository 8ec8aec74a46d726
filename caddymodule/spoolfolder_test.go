package caddymodule

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	zaplog "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/spool"
)

// spoolWith makes a folder in which so many writes wait.
func spoolWith(t *testing.T, path string, writes int) {
	t.Helper()
	near, err := local.Open(path, local.Options{})
	require.NoError(t, err)
	for range writes {
		require.NoError(t, near.Append(t.Context(), delivery.Message{
			ID: "m", Source: spool.Lane, Time: time.Now(), Event: []byte("{}\n"), Targets: []delivery.Target{{Lane: spool.Lane}},
		}))
	}
	require.NoError(t, near.Close())
}

// TestEachStoreHasASpoolOfItsOwn, without a word in the configuration.
func TestEachStoreHasASpoolOfItsOwn(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	folders := map[string]string{}
	for _, store := range []RedisStorage{
		{URL: "redis://h"},
		{URL: "redis://h:6380"},
		{URL: "redis://h/1"},
		{URL: "redis://h", Prefix: "p"},
		{URL: "redis://h", Master: "m"},
		{URL: "redis://other"},
		{URL: "redis:///1", Addresses: []string{"a:1", "b:1"}, Master: "m"},
		{URL: "redis:///2", Addresses: []string{"a:1", "b:1"}, Master: "m"},
	} {
		require.NoError(t, store.Provision(caddy.Context{}))
		storage, err := spooled(nil, &store)
		require.NoError(t, err)
		path := storage.(*spooledStorage).path
		require.Regexp(t, `/voorpoort-spool-[0-9a-f]{12}$`, path)
		require.Equal(t, caddy.AppDataDir(), filepath.Dir(path))
		require.NotContains(t, folders, path, "%s and %s", store.Resource(), folders[path])
		folders[path] = store.Resource()
	}
	for _, same := range []RedisStorage{
		{URL: "redis:///2", Addresses: []string{"b:1", "a:1"}, Master: "m"},
		{URL: "redis://h:6379/0"},
		{URL: "redis://user:password@h"},
		{URL: "rediss://h"},
		{URL: "redis://h", Prefix: "voorpoort", Password: "p"},
	} {
		require.NoError(t, same.Provision(caddy.Context{}))
		storage, err := spooled(nil, &same)
		require.NoError(t, err)
		require.Contains(t, folders, storage.(*spooledStorage).path, "another way to write one of them")
	}
}

func TestTheFolderOfASpoolCanBeNamed(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("SPOOL", folder)
	path, err := (&Spool{Path: "{env.SPOOL}/x/../s"}).folder("any")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(folder, "s"), path)

	_, err = (&Spool{Path: "{env.NOT_SET}"}).folder("any")
	require.ErrorContains(t, err, "NOT_SET")
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = (&Spool{Path: file}).folder("any")
	require.ErrorContains(t, err, "is not a folder")

	_, err = provisionHandler(`{"store":{"type":"redis","url":"redis://h"},"spool":{"path":"/s"}}`, `{"presets":["rest"]}`)
	require.ErrorContains(t, err, "on_store_down spool only")
	_, err = provisionHandler(`{"store":{"type":"local"},"on_store_down":"spool"}`, `{"presets":["rest"]}`)
	require.ErrorContains(t, err, errSpoolLocal.Error())
}

// TestASpoolIsToldToItsOwnStoreOnly: another store gets the folder when nothing
// waits in it.
func TestASpoolIsToldToItsOwnStoreOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "spool")
	open := func() *local.Store {
		near, err := local.Open(path, local.Options{})
		require.NoError(t, err)
		return near
	}
	near := open()
	require.NoError(t, claimSpool(t.Context(), near, "redis one"))
	require.NoError(t, claimSpool(t.Context(), near, "redis one"))
	require.NoError(t, claimSpool(t.Context(), near, "redis two"), "it is empty")
	require.NoError(t, near.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	require.ErrorContains(t, claimSpool(t.Context(), near, "redis one"), "1 writes for another store (redis two)")
	require.NoError(t, near.Close())

	spoolWith(t, path, 1)
	near = open()
	require.ErrorContains(t, claimSpool(t.Context(), near, "redis one"), "2 writes for another store (redis two)")
	require.NoError(t, claimSpool(t.Context(), near, "redis two"))
	require.NoError(t, near.Close())
}

// TestTheSpoolOfAnEarlierVersionIsNotForgotten when writes wait in it.
func TestTheSpoolOfAnEarlierVersionIsNotForgotten(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	old := filepath.Join(caddy.AppDataDir(), "voorpoort-spool")
	core, logs := zaplog.New(zap.WarnLevel)
	look := func(inUse string) []zaplog.LoggedEntry {
		warnOldSpool(t.Context(), inUse, zap.New(core))
		return logs.TakeAll()
	}
	require.Empty(t, look("/elsewhere"), "there is none")
	require.NoDirExists(t, old)
	spoolWith(t, old, 0)
	require.Empty(t, look("/elsewhere"), "nothing waits in it")
	spoolWith(t, old, 1)
	require.Empty(t, look(old), "it is the one in use")
	told := look("/elsewhere")
	require.Len(t, told, 1)
	require.Equal(t, old, told[0].ContextMap()["path"])
	require.EqualValues(t, 1, told[0].ContextMap()["waiting"])
	near, err := local.Open(old, local.Options{})
	require.NoError(t, err)
	require.Len(t, look("/elsewhere"), 1, "it cannot be looked into")
	require.NoError(t, near.Close())
}
