package redis

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

const testSource = "/register/test"

func message(id string, lanes ...string) delivery.Message {
	m := delivery.Message{ID: id, Source: testSource, Type: "test", Time: time.Now(), Event: []byte(`{"id":"` + id + `"}`)}
	for _, lane := range lanes {
		m.Targets = append(m.Targets, delivery.Target{Lane: lane})
	}
	return m
}

// load appends from several callers until it is stopped, and knows what was
// acknowledged.
type load struct {
	store *Store
	stop  context.CancelFunc
	done  sync.WaitGroup
	count atomic.Int64

	mu     sync.Mutex
	acked  []string
	failed int
}

func startLoad(t *testing.T, store *Store) *load {
	all := t.Context()
	ctx, cancel := context.WithCancel(all)
	l := &load{store: store, stop: cancel}
	for range 8 {
		l.done.Go(func() {
			for ctx.Err() == nil {
				id := fmt.Sprint("m", l.count.Add(1))
				l.note(id, l.write(all, id))
			}
		})
	}
	return l
}

// write appends; every second message comes by way of a hold.
func (l *load) write(ctx context.Context, id string) error {
	if id[len(id)-1]%2 == 0 {
		return l.store.Append(ctx, message(id, "a"))
	}
	if err := l.store.Hold(ctx, delivery.Hold{ID: id, Created: time.Now()}); err != nil {
		return err
	}
	return l.store.Release(ctx, id, message(id, "a"))
}

func (l *load) note(id string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.acked = append(l.acked, id)
		return
	}
	l.failed++
}

func (l *load) progress() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// more waits until more writes have been acknowledged.
func (l *load) more(t *testing.T, n int) {
	t.Helper()
	goal := l.progress() + n
	require.Eventually(t, func() bool { return l.progress() >= goal }, 20*time.Second, 5*time.Millisecond)
}

// drain leases and finishes all that is due in a lane, and counts what came.
func drain(t *testing.T, store *Store, lane string) map[string]int {
	t.Helper()
	got := map[string]int{}
	for {
		leases, _, err := store.Lease(t.Context(), lane, 500, time.Now().Add(time.Minute))
		require.NoError(t, err)
		if len(leases) == 0 {
			return got
		}
		var outcomes []delivery.Outcome
		for _, l := range leases {
			got[l.Message.ID]++
			outcomes = append(outcomes, delivery.Outcome{Lease: l, Verdict: delivery.Done})
		}
		require.NoError(t, store.Finish(t.Context(), outcomes...))
	}
}

func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	l := startLoad(t, store)
	for range 3 {
		l.more(t, 200)
		server.kill()
		time.Sleep(100 * time.Millisecond)
		server.start()
	}
	l.more(t, 200)
	l.stop()
	l.done.Wait()
	require.Zero(t, l.failed, "a short outage is not seen by callers")
	got := drain(t, store, "a")
	for _, id := range l.acked {
		require.Equal(t, 1, got[id], "%s was acknowledged", id)
	}
	holds, err := store.Holds(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, holds, "all were released")
}

func TestAPauseOfTheServerIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	l := startLoad(t, store)
	l.more(t, 100)
	server.signal(syscall.SIGSTOP)
	time.Sleep(2 * time.Second)
	server.signal(syscall.SIGCONT)
	l.more(t, 100)
	l.stop()
	l.done.Wait()
	require.Zero(t, l.failed)
	require.Len(t, drain(t, store, "a"), len(l.acked))
}

func TestAServerThatHangsHoldsUpOnlyTheFirstWrite(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config(), Options{Heartbeat: time.Hour})
	server.signal(syscall.SIGSTOP)
	var unavailable *UnavailableError
	require.ErrorAs(t, store.Append(t.Context(), message("first", "a")), &unavailable)
	begun := time.Now()
	for _, id := range []string{"second", "third", "fourth"} {
		require.ErrorAs(t, store.Append(t.Context(), message(id, "a")), &unavailable)
	}
	require.Less(t, time.Since(begun), 4500*time.Millisecond, "three of them take less than the wait of one")
	server.signal(syscall.SIGCONT)
	require.NoError(t, store.Append(t.Context(), message("fifth", "a")), "it is noticed by itself that the server is back")
}

func TestFlushedScriptsAreLoadedAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	c := server.client()
	defer c.Close()
	flush := func() { require.NoError(t, c.ScriptFlush(t.Context()).Err()) }
	flush()
	require.NoError(t, store.Append(t.Context(), message("m", "a")))
	flush()
	leases, _, err := store.Lease(t.Context(), "a", 1, time.Now().Add(time.Minute))
	require.NoError(t, err)
	require.Len(t, leases, 1)
	flush()
	require.NoError(t, store.Finish(t.Context(), delivery.Outcome{Lease: leases[0], Verdict: delivery.Done}))
	flush()
	_, deliveries, err := store.Message(t.Context(), testSource, "m")
	require.NoError(t, err)
	require.Equal(t, delivery.Delivered, deliveries[0].State)
}

func TestWatchSurvivesTheServer(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	store, other := server.open(t, config), server.open(t, config)
	told := make(chan string, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- store.Watch(ctx, func(lane string, _ time.Time) {
			select {
			case told <- lane:
			default:
			}
		})
	}()
	hears := func(lane string) {
		t.Helper()
		deadline := time.After(15 * time.Second)
		for {
			select {
			case got := <-told:
				if got == lane {
					return
				}
			case <-deadline:
				require.Fail(t, "nobody told", lane)
			}
		}
	}
	require.NoError(t, other.Append(t.Context(), message("m1", "before")))
	hears("before")
	server.kill()
	time.Sleep(200 * time.Millisecond)
	server.start()
	require.NoError(t, other.Append(t.Context(), message("m2", "after")))
	hears("after")

	// The subscription is back too: another's append is known sooner than by
	// polls alone, sooner or later.
	quick := false
	for i := 0; i < 20 && !quick; i++ {
		lane := fmt.Sprint("lane", i)
		start := time.Now()
		require.NoError(t, other.Append(t.Context(), message(lane, lane)))
		hears(lane)
		quick = time.Since(start) < 100*time.Millisecond
	}
	require.True(t, quick)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestAnOutageIsToldToCallersAndEndsByItself(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config(), Options{RetryFor: 200 * time.Millisecond})
	server.kill()
	var unavailable *UnavailableError
	require.ErrorAs(t, store.Append(t.Context(), message("m1", "a")), &unavailable)
	start := time.Now()
	require.ErrorAs(t, store.Append(t.Context(), message("m2", "a")), &unavailable)
	require.Less(t, time.Since(start), 150*time.Millisecond, "while it is known to be down callers do not wait")
	_, _, err := store.Lease(t.Context(), "a", 1, time.Now())
	require.ErrorAs(t, err, &unavailable)
	require.ErrorAs(t, store.Ping(t.Context()), &unavailable)
	server.start()
	require.Eventually(t, func() bool {
		return store.Append(t.Context(), message("m3", "a")) == nil
	}, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, drain(t, store, "a")["m3"])
}

func TestFullMemoryStoresNothingByHalf(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--maxmemory", "4mb")
	store := server.open(t, server.config())
	big := make([]byte, 64<<10)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		m := message(fmt.Sprint("m", n), "a", "b")
		m.Event = big
		err = store.Append(t.Context(), m)
	}
	var unavailable *UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.Equal(t, "OOM", unavailable.Code)
	require.ErrorContains(t, err, "OOM")

	_, _, err = store.Message(t.Context(), testSource, fmt.Sprint("m", n-1))
	require.ErrorIs(t, err, delivery.ErrNotFound, "the refused one is not there")
	st, err := store.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, n-1, st.Pending)

	c := server.client()
	defer c.Close()
	require.NoError(t, c.ConfigSet(t.Context(), "maxmemory", "0").Err())
	require.Len(t, drain(t, store, "a"), n-1)
	require.Len(t, drain(t, store, "b"), n-1)
	require.NoError(t, store.Append(t.Context(), message("again", "a")))
}
