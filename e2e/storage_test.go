package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

// storage is where the gateway of a test keeps its events. The tests of what
// happens after the write run on each kind.
type storage struct {
	kind   string
	words  string // of the Caddyfile
	folder string // everything that the store keeps on disk
	redis  *redisServer
}

// onBothStores runs a test on the local store and on Redis, each empty.
func onBothStores(t *testing.T, test func(t *testing.T, s *storage)) {
	t.Helper()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		test(t, localStorage(t))
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, redisStorage(t))
	})
}

// localStorage is a folder that the gateway makes itself.
func localStorage(t testing.TB) *storage {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "store")
	return &storage{kind: "local", words: "store local " + folder + "\n", folder: folder}
}

// redisStorage is a Redis server of the test's own.
func redisStorage(t testing.TB, settings ...string) *storage {
	t.Helper()
	r := startRedis(t, settings...)
	return &storage{kind: "redis", words: "store redis redis://" + r.address + "\n", folder: r.folder, redis: r}
}

// open opens the store beside the gateway or, if it is local, after the
// gateway's end.
func (s *storage) open(t testing.TB) delivery.Store {
	t.Helper()
	store, err := s.store(t)
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func (s *storage) store(t testing.TB) (delivery.Store, error) {
	t.Helper()
	if s.redis == nil {
		return local.Open(s.folder, local.Options{})
	}
	return redis.Open(t.Context(), redis.Config{URL: "redis://" + s.redis.address}, redis.Options{})
}

// bytes are all that is on disk.
func (s *storage) bytes(t testing.TB) string {
	t.Helper()
	var all []byte
	require.NoError(t, filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all = append(all, content...)
		return err
	}))
	require.NotEmpty(t, all)
	return string(all)
}

// kept gives all deliveries of a store, by lane and in order, or those of one
// lane.
func kept(t testing.TB, store delivery.Store, lane string) []delivery.Delivery {
	t.Helper()
	var all []delivery.Delivery
	query := delivery.DeliveryQuery{Lane: lane, Limit: 1000}
	for {
		page, err := store.Deliveries(t.Context(), query)
		require.NoError(t, err)
		all = append(all, page...)
		if len(page) < query.Limit {
			return all
		}
		last := page[len(page)-1]
		query.After = &delivery.Position{Lane: last.Lane, Seq: last.Seq}
	}
}

// attempts are the log of a lane, oldest first.
func attempts(t testing.TB, store delivery.Store, lane string) []delivery.Attempt {
	t.Helper()
	rows, total, err := store.Attempts(t.Context(), delivery.AttemptQuery{Lane: lane, Limit: 1000})
	require.NoError(t, err)
	require.EqualValues(t, len(rows), total)
	oldest := make([]delivery.Attempt, len(rows))
	for i, row := range rows {
		oldest[len(rows)-1-i] = row
	}
	return oldest
}

// awaitNoHolds waits until no write is open: the log says what was found of one
// before the store has it.
func (g *gateway) awaitNoHolds(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return scrape(t, g)["caddy_voorpoort_holds"] == 0 }, 20*time.Second, 20*time.Millisecond)
}

// hasNoHolds fails the test when a write is not settled.
func hasNoHolds(t testing.TB, store delivery.Store) {
	t.Helper()
	holds, err := store.Holds(t.Context(), 100)
	require.NoError(t, err)
	require.Empty(t, holds)
}
