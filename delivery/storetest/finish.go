package storetest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var finishClauses = []clause{
	{"Done settles", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(done(h.one("a", "m")))
		d := h.where("a", "m")
		require.Equal(h, delivery.Delivered, d.State)
		require.Equal(h, 1, d.Attempts)
		require.True(h, d.Due.IsZero())
		require.True(h, h.none("a").IsZero())
	}},
	{"Retry is due again, and counts", func(h *harness) {
		h.append(message("m", "a"))
		due := time.Now().Add(brief)
		first := h.one("a", "m")
		h.finish(retry(first, due))
		d := h.where("a", "m")
		require.Equal(h, delivery.Pending, d.State)
		require.Equal(h, 1, d.Attempts)
		h.same(due, d.Due, "Due")
		l := h.one("a", "m")
		require.False(h, time.Now().Before(due.Add(-granularity)), "leased before it was due")
		require.Equal(h, 2, l.Attempt)
		h.same(first.First, l.First, "First stays")
	}},
	{"Retry with a zero time is due at once", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(retry(h.one("a", "m"), time.Time{}))
		require.Equal(h, 2, h.one("a", "m").Attempt)
	}},
	{"Restore does not count", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(delivery.Outcome{Lease: h.one("a", "m"), Verdict: delivery.Restore})
		l := h.one("a", "m")
		require.Equal(h, 1, l.Attempt)
		due := soon()
		h.finish(delivery.Outcome{Lease: l, Verdict: delivery.Restore, Due: due})
		h.same(due, h.none("a"), "next")
		require.Equal(h, 0, h.where("a", "m").Attempts)
		require.Equal(h, delivery.Stats{Pending: 1}, h.stats("a"))
	}},
	{"Bury makes a dead letter with its reason", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(bury(h.one("a", "m"), "gave up after 4 attempts"))
		d := h.where("a", "m")
		require.Equal(h, delivery.Dead, d.State)
		require.Equal(h, "gave up after 4 attempts", d.Reason)
		require.Equal(h, 1, d.Attempts)
		require.WithinDuration(h, time.Now(), d.Changed, h.suite.wait)
		require.True(h, h.none("a").IsZero())
	}},
	{"of a long reason 1024 bytes are kept", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(bury(h.one("a", "m"), strings.Repeat("x", 5000)))
		require.Equal(h, strings.Repeat("x", 1024), h.where("a", "m").Reason)
	}},
	{"an outcome without an attempt writes no row", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(delivery.Outcome{Lease: h.one("a", "m"), Verdict: delivery.Done})
		require.Equal(h, delivery.Stats{}, h.stats("a"))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"many outcomes in one call", func(h *harness) {
		h.append(message("m1", "a", "b"), message("m2", "a"), message("m3", "a"))
		a := h.take("a", 3)
		h.finish(done(a[0]), retry(a[1], soon()), bury(a[2], "no"), done(h.one("b", "m1")))
		require.Equal(h, delivery.Delivered, h.where("a", "m1").State)
		require.Equal(h, delivery.Pending, h.where("a", "m2").State)
		require.Equal(h, delivery.Dead, h.where("a", "m3").State)
		require.Equal(h, delivery.Delivered, h.where("b", "m1").State)
	}},
	{"nothing to finish is no error", func(h *harness) {
		h.finish()
	}},
	{"the outcome of a lost lease is only logged", func(h *harness) {
		h.append(message("m", "a"))
		lost := h.takeUntil("a", 1, time.Now())[0]
		kept := h.one("a", "m")
		for _, o := range []delivery.Outcome{done(lost), bury(lost, "late"), retry(lost, time.Time{})} {
			h.finish(o)
			require.Equal(h, delivery.Pending, h.where("a", "m").State)
			h.none("a")
		}
		st := h.stats("a")
		require.EqualValues(h, 3, st.Total, "each was an attempt")
		require.EqualValues(h, 1, st.Pending)
		h.finish(done(kept))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"a lease is finished once", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		h.finish(done(l))
		h.finish(bury(l, "too late"))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
		st := h.stats("a")
		require.EqualValues(h, 2, st.Total)
		require.EqualValues(h, 0, st.Dead)
	}},
	{"a lease of before a retry is lost after it", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		h.finish(retry(l, soon()))
		h.finish(done(l))
		require.Equal(h, delivery.Pending, h.where("a", "m").State)
	}},
}
