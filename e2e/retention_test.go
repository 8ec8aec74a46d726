package e2e_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What `retention` removes, and what it never does.

// granary is a desk with three webhooks: told takes all events of the schemas
// cats, dead and waits; dead refuses those of its schema for good, and waits is to
// be tried again later, until the receiver is well.
type granary struct {
	*desk

	webhooks string
	well     atomic.Bool
}

func newGranary(t testing.TB, s *storage, retention string) *granary {
	t.Helper()
	g := &granary{}
	refuses := func(w http.ResponseWriter, c call) {
		if c.URI != "/told" && !g.well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		takes(w, c)
	}
	g.desk = &desk{storage: s, shelf: newShelf(t), receiver: receiverWith(t, refuses)}
	dead, waits := subscription{name: "dead", options: "retry off"}, subscription{name: "waits"}
	g.webhooks = "webhook told {\nurl " + g.receiver.URL + "/told\nevents object.*\n}\n" + dead.block(g.receiver) + waits.block(g.receiver)
	g.gateway = start(t, g.globals(retention+g.webhooks), g.site(ownerToken))
	return g
}

// retain loads the same configuration with another retention.
func (g *granary) retain(t testing.TB, words string) {
	t.Helper()
	g.rearrange(t, "retention "+words+"\n"+g.webhooks, ownerToken)
}

// store makes an object of a schema, with so many bytes that no compression makes
// fewer, and gives the id of its event.
func (g *granary) store(t testing.TB, schema string, size int) string {
	t.Helper()
	random := make([]byte, size/2)
	_, _ = rand.Read(random)
	got := insist(t, http.MethodPost, g.URL+objectsOf(schema), fmt.Sprintf(`{"grain":%q}`, hex.EncodeToString(random)))
	require.Equal(t, http.StatusCreated, got.Status, got.Body)
	require.Len(t, got.ids(), 1)
	return got.ids()[0]
}

// stored are the events that the store has, oldest first, and their size.
func (g *granary) stored(t testing.TB) (ids []string, size int) {
	t.Helper()
	page := look[struct {
		Results []struct {
			ID    string
			Event json.RawMessage
		}
		Cursor *string
	}](t, g.desk, "/messages?limit=1000")
	require.Nil(t, page.Cursor)
	for _, one := range page.Results {
		ids = append([]string{one.ID}, ids...)
		size += len(one.Event)
	}
	return ids, size
}

// tallies are the counters of each webhook: those of the list of webhooks, and
// those of the statistics of its log where they are others.
func (g *granary) tallies(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, h := range look[struct{ Results []hooked }](t, g.desk, "/webhooks").Results {
		require.Equal(t, h.Total, h.Good+h.Failed, h.Name)
		all[h.Name] = fmt.Sprintf("%d = %d + %d", h.Total, h.Good, h.Failed)
		stats := look[struct{ Total, Successful, Failed int }](t, g.desk, fmt.Sprintf("/webhooks/%d/logs/stats", h.ID))
		if logged := fmt.Sprintf("%d = %d + %d", stats.Total, stats.Successful, stats.Failed); logged != all[h.Name] {
			all[h.Name] += ", in its log " + logged
		}
	}
	return all
}

func (g *granary) awaitTallies(t testing.TB, want map[string]string) {
	t.Helper()
	got := g.tallies(t)
	for began := time.Now(); time.Since(began) < 30*time.Second && !maps.Equal(want, got); got = g.tallies(t) {
		time.Sleep(20 * time.Millisecond)
	}
	require.Equal(t, want, got)
}

