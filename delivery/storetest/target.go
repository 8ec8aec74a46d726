package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var targetClauses = []clause{
	{"each lane gets its own delivery", func(h *harness) {
		h.append(message("m", "a", "b", "c"))
		h.finish(done(h.one("a", "m")), bury(h.one("b", "m"), "no"))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
		require.Equal(h, delivery.Dead, h.where("b", "m").State)
		require.Equal(h, delivery.Pending, h.where("c", "m").State)
	}},
	{"a delivery with a due time waits for it", func(h *harness) {
		due := time.Now().Add(300 * time.Millisecond)
		h.append(to("m", delivery.Target{Lane: "a", Due: due}))
		h.same(due, h.where("a", "m").Due, "Due")
		if next := h.none("a"); time.Now().Before(due) {
			h.same(due, next, "next")
		}
		l := h.one("a", "m")
		require.False(h, time.Now().Before(due.Add(-granularity)), "leased before it was due")
		h.same(due, l.First, "First")
	}},
	{"a due time that is past is at once", func(h *harness) {
		h.append(to("m", delivery.Target{Lane: "a", Due: time.Now().Add(-time.Hour)}))
		h.one("a", "m")
	}},
	{"a skipped one is recorded and not attempted", func(h *harness) {
		h.append(to("m", delivery.Target{Lane: "a", Skip: "the webhook is disabled"}))
		d := h.where("a", "m")
		require.Equal(h, delivery.Skipped, d.State)
		require.Equal(h, "the webhook is disabled", d.Reason)
		require.True(h, h.none("a").IsZero())
		require.Equal(h, delivery.Stats{Skipped: 1}, h.stats("a"))
	}},
	{"a dead one is a dead letter at once", func(h *harness) {
		h.append(to("m", delivery.Target{Lane: "a", Dead: "the mapping gave no JSON"}))
		d := h.where("a", "m")
		require.Equal(h, delivery.Dead, d.State)
		require.Equal(h, "the mapping gave no JSON", d.Reason)
		require.True(h, h.none("a").IsZero())
		require.Equal(h, delivery.Stats{Dead: 1}, h.stats("a"))
	}},
	{"skipped and dead ones do not hold up their key", func(h *harness) {
		h.append(
			to("m1", delivery.Target{Lane: "a", Key: "k", Skip: "disabled"}),
			to("m2", delivery.Target{Lane: "a", Key: "k", Dead: "unsendable"}),
			keyed("m3", "a", "k"),
		)
		h.one("a", "m3")
	}},
	{"one call may have all kinds", func(h *harness) {
		m := message("m")
		m.Targets = []delivery.Target{
			{Lane: "now"},
			{Lane: "later", Due: soon()},
			{Lane: "skip", Skip: "disabled"},
			{Lane: "dead", Dead: "unsendable"},
			{Lane: "key", Key: "k"},
		}
		h.append(m)
		h.one("now", "m")
		h.one("key", "m")
		for _, lane := range []string{"later", "skip", "dead"} {
			h.none(lane)
		}
		_, deliveries, err := h.Message(h.ctx, source, "m")
		require.NoError(h, err)
		require.Len(h, deliveries, 5)
	}},
}
