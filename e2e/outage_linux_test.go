package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// outage makes a store fail, and work again.
type outage struct {
	storage *storage
	begin   func(t testing.TB, g *gateway)
	end     func(t testing.TB, g *gateway)
}

// outages are those of both kinds of store: of the local one no file can be
// written any more, Redis is killed and started again.
func outages(t testing.TB) map[string]outage {
	t.Helper()
	redis := redisStorage(t)
	var before unix.Rlimit
	return map[string]outage{
		"local": {
			localStorage(t),
			func(t testing.TB, g *gateway) {
				t.Helper()
				require.NoError(t, unix.Prlimit(g.process.Process.Pid, unix.RLIMIT_FSIZE, nil, &before))
				require.NoError(t, unix.Prlimit(g.process.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 0, Max: before.Max}, nil))
			},
			func(t testing.TB, g *gateway) {
				t.Helper()
				require.NoError(t, unix.Prlimit(g.process.Process.Pid, unix.RLIMIT_FSIZE, &before, nil))
			},
		},
		"redis": {
			redis,
			func(testing.TB, *gateway) { redis.redis.kill() },
			func(t testing.TB, _ *gateway) { t.Helper(); redis.redis.start(t) },
		},
	}
}

// TestAWriteThatCannotBeKeptIsRefused while the store is down, and the register
// is not touched. When the store is back all goes on: what was told of before
// and not delivered, and what is written then.
func TestAWriteThatCannotBeKeptIsRefused(t *testing.T) {
	t.Parallel()
	for kind, o := range outages(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDepot(t, o.storage, []subscription{{name: "cats"}}, "")
			d.create(t, "cats", `{"n":1}`)
			d.told(t, "cats", 1)
			o.begin(t, d.gateway)
			for range 2 {
				got := send(t, http.MethodPost, d.URL+objectsOf("cats"), `{"n":2}`)
				require.Equal(t, http.StatusServiceUnavailable, got.Status, got.Body)
				require.Equal(t, "urn:voorpoort:problem:store_unavailable", got.problem(t).Type)
				require.NotEmpty(t, got.Header.Get("Retry-After"))
				require.Empty(t, got.ids())
			}
			require.Len(t, d.shelf.writes(objectsOf("cats")), 1, "a refused write has not reached the register")
			require.Equal(t, http.StatusOK, send(t, http.MethodGet, d.URL+objectsOf("cats")+"/new-1", "").Status, "reads need no store")
			o.end(t, d.gateway)
			require.Eventually(t, func() bool {
				return send(t, http.MethodPost, d.URL+objectsOf("cats"), `{"n":3}`).Status == http.StatusCreated
			}, 30*time.Second, 200*time.Millisecond, "the gateway does not find its store again")
			require.Contains(t, d.told(t, "cats", 2)[1].Body, `"n":3`)
			d.stop(t)
			hasNoHolds(t, o.storage.open(t))
		})
	}
}

// TestAWriteThatCannotBeKeptGoesOnWhenAllowed: it reaches the register, and what
// may be lost is said.
func TestAWriteThatCannotBeKeptGoesOnWhenAllowed(t *testing.T) {
	t.Parallel()
	for kind, o := range outages(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDepot(t, o.storage, []subscription{{name: "cats"}}, "on_store_down allow\n")
			d.create(t, "cats", `{"n":1}`)
			d.told(t, "cats", 1)
			o.begin(t, d.gateway)
			d.create(t, "cats", `{"n":2}`)
			require.Len(t, d.shelf.writes(objectsOf("cats")), 2)
			require.NotEmpty(t, d.logged("the store could not keep what has to be told about a write: events may be lost"))
			require.InDelta(t, 1, scrape(t, d.gateway)[`caddy_voorpoort_gaps_total{step="hold"}`], 0)
			o.end(t, d.gateway)
			d.create(t, "cats", `{"n":3}`)
			require.Eventually(t, func() bool { return len(d.receiver.at("/cats")) >= 2 }, 30*time.Second, 20*time.Millisecond)
			factsByID(t, d.receiver.at("/cats"))
		})
	}
}

// TestAWriteInFlightIsToldAfterTheOutage: the store goes down when the register
// is at work already. The write has happened, and its client hears so.
func TestAWriteInFlightIsToldAfterTheOutage(t *testing.T) {
	t.Parallel()
	for kind, o := range outages(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDepot(t, o.storage, []subscription{{name: "cats"}}, "")
			got, proceed := d.shelf.during(t, d.gateway, http.MethodPut, objectsOf("cats")+"/1", `{"n":1}`, "wait-after")
			o.begin(t, d.gateway)
			proceed()
			a := <-got
			require.Equal(t, http.StatusOK, a.Status, a.Body)
			require.Len(t, a.ids(), 1)
			require.Empty(t, d.receiver.at("/cats"))
			o.end(t, d.gateway)
			f := d.receiver.awaitFor(t, 40*time.Second, "/cats", 1)[0].fact(t)
			require.Equal(t, a.ids()[0], f.ID)
			require.False(t, f.Recovered, "the answer was seen")
			d.stop(t)
			hasNoHolds(t, o.storage.open(t))
		})
	}
}

// TestWritesAreSpooledWhileRedisIsAway, and told once when it is back.
func TestWritesAreSpooledWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDepot(t, s, []subscription{{name: "cats"}}, "on_store_down spool\n")
	d.create(t, "cats", `{"n":1}`)
	d.told(t, "cats", 1) // a delivery that is leased when Redis dies is due again after 45 s
	s.redis.kill()
	d.create(t, "cats", `{"n":2}`)
	d.create(t, "cats", `{"n":3}`)
	s.redis.start(t)
	d.receiver.awaitFor(t, 40*time.Second, "/cats", 3)
	d.create(t, "cats", `{"n":4}`)
	require.Len(t, factsByID(t, d.told(t, "cats", 4)), 4)
	d.stop(t)
	hasNoHolds(t, s.open(t))
}
