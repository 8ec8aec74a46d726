package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAWriteHeldInRedisIsSettledInTheSpool: Redis dies while the register is at
// work. Nothing of the hold is left, and the event is told once.
func TestAWriteHeldInRedisIsSettledInTheSpool(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDepot(t, s, []subscription{{name: "cats"}}, "on_store_down spool\n")
	got, proceed := d.shelf.during(t, d.gateway, http.MethodPut, objectsOf("cats")+"/1", `{"n":1}`, "wait-after")
	other, end := d.shelf.during(t, d.gateway, http.MethodPut, objectsOf("cats")+"/2", `{"n":2}`, "wait-after")
	s.redis.kill()
	proceed()
	a := <-got
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	require.Positive(t, scrape(t, d.gateway)["caddy_voorpoort_spool_waiting"])
	end()
	<-other
	s.redis.start(t)
	calls := d.receiver.awaitFor(t, 40*time.Second, "/cats", 2)
	require.Contains(t, factsByID(t, calls), a.ids()[0])
	for _, c := range calls {
		require.False(t, c.fact(t).Recovered, "nobody asked the register")
	}
	require.Eventually(t, func() bool { return scrape(t, d.gateway)["caddy_voorpoort_spool_waiting"] == 0 }, 20*time.Second, 20*time.Millisecond)
	hasNoHolds(t, s.open(t))
	d.stop(t)
	require.Len(t, d.receiver.at("/cats"), 2)
}

// TestAKilledGatewayLeavesItsSpoolToTheNext, and the holds in Redis that it
// settles.
func TestAKilledGatewayLeavesItsSpoolToTheNext(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	spool := filepath.Join(t.TempDir(), "spool")
	d := newDepot(t, s, []subscription{{name: "cats"}}, "on_store_down spool "+spool+"\n")
	got, proceed := d.shelf.during(t, d.gateway, http.MethodPut, objectsOf("cats")+"/1", `{"n":1}`, "wait-after")
	s.redis.kill()
	proceed()
	require.Equal(t, http.StatusOK, (<-got).Status)
	d.create(t, "cats", `{"n":2}`)
	d.kill(t)
	d.run(t) // without Redis
	d.create(t, "cats", `{"n":3}`)
	s.redis.start(t)
	require.Len(t, factsByID(t, d.receiver.awaitFor(t, 40*time.Second, "/cats", 3)), 3)
	opened := d.logged("the spool is open")
	require.Len(t, opened, 2)
	require.Equal(t, spool, opened[1].Path)
	store := s.open(t)
	require.Eventually(t, func() bool {
		holds, err := store.Holds(t.Context(), 10)
		return err == nil && len(holds) == 0
	}, 90*time.Second, 200*time.Millisecond, "the hold of the gateway that was killed")
	require.Empty(t, d.logged("a write whose answer was not seen is settled"), "nobody asked the register")
	d.stop(t)
	require.Len(t, d.receiver.at("/cats"), 3)
	require.Len(t, d.logged("the spool is closed"), 1)
}

// TestAnEventThatRedisDoesNotTakeIsPutAside, and those behind it are told.
func TestAnEventThatRedisDoesNotTakeIsPutAside(t *testing.T) {
	t.Parallel()
	s := redisStorage(t, "--proto-max-bulk-len", "1mb")
	spool := filepath.Join(t.TempDir(), "spool")
	d := newDepot(t, s, []subscription{{name: "cats"}, {name: "later", options: "intercept;async"}}, "on_store_down spool "+spool+"\n")
	s.redis.kill()
	d.create(t, "later", fmt.Sprintf(`{"n":%q}`, strings.Repeat("x", 2<<20)))
	d.create(t, "cats", `{"n":1}`)
	s.redis.start(t)
	d.receiver.awaitFor(t, 60*time.Second, "/cats", 1)
	require.Empty(t, d.receiver.at("/later"))
	require.Len(t, d.logged("a spooled write was put aside: the shared store does not take it"), 1)
	require.InDelta(t, 1, scrape(t, d.gateway)["caddy_voorpoort_spool_aside_total"], 0)
	files, err := filepath.Glob(filepath.Join(spool, "aside", "*.record"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	record, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Contains(t, string(record), `"Type":"object.creating"`)
	require.Contains(t, string(record), strings.Repeat("x", 2<<20))
}