// TestAStoreThatIsTooLargeLosesTheOldestEvents, as many as it must: the newest
// stay, and so does what is still to be done, however old and however small the
// store should be. The counters know of all that there was.
func TestAStoreThatIsTooLargeLosesTheOldestEvents(t *testing.T) {
	t.Parallel()
	const events, size, limit = 40, 10_000, 200 << 10
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		g := newGranary(t, s, "")
		dead, waits := g.store(t, "dead", 10), g.store(t, "waits", 10)
		under := objectsOf("cats") + "/held"
		g.shelf.put(under, `{"n":1}`)
		_, proceed := g.shelf.during(t, g.gateway, http.MethodPut, under, `{"n":2}`, "wait-after")
		var settled []string
		for range events {
			settled = append(settled, g.store(t, "cats", size))
		}
		tallies := map[string]string{"told": "42 = 42 + 0", "dead": "1 = 0 + 1", "waits": "1 = 0 + 1"}
		g.awaitTallies(t, tallies)
		all, _ := g.stored(t)
		require.Len(t, all, events+2, "without a size nothing is too large")

		g.retain(t, fmt.Sprint("30d ", limit))
		var left []string
		var bytes int
		require.Eventually(t, func() bool {
			left, bytes = g.stored(t)
			return bytes <= limit
		}, 20*time.Second, 20*time.Millisecond)
		require.Equal(t, []string{dead, waits}, left[:2], "one of their deliveries is not settled")
		require.Equal(t, settled[events-len(left[2:]):], left[2:], "the newest, and nothing between them is missing")
		require.Greater(t, bytes, limit*2/3, "nothing goes that has room")
		require.Equal(t, tallies, g.tallies(t))
		for id, status := range map[string]int{settled[0]: http.StatusNotFound, settled[events-1]: http.StatusOK} {
			require.Equal(t, status, g.do(t, http.MethodGet, "/messages/"+id, "").Status)
		}

		g.retain(t, "30d 1")
		require.Eventually(t, func() bool { return look[rows](t, g.desk, "/webhooks/logs").Total == 0 }, 20*time.Second, 20*time.Millisecond)
		left, _ = g.stored(t)
		require.Equal(t, []string{dead, waits}, left, "the store is larger than it should be")
		require.Len(t, look[struct{ Results []unsettled }](t, g.desk, "/holds").Results, 1)
		require.Equal(t, tallies, g.tallies(t), "of attempts whose rows are gone as well")
		proceed()
		held := g.receiver.await(t, "/told", events+3)[events+2]
		require.Contains(t, held.Body, `"n":2`, "the write that was under way is told of")
		tallies["told"] = "43 = 43 + 0"
		g.awaitTallies(t, tallies)

		g.kill(t)
		makeDue(t, s)
		g.well.Store(true)
		g.run(t)
		require.Equal(t, 1, g.finished(t, g.replay(t, "/dead-letters/replay", "")).Done)
		for name, id := range map[string]string{"dead": dead, "waits": waits} {
			calls := g.receiver.await(t, "/"+name, 2)
			require.Equal(t, id, calls[1].fact(t).ID)
			require.Equal(t, calls[0].Body, calls[1].Body)
		}
		g.awaitTallies(t, map[string]string{"told": "43 = 43 + 0", "dead": "2 = 1 + 1", "waits": "2 = 1 + 1"})
	})
}

// TestAtTheStartTheStoreIsMadeAsSmallAsItShouldBe: nobody has to change anything.
func TestAtTheStartTheStoreIsMadeAsSmallAsItShouldBe(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		g := newGranary(t, s, "retention 30d 64KiB\n")
		dead := g.store(t, "dead", 10)
		var settled []string
		for range 20 {
			settled = append(settled, g.store(t, "cats", 10_000))
		}
		tallies := map[string]string{"told": "21 = 21 + 0", "dead": "1 = 0 + 1", "waits": "0 = 0 + 0"}
		g.awaitTallies(t, tallies)
		g.stop(t)
		g.run(t)
		var left []string
		require.Eventually(t, func() bool {
			var bytes int
			left, bytes = g.stored(t)
			return bytes <= 64<<10
		}, 20*time.Second, 20*time.Millisecond)
		require.Equal(t, dead, left[0])
		require.NotEmpty(t, left[1:])
		require.Equal(t, settled[20-len(left[1:]):], left[1:])
		require.Equal(t, tallies, g.tallies(t))
	})
}

// TestWhatIsOlderThanTheRetentionGoes, with its rows of the log; what is younger
// stays with its own. What waits and what is dead has no age.
func TestWhatIsOlderThanTheRetentionGoes(t *testing.T) {
	t.Parallel()
	const between = 8 * time.Second
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		g := newGranary(t, s, "")
		dead, waits := g.store(t, "dead", 10), g.store(t, "waits", 10)
		g.store(t, "cats", 10)
		tallies := map[string]string{"told": "3 = 3 + 0", "dead": "1 = 0 + 1", "waits": "1 = 0 + 1"}
		g.awaitTallies(t, tallies)
		old := time.Now()
		time.Sleep(between) // which has to be more than a reload takes
		young := g.store(t, "cats", 10)
		tallies["told"] = "4 = 4 + 0"
		g.awaitTallies(t, tallies)

		g.retain(t, (time.Since(old) - 100*time.Millisecond).String())
		var left []string
		var log rows
		require.Eventually(t, func() bool {
			left, _ = g.stored(t)
			log = look[rows](t, g.desk, "/webhooks/logs")
			return len(left) <= 3 && log.Total <= 1
		}, 20*time.Second, 20*time.Millisecond)
		require.Equal(t, []string{dead, waits, young}, left)
		require.Len(t, log.Results, 1)
		require.True(t, log.Results[0].Created.After(old))
		require.Equal(t, tallies, g.tallies(t))

		g.well.Store(true)
		require.Equal(t, 1, g.finished(t, g.replay(t, "/dead-letters/replay", "")).Done)
		calls := g.receiver.await(t, "/dead", 2)
		require.Equal(t, calls[0].Body, calls[1].Body)
	})
}
