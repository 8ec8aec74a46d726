package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var watchClauses = []clause{
	{"it tells of what is there when it starts", func(h *harness) {
		due := soon()
		h.append(message("m", "a"), to("n", delivery.Target{Lane: "b", Due: due}), to("o", delivery.Target{Lane: "dead", Dead: "x"}))
		w := h.watch()
		w.told("a", time.Now())
		w.told("b", due)
		w.silent("dead")
	}},
	{"and of what is leased, by the end of the lease", func(h *harness) {
		h.append(message("m", "a"))
		until := soon()
		h.takeUntil("a", 1, until)
		h.watch().told("a", until)
	}},
	{"it tells of appends", func(h *harness) {
		w := h.watch()
		for i := range 10 {
			lane := fmt.Sprint("lane", i)
			h.append(message(fmt.Sprint("m", i), lane))
			w.told(lane, time.Now())
			h.take(lane, 1)
		}
	}},
	{"and of each append to a lane that was emptied", func(h *harness) {
		w := h.watch()
		for i := range 10 {
			h.append(message(fmt.Sprint("m", i), "a"))
			w.told("a", time.Now())
			h.finish(done(h.take("a", 1)[0]))
			w.forget()
		}
	}},
	{"and of messages of a hold", func(h *harness) {
		w := h.watch()
		h.hold("h", time.Now())
		require.NoError(h, h.Release(h.ctx, "h", message("m", "a")))
		w.told("a", time.Now())
	}},
	{"with the exact time", func(h *harness) {
		w := h.watch()
		for _, wait := range []time.Duration{3 * time.Hour, 2 * time.Hour, time.Hour} {
			due := time.Now().Add(wait)
			h.append(to(wait.String(), delivery.Target{Lane: "a", Due: due}))
			w.told("a", due)
		}
	}},
	{"and of retries", func(h *harness) {
		h.append(message("m", "a"), message("n", "a"))
		l := h.take("a", 2)
		w := h.watch()
		due := time.Now().Add(30 * time.Minute)
		h.finish(retry(l[0], due))
		w.told("a", due)
		h.finish(retry(l[1], time.Time{}))
		w.told("a", time.Now())
	}},
	{"and of what was restored", func(h *harness) {
		h.append(message("m", "a"))
		l := h.take("a", 1)[0]
		w := h.watch()
		h.finish(delivery.Outcome{Lease: l, Verdict: delivery.Restore})
		w.told("a", time.Now())
	}},
	{"and of the next of a key", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"))
		l := h.one("a", "m1")
		w := h.watch()
		h.finish(done(l))
		w.told("a", time.Now())
		l = h.one("a", "m2")
		w.forget()
		h.finish(bury(l, "no"))
		w.told("a", time.Now())
	}},
	{"and of a replay", func(h *harness) {
		h.append(to("m", delivery.Target{Lane: "a", Dead: "x"}))
		w := h.watch()
		require.NoError(h, h.Replay(h.ctx, "a", h.where("a", "m").Seq, time.Time{}))
		w.told("a", time.Now())
		require.NoError(h, h.Replay(h.ctx, "new", h.where("a", "m").Seq, time.Time{}))
		w.told("new", time.Now())
	}},
	{"soon enough for a lease at the time that was told", func(h *harness) {
		w := h.watch()
		due := time.Now().Add(100 * time.Millisecond)
		h.append(to("m", delivery.Target{Lane: "a", Due: due}))
		w.told("a", due)
		h.eventually("due", func() bool { return !time.Now().Before(due) })
		h.one("a", "m")
	}},
	{"each watcher is told", func(h *harness) {
		w1, w2 := h.watch(), h.watch()
		h.append(message("m", "a"))
		w1.told("a", time.Now())
		w2.told("a", time.Now())
	}},
	{"it returns when its context ends", func(h *harness) {
		ctx, cancel := context.WithCancel(h.ctx)
		ended := make(chan error, 1)
		go func() { ended <- h.Watch(ctx, func(string, time.Time) {}) }()
		cancel()
		select {
		case err := <-ended:
			require.ErrorIs(h, err, context.Canceled)
		case <-time.After(h.suite.wait):
			require.Fail(h, "Watch goes on")
		}
	}},
}

// watcher collects what Watch tells.
type watcher struct {
	h     *harness
	mu    sync.Mutex
	news  map[string][]time.Time
	inUse bool
}

func (h *harness) watch() *watcher {
	h.Helper()
	w := &watcher{h: h, news: map[string][]time.Time{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.ctx))
	ended := make(chan error, 1)
	go func() { ended <- h.Watch(ctx, w.found) }()
	h.Cleanup(func() {
		cancel()
		require.ErrorIs(h, <-ended, context.Canceled)
	})
	return w
}

func (w *watcher) found(lane string, due time.Time) {
	w.mu.Lock()
	overlaps := w.inUse
	w.inUse = true
	w.mu.Unlock()
	if overlaps {
		w.h.Error("calls of found overlap")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.news[lane] = append(w.news[lane], due)
	w.inUse = false
}

// told waits until a lane was told of with a time that is not after this one.
func (w *watcher) told(lane string, due time.Time) {
	w.h.Helper()
	due = due.Add(granularity)
	w.h.eventually("Watch tells of lane "+lane, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, t := range w.news[lane] {
			if !t.After(due) {
				return true
			}
		}
		return false
	})
}

func (w *watcher) silent(lane string) {
	w.h.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Empty(w.h, w.news[lane])
}

// forget drops what was told until now.
func (w *watcher) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.news)
}
