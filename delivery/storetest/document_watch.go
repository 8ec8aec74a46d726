package storetest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// second is how long a change of a document may stay unknown to gateways, with
// some more for a busy machine.
const second = 2 * time.Second

var documentWatchClauses = []clause{
	{"a watcher is told at the start, and of each change", func(h *harness) {
		h.put(delivery.Document{Kind: "webhook", Key: "old"})
		w := h.watchDocuments()
		w.sees("old")
		d := h.put(delivery.Document{Kind: "webhook", Key: "new"})
		w.sees("old", "new")
		d.Data = []byte("changed")
		h.put(d)
		w.seesData("new", "changed")
		require.NoError(h, h.RemoveDocument(h.ctx, "webhook", "old", 0))
		w.sees("new")
	}},
	{"also when there is nothing yet", func(h *harness) {
		h.watchDocuments().sees()
	}},
	{"every watcher is told", func(h *harness) {
		first, other := h.watchDocuments(), h.watchDocuments()
		h.put(delivery.Document{Kind: "webhook", Key: "k"})
		first.sees("k")
		other.sees("k")
	}},
	{"calls do not overlap, and a slow one misses no change", func(h *harness) {
		var calls, running atomic.Int32
		ctx, cancel := context.WithCancel(h.ctx)
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			ended <- h.WatchDocuments(ctx, func() {
				if running.Add(1) > 1 {
					h.Error("two calls at a time")
				}
				time.Sleep(20 * time.Millisecond)
				running.Add(-1)
				calls.Add(1)
			})
		}()
		h.eventually("it begins", func() bool { return calls.Load() > 0 })
		for range 10 {
			h.put(h.revised("k"))
		}
		before := calls.Load()
		h.put(h.revised("k"))
		h.within(func() bool { return calls.Load() > before })
		cancel()
		require.ErrorIs(h, <-ended, context.Canceled)
	}},
	{"it is quiet while nothing changes", func(h *harness) {
		var calls atomic.Int32
		ctx, cancel := context.WithCancel(h.ctx)
		defer cancel()
		go func() { _ = h.WatchDocuments(ctx, func() { calls.Add(1) }) }()
		h.eventually("it begins", func() bool { return calls.Load() > 0 })
		time.Sleep(100 * time.Millisecond)
		h.append(message("m", "a"))
		time.Sleep(100 * time.Millisecond)
		require.LessOrEqual(h, calls.Load(), int32(2))
	}},
}

// peerDocumentClauses are about gateways that share documents.
var peerDocumentClauses = []clause{
	{"a change of one is known to the other within a second", func(h *harness) {
		p := h.other()
		w := p.watchDocuments()
		w.sees()
		d := h.put(delivery.Document{Kind: "webhook", Key: "k", Data: []byte("1")})
		w.sees("k")
		d.Data = []byte("2")
		h.put(d)
		w.seesData("k", "2")
		require.NoError(h, p.RemoveDocument(h.ctx, "webhook", "k", 0))
		require.Empty(h, h.list("webhook"))
	}},
	{"of two that make one key at once, one does", func(h *harness) {
		p := h.other()
		var made atomic.Int32
		h.each(16, func(i int) error {
			_, err := []*harness{h, p}[i%2].PutDocument(h.ctx, delivery.Document{Kind: "webhook", Key: "k"})
			return count(&made, err, delivery.ErrExists)
		})
		require.EqualValues(h, 1, made.Load())
		require.Equal(h, h.keys("webhook"), p.keys("webhook"))
	}},
	{"of two that replace one revision at once, one does", func(h *harness) {
		p := h.other()
		h.put(delivery.Document{Kind: "webhook", Key: "k"})
		for range 10 {
			var won atomic.Int32
			d := p.single()
			h.each(8, func(i int) error {
				_, err := []*harness{h, p}[i%2].PutDocument(h.ctx, d)
				return count(&won, err, delivery.ErrChanged)
			})
			require.EqualValues(h, 1, won.Load())
		}
	}},
	{"numbers are not given twice", func(h *harness) {
		p := h.other()
		h.each(20, func(i int) error {
			_, err := []*harness{h, p}[i%2].PutDocument(h.ctx, delivery.Document{Kind: "webhook", Key: string(rune('a' + i))})
			return err
		})
		all := h.list("webhook")
		require.Len(h, all, 20)
		for i := range all[1:] {
			require.Less(h, all[i].Number, all[i+1].Number)
		}
	}},
}

// documentWatcher lists the documents whenever it is told that it should.
type documentWatcher struct {
	h    *harness
	last atomic.Pointer[[]delivery.Document]
}

func (h *harness) watchDocuments() *documentWatcher {
	h.Helper()
	w := &documentWatcher{h: h}
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = h.WatchDocuments(ctx, func() {
			if all, err := h.Documents(ctx, "webhook"); err == nil {
				w.last.Store(&all)
			}
		})
	}()
	h.Cleanup(func() {
		cancel()
		<-ended
	})
	return w
}

// sees waits until the watcher knows exactly these.
func (w *documentWatcher) sees(keys ...string) {
	w.h.Helper()
	w.h.within(func() bool {
		all := w.last.Load()
		if all == nil || len(*all) != len(keys) {
			return false
		}
		for i, d := range *all {
			if d.Key != keys[i] {
				return false
			}
		}
		return true
	})
}

// seesData waits until the watcher knows a document with these data.
func (w *documentWatcher) seesData(key, data string) {
	w.h.Helper()
	w.h.within(func() bool {
		for _, d := range *w.last.Load() {
			if d.Key == key && string(d.Data) == data {
				return true
			}
		}
		return false
	})
}

// within waits for what has to be known within a second.
func (h *harness) within(is func() bool) {
	h.Helper()
	require.Eventually(h, is, second, 2*time.Millisecond, "known within a second")
}

// revised gives a document to be stored once more: with the revision that it
// has, if there is one.
func (h *harness) revised(key string) delivery.Document {
	h.Helper()
	for _, d := range h.list("webhook") {
		if d.Key == key {
			return d
		}
	}
	return delivery.Document{Kind: "webhook", Key: key}
}
