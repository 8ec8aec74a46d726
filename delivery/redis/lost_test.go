package redis

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func zero(member string) goredis.Z { return goredis.Z{Score: 0, Member: member} }

// cutter stands between a store and its server, and can lose answers: the server
// does what it is told, and the connection breaks before the store knows.
type cutter struct {
	listener net.Listener
	server   string
	lose     atomic.Int64 // how many answers are still to be lost
	lost     atomic.Int64
}

func startCutter(t *testing.T, s *server) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	c := &cutter{listener: l, server: s.addr()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go c.serve(conn)
		}
	}()
	return c
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		if c.lose.Add(-1) >= 0 {
			c.lost.Add(1)
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (c *cutter) config(s *server) Config {
	config := s.config()
	config.URL = "redis://" + c.listener.Addr().String()
	return config
}

// settle waits for the connections that the store keeps, so that the next answer
// is that of the next call.
func openThrough(t *testing.T, s *server, o Options) (*cutter, *Store) {
	c := startCutter(t, s)
	return c, s.open(t, c.config(s), o)
}

func TestAWriteWhoseAnswerIsLostIsDoneOnce(t *testing.T) {
	t.Parallel()
	cut, store := openThrough(t, startServer(t), Options{})
	hold := delivery.Hold{ID: "h", Created: time.Now()}
	cut.lose.Store(1)
	require.NoError(t, store.Hold(t.Context(), hold))
	cut.lose.Store(1)
	require.NoError(t, store.Release(t.Context(), "h", message("m", "a")), "its own caller does not hear that there is no hold")
	require.ErrorIs(t, store.Release(t.Context(), "h", message("n", "a")), delivery.ErrNoHold, "but a second release does")
	cut.lose.Store(1)
	require.NoError(t, store.Append(t.Context(), message("m2", "a")))

	leases, _, err := store.Lease(t.Context(), "a", 10, time.Now().Add(time.Minute))
	require.NoError(t, err)
	require.Len(t, leases, 2)
	cut.lose.Store(1)
	require.NoError(t, store.Finish(t.Context(), delivery.Outcome{
		Lease: leases[0], Verdict: delivery.Done, Attempt: &delivery.Attempt{Lane: "a", Message: "m", Success: true, Time: time.Now()},
	}))
	st, err := store.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, 1, st.Total, "the attempt is logged once")
	require.EqualValues(t, 1, st.Pending)
	require.EqualValues(t, 4, cut.lost.Load())
}

func TestAReleaseThatWasGivenUpCanBeRepeated(t *testing.T) {
	t.Parallel()
	cut, store := openThrough(t, startServer(t), Options{RetryFor: 50 * time.Millisecond})
	require.NoError(t, store.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	cut.lose.Store(100)
	var unavailable *UnavailableError
	require.ErrorAs(t, store.Release(t.Context(), "h", message("m", "a")), &unavailable)
	cut.lose.Store(0)
	require.NoError(t, store.Release(t.Context(), "h", message("m", "a")))
	require.Len(t, drain(t, store, "a"), 1)
	require.ErrorIs(t, store.Release(t.Context(), "h"), delivery.ErrNoHold)
}

func TestAHoldThatWasGivenUpIsDropped(t *testing.T) {
	t.Parallel()
	cut, store := openThrough(t, startServer(t), Options{RetryFor: 50 * time.Millisecond, Heartbeat: 300 * time.Millisecond})
	cut.lose.Store(100)
	require.Error(t, store.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	cut.lose.Store(0)
	require.Eventually(t, func() bool {
		holds, err := store.Holds(t.Context(), 10)
		return err == nil && len(holds) == 0
	}, 5*time.Second, 10*time.Millisecond, "nobody would ever settle it")
}

func TestOrphansWhoseAnswerIsLostAreGivenAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	cut := startCutter(t, server)
	config := cut.config(server)
	dead, err := Open(t.Context(), config, Options{})
	require.NoError(t, err)
	require.NoError(t, dead.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now()}))
	require.NoError(t, dead.Close())

	store := server.open(t, config, Options{RetryFor: 50 * time.Millisecond})
	cut.lose.Store(100)
	_, err = store.Orphans(t.Context(), 10)
	require.Error(t, err)
	cut.lose.Store(0)
	orphans, err := store.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	orphans, err = store.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, orphans)
}

func TestACallerThatGoesGetsItsContextsError(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config(), Options{Heartbeat: 300 * time.Millisecond})
	server.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, store.Hold(ctx, delivery.Hold{ID: "h", Created: time.Now()}), context.DeadlineExceeded)
	server.start()
	require.Eventually(t, func() bool {
		holds, err := store.Holds(t.Context(), 10)
		store.unsure.mu.Lock()
		defer store.unsure.mu.Unlock()
		return err == nil && len(holds) == 0 && len(store.unsure.holds) == 0
	}, 10*time.Second, 10*time.Millisecond)
}

func TestAFinishThatWasGivenUpIsLoggedOnce(t *testing.T) {
	t.Parallel()
	verdicts := map[string]delivery.Verdict{"delivered": delivery.Done, "to be tried again": delivery.Retry, "dead": delivery.Bury}
	for name, verdict := range verdicts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut, store := openThrough(t, startServer(t), Options{RetryFor: 50 * time.Millisecond})
			require.NoError(t, store.Append(t.Context(), message("m", "a", "b")))
			for _, lane := range []string{"a", "b"} {
				leases, _, err := store.Lease(t.Context(), lane, 1, time.Now().Add(time.Minute))
				require.NoError(t, err)
				end := delivery.Outcome{
					Lease: leases[0], Verdict: verdict, Due: time.Now(), Reason: "no answer",
					Attempt: &delivery.Attempt{Lane: lane, Message: "m", Number: 1, Success: verdict == delivery.Done, Time: time.Now()},
				}
				cut.lose.Store(100)
				var unavailable *UnavailableError
				require.ErrorAs(t, store.Finish(t.Context(), end), &unavailable)
				cut.lose.Store(0)
				require.NoError(t, store.Finish(t.Context(), end), "the engine says it again")

				later := end
				later.Attempt = &delivery.Attempt{Lane: lane, Message: "m", Number: 1, Time: end.Attempt.Time.Add(time.Microsecond)}
				st, err := store.Stats(t.Context(), lane)
				require.NoError(t, err)
				require.EqualValues(t, 1, st.Total, "counted once")
				require.NoError(t, store.Finish(t.Context(), later), "another call of a lease that is over")
				st, err = store.Stats(t.Context(), lane)
				require.NoError(t, err)
				require.EqualValues(t, 2, st.Total, "is in the log as well")
			}
		})
	}
}
