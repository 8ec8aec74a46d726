package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var purgeClauses = []clause{
	{"what is settled and older goes, with its rows", func(h *harness) {
		h.append(message("delivered", "a"), to("skipped", delivery.Target{Lane: "a", Skip: "x"}), message("discarded", "b"), message("bare"))
		h.finish(done(h.one("a", "delivered")))
		h.discard("b", "discarded", "no")
		require.Equal(h, 4, h.purge(time.Now().Add(time.Minute), 0))
		for _, id := range []string{"delivered", "skipped", "discarded", "bare"} {
			_, _, err := h.Message(h.ctx, source, id)
			require.ErrorIs(h, err, delivery.ErrNotFound, id)
		}
		rows, total := h.rows(delivery.AttemptQuery{})
		require.Empty(h, rows)
		require.Zero(h, total)
		_, total = h.rows(delivery.AttemptQuery{Lane: "a"})
		require.Zero(h, total)
		_, total = h.rows(delivery.AttemptQuery{Message: "delivered"})
		require.Zero(h, total)
		require.Empty(h, h.deliveries(delivery.DeliveryQuery{}))
		require.Zero(h, h.stats("a").Skipped)
	}},
	{"what is younger stays", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(done(h.one("a", "m")))
		require.Zero(h, h.purge(time.Now().Add(-time.Minute), 0))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
		_, total := h.rows(delivery.AttemptQuery{})
		require.EqualValues(h, 1, total)
	}},
	{"a zero time purges nothing by age", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(done(h.one("a", "m")))
		require.Zero(h, h.purge(time.Time{}, 0))
	}},
	{"what is pending or dead stays, in every lane", func(h *harness) {
		h.append(message("pending", "a", "b"), to("dead", delivery.Target{Lane: "c", Dead: "x"}), message("leased", "d"), to("later", delivery.Target{Lane: "e", Due: soon()}))
		h.finish(done(h.one("a", "pending")))
		l := h.one("d", "leased")
		require.Zero(h, h.purge(time.Now().Add(time.Minute), 1))
		require.Equal(h, delivery.Delivered, h.where("a", "pending").State)
		h.one("b", "pending")
		h.finish(done(l))
		h.replay("c", "dead", time.Time{})
		h.one("c", "dead")
		require.EqualValues(h, 1, h.stats("e").Pending)
	}},
	{"what was purged can be appended again", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(done(h.one("a", "m")))
		require.Equal(h, 1, h.purge(time.Now().Add(time.Minute), 0))
		h.append(message("m", "a"))
		h.one("a", "m")
	}},
	{"what was purged cannot be replayed", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		h.finish(done(l))
		require.Equal(h, 1, h.purge(time.Now().Add(time.Minute), 0))
		require.ErrorIs(h, h.Replay(h.ctx, "a", l.Message.Seq, time.Time{}), delivery.ErrNotFound)
		require.ErrorIs(h, h.Discard(h.ctx, "a", l.Message.Seq, "no"), delivery.ErrNotFound)
	}},
	{"a store that is too large loses the oldest", func(h *harness) {
		const n, size = 60, 10_000
		for i := range n {
			m := message(fmt.Sprint("m", i), "a")
			m.Event = []byte(`{"data":"` + strings.Repeat("x", size) + `"}`)
			h.append(m)
		}
		for _, l := range h.take("a", n) {
			h.finish(delivery.Outcome{Lease: l, Verdict: delivery.Done})
		}
		removed := h.purge(time.Time{}, n*size/2)
		require.Positive(h, removed)
		for i := range n {
			_, _, err := h.Message(h.ctx, source, fmt.Sprint("m", i))
			if i < removed {
				require.ErrorIs(h, err, delivery.ErrNotFound, "m%d of %d removed", i, removed)
				continue
			}
			require.NoError(h, err, "m%d of %d removed", i, removed)
		}
	}},
	{"holds stay", func(h *harness) {
		h.hold("h", time.Now().Add(-time.Hour))
		h.purge(time.Now().Add(time.Minute), 1)
		require.Len(h, h.holds(10), 1)
	}},
}

func (h *harness) purge(before time.Time, maxBytes int64) int {
	h.Helper()
	n, err := h.Purge(h.ctx, before, maxBytes)
	require.NoError(h, err)
	return n
}
