package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// What a queue takes over from a new configuration.

// toFile is a global option that writes the log of a configuration to a file.
func toFile(path string) string { return "\n\tlog {\n\t\toutput file " + path + "\n\t}\n" }

func contentOf(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return string(content)
}

// TestAfterAReloadTheQueueLogsToTheNewLog, and keeps events as long as the new
// configuration says.
func TestAfterAReloadTheQueueLogsToTheNewLog(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first.log"), filepath.Join(folder, "second.log")
	subscriptions := []subscription{{name: "cats"}, {name: "dogs", options: "retry off", answer: tells(http.StatusInternalServerError, "")}}
	s := redisStorage(t)
	d := newDepot(t, s, subscriptions, "")
	status, message := d.reload(t, d.globals(subscriptions, "")+toFile(first), inFrontOf(d.shelf))
	require.Equal(t, http.StatusOK, status, message)
	d.create(t, "cats", `{}`)
	d.create(t, "dogs", `{}`)
	d.told(t, "cats", 1)
	require.Eventually(t, func() bool { return strings.Contains(contentOf(t, first), `"server_error"`) }, 10*time.Second, 20*time.Millisecond)
	store := s.open(t)
	require.Len(t, kept(t, store, "cats"), 1)
	size := len(contentOf(t, first))

	time.Sleep(1100 * time.Millisecond)
	status, message = d.reload(t, d.globals(subscriptions, "retention 1s\n")+toFile(second), inFrontOf(d.shelf))
	require.Equal(t, http.StatusOK, status, message)
	require.Eventually(t, func() bool { return len(kept(t, store, "cats")) == 0 }, 10*time.Second, 20*time.Millisecond, "the retention is the old one")
	require.Len(t, kept(t, store, "dogs"), 1, "a dead letter stays")
	d.create(t, "dogs", `{}`)
	require.Eventually(t, func() bool { return len(d.receiver.at("/dogs")) == 2 }, 10*time.Second, 20*time.Millisecond)
	require.Eventually(t, func() bool { return strings.Contains(contentOf(t, second), `"server_error"`) }, 10*time.Second, 20*time.Millisecond)
	require.NotContains(t, contentOf(t, first)[size:], `"server_error"`)
	require.InDelta(t, 2, scrape(t, d.gateway)[`caddy_voorpoort_dead_letters_total{webhook="dogs"}`], 0)
}

// TestANewPasswordIsUsedAfterAReload, and a wrong one leaves everything as it is.
func TestANewPasswordIsUsedAfterAReload(t *testing.T) {
	t.Parallel()
	s := redisStorage(t, "--requirepass", "old")
	s.words = "store redis redis://:old@" + s.redis.address + "\n"
	subscriptions := []subscription{{name: "cats"}}
	d := newDepot(t, s, subscriptions, "")
	d.create(t, "cats", `{"n":1}`)
	d.told(t, "cats", 1)

	admin := goredis.NewClient(&goredis.Options{Addr: s.redis.address, Password: "old"})
	defer admin.Close()
	require.NoError(t, admin.ConfigSet(t.Context(), "requirepass", "new").Err())
	s.words = "store redis redis://:wrong@" + s.redis.address + "\n"
	for _, policy := range []string{"reject", "allow"} {
		status, message := d.reload(t, d.globals(subscriptions, "on_store_down "+policy+"\n"), inFrontOf(d.shelf))
		require.GreaterOrEqual(t, status, 400, message)
		require.Contains(t, message, "WRONGPASS")
		require.NotContains(t, message, "wrong@")
	}
	d.create(t, "cats", `{"n":2}`)
	d.told(t, "cats", 2)

	s.words = "store redis redis://:new@" + s.redis.address + "\n"
	status, message := d.reload(t, d.globals(subscriptions, ""), inFrontOf(d.shelf))
	require.Equal(t, http.StatusOK, status, message)
	require.NoError(t, admin.ClientKillByFilter(t.Context(), "TYPE", "normal").Err(), "from here the old password is of no use")
	d.create(t, "cats", `{"n":3}`)
	d.told(t, "cats", 3)
}

// TestASpoolHasOneWayToItsStore: another one is refused at the reload.
func TestASpoolHasOneWayToItsStore(t *testing.T) {
	t.Parallel()
	s := redisStorage(t, "--requirepass", "secret")
	s.words = "store redis redis://:secret@" + s.redis.address + "\n"
	d := newDepot(t, s, []subscription{{name: "cats"}}, "on_store_down spool\n")
	s.words = "store redis redis://default:secret@" + s.redis.address + "\n"
	status, message := d.reload(t, d.globals([]subscription{{name: "cats"}}, "on_store_down spool\n"), inFrontOf(d.shelf))
	require.GreaterOrEqual(t, status, 400, message)
	require.Contains(t, message, "need a restart of the gateway")
	d.create(t, "cats", `{}`)
	d.told(t, "cats", 1)
}
