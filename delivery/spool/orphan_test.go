package spool

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/redis"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// TestOrphansThatTheSpoolSettlesAreNotGivenOut: the gateway that held them was
// killed, and its records say what became of their writes.
func TestOrphansThatTheSpoolSettlesAreNotGivenOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far, near := &shared{Store: storetest.NewMemory()}, &claimed{Store: storetest.NewMemory()}
		gone := &claimed{Store: far}
		s, err := New(gone, near, Options{Aside: t.TempDir(), Down: func(err error) bool { return errors.Is(err, errDown) }})
		require.NoError(t, err)
		for _, id := range []string{"told", "dropped", "unknown", probePrefix + "x"} {
			require.NoError(t, far.Hold(t.Context(), delivery.Hold{ID: id}))
			gone.orphans = append(gone.orphans, delivery.Hold{ID: id})
		}
		// The records of a former life: the shared store does not know these holds
		// as this gateway's, so they end when they are claimed.
		far.down.Store(true)
		require.NoError(t, s.keep(t.Context(), record{Hold: "told", Messages: []delivery.Message{message("1")}}))
		require.NoError(t, s.keep(t.Context(), record{Hold: "dropped"}))
		orphans, err := s.Orphans(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []delivery.Hold{{ID: "unknown"}}, orphans)
		far.down.Store(false)
		settled()
		require.Equal(t, []string{"1"}, far.told())
		_, err = s.Orphans(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []string{"unknown"}, holds(t, far))
		require.NoError(t, s.Close())
	})
}

// givenBack is a shared store that others use as well.
type givenBack struct {
	delivery.Store
	holds []string
}

func (g *givenBack) Disclaim(_ context.Context, hold string) error {
	g.holds = append(g.holds, hold)
	return nil
}

// TestOnlyHoldsOfTheSharedStoreAreGivenBack: nobody else can have the local ones.
func TestOnlyHoldsOfTheSharedStoreAreGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		all := &givenBack{Store: far}
		s, err := New(all, storetest.NewMemory(), Options{Aside: t.TempDir(), Down: func(err error) bool { return errors.Is(err, errDown) }})
		require.NoError(t, err)
		far.down.Store(true)
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "here"}))
		require.ErrorIs(t, s.Disclaim(t.Context(), "here"), errors.ErrUnsupported)
		require.NoError(t, s.Disclaim(t.Context(), "there"))
		require.Equal(t, []string{"there"}, all.holds)
		require.NoError(t, s.Close())

		s, err = New(far, storetest.NewMemory(), Options{Aside: t.TempDir(), Down: func(err error) bool { return errors.Is(err, errDown) }})
		require.NoError(t, err)
		require.ErrorIs(t, s.Disclaim(t.Context(), "there"), errors.ErrUnsupported, "the shared store has no others")
		require.NoError(t, s.Close())
	})
}

// server starts a Redis that keeps everything, and gives its address and what
// ends it. start may be called again after that.
func server(t *testing.T) (address string, start, kill func()) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is needed for these tests")
		}
		t.Skip("redis-server is not installed")
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = l.Addr().String()
	require.NoError(t, l.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	folder := t.TempDir()
	var process *exec.Cmd
	start = func() {
		process = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "",
			"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--proto-max-bulk-len", "1mb",
			"--logfile", filepath.Join(folder, "log"))
		require.NoError(t, process.Start())
		require.Eventually(t, func() bool {
			c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err == nil {
				_ = c.Close()
			}
			return err == nil
		}, 20*time.Second, 10*time.Millisecond)
	}
	kill = func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	}
	start()
	t.Cleanup(func() { kill() })
	return address, start, kill
}

// beside opens a spool beside a Redis whose gateways are missed soon.
func beside(t *testing.T, address, folder string) (*Store, *redis.Store) {
	t.Helper()
	far, err := redis.Open(t.Context(), redis.Config{URL: "redis://" + address},
		redis.Options{Heartbeat: time.Second, RetryFor: 100 * time.Millisecond})
	require.NoError(t, err)
	near, err := local.Open(folder, local.Options{})
	require.NoError(t, err)
	s, err := New(far, near, Options{Aside: filepath.Join(folder, "aside"), Down: func(err error) bool {
		var down *redis.UnavailableError
		return errors.As(err, &down)
	}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, far
}

// has is whether a store has a message.
func has(t *testing.T, s delivery.Store, id string) bool {
	t.Helper()
	_, _, err := s.Message(t.Context(), "urn:test", id)
	return err == nil
}

// TestAHoldInRedisEndsWithItsRecordInTheSpool: held before the outage, settled
// during it.
func TestAHoldInRedisEndsWithItsRecordInTheSpool(t *testing.T) {
	t.Parallel()
	address, start, kill := server(t)
	s, far := beside(t, address, t.TempDir())
	for _, id := range []string{"told", "dropped"} {
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: id, Created: time.Now(), Intent: []byte("{}")}))
	}
	kill()
	require.NoError(t, s.Release(t.Context(), "told", message("1")))
	require.NoError(t, s.Release(t.Context(), "dropped"))
	require.EqualValues(t, 2, s.Waiting())
	start()
	require.Eventually(t, func() bool { return s.Waiting() == 0 }, 20*time.Second, 10*time.Millisecond)
	require.True(t, has(t, far, "1"))
	require.Empty(t, holds(t, s))
	stats, err := far.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, 1, stats.Pending, "once")
}

// TestAHoldInRedisOfAGatewayThatWasKilled while it kept the event for itself: the
// next one knows by its spool what became of the write, and asks nobody.
func TestAHoldInRedisOfAGatewayThatWasKilled(t *testing.T) {
	t.Parallel()
	address, start, kill := server(t)
	folder := t.TempDir()
	killed, _ := beside(t, address, folder)
	require.NoError(t, killed.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("{}")}))
	kill()
	require.NoError(t, killed.Release(t.Context(), "h", message("1")))
	require.NoError(t, killed.Close())
	start()
	s, far := beside(t, address, folder)
	require.Eventually(t, func() bool { return s.Waiting() == 0 }, 20*time.Second, 10*time.Millisecond)
	require.True(t, has(t, far, "1"))
	require.Eventually(t, func() bool {
		orphans, err := s.Orphans(t.Context(), 10)
		for _, h := range orphans {
			t.Errorf("%s is given out", h.ID)
		}
		return err == nil && len(holds(t, s)) == 0
	}, 20*time.Second, 100*time.Millisecond, "the hold of the killed gateway stays")
	stats, err := far.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, 1, stats.Pending, "once")
}

// TestAnEventThatRedisDoesNotTake breaks the connection: it is larger than the
// server reads.
func TestAnEventThatRedisDoesNotTake(t *testing.T) {
	t.Parallel()
	address, _, _ := server(t)
	folder := t.TempDir()
	s, far := beside(t, address, folder)
	huge := message("huge")
	huge.Event = make([]byte, 2<<20)
	require.NoError(t, s.keep(t.Context(), record{Messages: []delivery.Message{huge}}))
	require.NoError(t, s.Append(t.Context(), message("1")))
	require.Eventually(t, func() bool { return s.Waiting() == 0 }, 60*time.Second, 10*time.Millisecond)
	require.True(t, has(t, far, "1"))
	require.False(t, has(t, far, "huge"))
	n, err := Aside(filepath.Join(folder, "aside"))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
