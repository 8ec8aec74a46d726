package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// absentRedis is a store whose server has never been there yet.
func absentRedis(t testing.TB) *storage {
	t.Helper()
	s := redisStorage(t)
	s.redis.kill()
	require.NoError(t, os.RemoveAll(filepath.Join(s.folder, "appendonlydir")))
	return s
}

// TestAGatewayStartsWithoutRedis when its policy has a place for the writes, and
// says so. They are told when Redis is there.
func TestAGatewayStartsWithoutRedis(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"spool", "allow"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := absentRedis(t)
			d := newDepot(t, s, []subscription{{name: "cats"}}, "on_store_down "+policy+"\n")
			d.create(t, "cats", `{"n":1}`)
			d.create(t, "cats", `{"n":2}`)
			require.NotEmpty(t, d.logged("the shared store cannot be reached; the gateway starts without it and goes on trying"))
			require.Eventually(t, func() bool { return scrape(t, d.gateway)["caddy_voorpoort_store_failing"] == 1 }, 10*time.Second, 20*time.Millisecond)
			status, message := d.reload(t, d.globals([]subscription{{name: "cats"}}, "on_store_down "+policy+"\nbudget 9s\n"), inFrontOf(d.shelf))
			require.Equal(t, http.StatusOK, status, "a reload goes on with what is open: %s", message)
			d.create(t, "cats", `{"n":3}`)
			require.Empty(t, d.receiver.at("/cats"))

			s.redis.start(t)
			require.Len(t, factsByID(t, d.receiver.awaitFor(t, 40*time.Second, "/cats", 3)), 3)
			require.NotEmpty(t, d.logged("the shared store is connected"))
			require.Eventually(t, func() bool { return scrape(t, d.gateway)["caddy_voorpoort_store_failing"] == 0 }, 20*time.Second, 20*time.Millisecond)
			d.create(t, "cats", `{"n":4}`)
			d.told(t, "cats", 4)
			d.stop(t)
			hasNoHolds(t, s.open(t))
		})
	}
}

// TestAGatewayDoesNotStartWithoutRedis when it could only refuse all writes.
func TestAGatewayDoesNotStartWithoutRedis(t *testing.T) {
	t.Parallel()
	s := absentRedis(t)
	g := &gateway{address: freeAddress(t), Admin: "http://" + freeAddress(t)}
	g.URL = "http://" + g.address
	file := filepath.Join(t.TempDir(), "Caddyfile")
	text := g.caddyfile(globals(s.words, "webhook cats {\nurl http://127.0.0.1:1\n}\n"), inFrontOf(newShelf(t)))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, code := runTo(t, "run", "--config", file)
	require.NotZero(t, code)
	require.Contains(t, out, "opening the store: redis: unavailable: connect")
}
