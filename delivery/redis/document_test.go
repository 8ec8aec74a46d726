package redis

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func webhook(key string) delivery.Document {
	return delivery.Document{Kind: "webhook", Key: key, Data: []byte(`{"key":"` + key + `"}`)}
}

// counter counts the calls of a watcher of documents.
type counter struct{ calls atomic.Int64 }

func watchDocuments(t *testing.T, store *Store) *counter {
	t.Helper()
	c := &counter{}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- store.WatchDocuments(ctx, func() { c.calls.Add(1) }) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	require.Eventually(t, func() bool { return c.calls.Load() == 1 }, 5*time.Second, time.Millisecond, "once at the start")
	return c
}

// more waits for another call, and gives how long that took.
func (c *counter) more(t *testing.T, than int64) time.Duration {
	t.Helper()
	start := time.Now()
	require.Eventually(t, func() bool { return c.calls.Load() > than }, 15*time.Second, time.Millisecond)
	return time.Since(start)
}

func TestDocumentsThatWereAcknowledgedAreThereAfterTheServerIsKilled(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	var mu sync.Mutex
	kept := map[string]uint64{}
	all := t.Context()
	ctx, stop := context.WithCancel(all)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				d, err := store.PutDocument(all, webhook(fmt.Sprint(w, "-", i)))
				if err == nil {
					d, err = store.PutDocument(all, d)
				}
				if err == nil && i%3 == 0 {
					err = store.RemoveDocument(all, d.Kind, d.Key, d.Revision)
				}
				if err != nil {
					t.Error("an outage is no conflict", err)
					return
				}
				mu.Lock()
				if i%3 != 0 {
					kept[d.Key] = d.Revision
				}
				mu.Unlock()
			}
		})
	}
	for range 3 {
		time.Sleep(200 * time.Millisecond)
		server.kill()
		server.start()
	}
	time.Sleep(100 * time.Millisecond)
	stop()
	writers.Wait()
	require.NotEmpty(t, kept)
	list, err := store.Documents(all, "webhook")
	require.NoError(t, err)
	require.Len(t, list, len(kept))
	for _, d := range list {
		require.Equal(t, kept[d.Key], d.Revision, d.Key)
	}
}

func TestAWatcherOfDocumentsSurvivesTheServer(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	store, other := server.open(t, config), server.open(t, config)
	c := watchDocuments(t, store)
	_, err := other.PutDocument(t.Context(), webhook("before"))
	require.NoError(t, err)
	require.Less(t, c.more(t, 1), time.Second)

	server.kill()
	time.Sleep(600 * time.Millisecond) // a look at least fails
	calls := c.calls.Load()
	server.start()
	require.Less(t, c.more(t, calls), 10*time.Second, "it is told when the store is back")

	_, err = other.PutDocument(t.Context(), webhook("after"))
	require.NoError(t, err)
	quick := false
	for i := 0; i < 20 && !quick; i++ { // the subscription comes back too
		calls = c.calls.Load()
		_, err = other.PutDocument(t.Context(), webhook(fmt.Sprint("k", i)))
		require.NoError(t, err)
		took := c.more(t, calls)
		require.Less(t, took, time.Second)
		quick = took < 100*time.Millisecond
		time.Sleep(20 * time.Millisecond)
	}
	require.True(t, quick)
}

// A user who may not publish changes documents all the same; others look.
func TestAChangeIsKnownWithinASecondWithoutANotification(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	config := server.config()
	admin := server.client()
	defer admin.Close()
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "mute", "on", "nopass", "~*", "&*", "+@all", "-publish").Err())
	store := server.open(t, config)
	config.Username, config.Password = "mute", "x"
	mute := server.open(t, config)
	c := watchDocuments(t, store)
	_, err := mute.PutDocument(t.Context(), webhook("k"))
	require.NoError(t, err)
	require.Less(t, c.more(t, 1), time.Second)
}

func TestADocumentIsChangedOnce(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	change := func(op uint64, what, key, revision string) []any {
		t.Helper()
		answer, err := store.run(t.Context(), documentScript, store.owner, op, what, "webhook", key, revision, "{}")
		require.NoError(t, err)
		return answer[1:]
	}
	first := change(7, "put", "a", "0")
	require.EqualValues(t, documentDone, first[0])
	require.Equal(t, first, change(7, "put", "a", "0"), "the same operation again, as after a lost answer")
	require.EqualValues(t, documentLate, change(6, "put", "b", "0")[0], "one that was under way when its caller gave up")
	require.EqualValues(t, documentExists, change(8, "put", "a", "0")[0])
	removed := change(9, "remove", "a", "0")
	require.EqualValues(t, documentDone, removed[0])
	require.Equal(t, removed, change(9, "remove", "a", "0"))
	require.EqualValues(t, documentMissing, change(10, "remove", "a", "0")[0])
}

func TestDocumentsInFullMemory(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--maxmemory", "6mb")
	store := server.open(t, server.config())
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		d := webhook(fmt.Sprint("k", n))
		d.Data = make([]byte, 256<<10)
		_, err = store.PutDocument(t.Context(), d)
	}
	var unavailable *UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.Equal(t, "OOM", unavailable.Code)
	all, err := store.Documents(t.Context(), "webhook")
	require.NoError(t, err)
	require.Len(t, all, n-1, "the refused one is not there by half")
	require.NoError(t, store.RemoveDocument(t.Context(), "webhook", "k0", 0), "removing makes room")
}

func TestManyLargeDocumentsAreListedInParts(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	put := func(key string, size int) {
		_, err := store.PutDocument(t.Context(), delivery.Document{Kind: "large", Key: key, Data: make([]byte, size)})
		require.NoError(t, err)
	}
	for i := range 30 {
		put(fmt.Sprint("l", i), 1<<20) // more than one answer may have
	}
	for i := range 2100 {
		put(fmt.Sprint("s", i), 1)
	}
	all, err := store.Documents(t.Context(), "large")
	require.NoError(t, err)
	require.Len(t, all, 2130)
	for i, d := range all {
		require.EqualValues(t, i+1, d.Number)
	}
}

func TestAWatcherEndsWithTheStore(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	ended := make(chan error, 1)
	begun := make(chan struct{}, 1)
	go func() { ended <- store.WatchDocuments(t.Context(), func() { begun <- struct{}{} }) }()
	<-begun
	require.NoError(t, store.Close())
	require.ErrorIs(t, <-ended, ErrClosed)
	require.ErrorIs(t, store.WatchDocuments(t.Context(), func() {}), ErrClosed)
	_, err := store.PutDocument(t.Context(), webhook("k"))
	require.ErrorIs(t, err, ErrClosed)
}

func TestAChangeWaitsForItsTurnNoLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	store.documents.turn <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := store.PutDocument(ctx, webhook("k"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	<-store.documents.turn
	_, err = store.PutDocument(t.Context(), webhook("k"))
	require.NoError(t, err)
}

func TestWhatIsNoDocumentIsAnError(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	c := server.client()
	defer c.Close()
	require.NoError(t, c.HSet(t.Context(), store.anchor+"doc:webhook", "k", "short").Err())
	require.NoError(t, c.ZAdd(t.Context(), store.anchor+"docs:webhook", zero("k")).Err())
	_, err := store.Documents(t.Context(), "webhook")
	require.NoError(t, err, "its number, 0, is none")
	require.NoError(t, c.ZIncrBy(t.Context(), store.anchor+"docs:webhook", 1, "k").Err())
	_, err = store.Documents(t.Context(), "webhook")
	require.ErrorIs(t, err, errStored)
}
