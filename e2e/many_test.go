package e2e_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestManyWritesAreEachToldOnce: 16 clients write 2,000 things of two kinds, and
// one webhook hears of all of them, another of one kind.
func TestManyWritesAreEachToldOnce(t *testing.T) {
	t.Parallel()
	const clients, writes = 16, 2000
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		r, u := receiving(t), newShelf(t)
		g := start(t, globals(s.words, "webhook all {\nurl "+r.URL+"/all\n}\n",
			"webhook even {\nurl "+r.URL+"/even\nfilter schema even\nordered\n}\n"), inFrontOf(u))
		transport := &http.Transport{MaxIdleConnsPerHost: clients}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
		var next atomic.Int64
		var mu sync.Mutex
		told := map[string]string{} // schema by event id
		var group sync.WaitGroup
		for range clients {
			group.Go(func() {
				for n := next.Add(1); n <= writes; n = next.Add(1) {
					schema := []string{"even", "odd"}[n%2]
					got, err := tryWith(t, client, http.MethodPost, g.URL+objectsOf(schema), fmt.Sprintf(`{"n":%d}`, n))
					if err != nil || got.Status != http.StatusCreated || len(got.ids()) != 1 {
						t.Errorf("write %d: %v, status %d, ids %v", n, err, got.Status, got.ids())
						return
					}
					mu.Lock()
					told[got.ids()[0]] = schema
					mu.Unlock()
				}
			})
		}
		group.Wait()
		require.Len(t, told, writes)
		all := factsByID(t, r.awaitFor(t, 60*time.Second, "/all", writes))
		even := factsByID(t, r.awaitFor(t, 60*time.Second, "/even", writes/2))
		for id, schema := range told {
			require.Equal(t, schema, all[id].Data.Schema)
			_, heard := even[id]
			require.Equal(t, schema == "even", heard)
		}
		g.stop(t)
		store := s.open(t)
		hasNoHolds(t, store)
		for lane, want := range map[string]uint64{"all": writes, "even": writes / 2} {
			stats, err := store.Stats(t.Context(), lane)
			require.NoError(t, err)
			require.Equal(t, []uint64{want, want, 0, 0, 0}, []uint64{stats.Total, stats.Successful, stats.Pending, stats.Dead, stats.Skipped}, lane)
		}
	})
}
