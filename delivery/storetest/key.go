package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var keyClauses = []clause{
	{"one at a time, in the order of Seq", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"))
		for _, id := range []string{"m1", "m2", "m3"} {
			l := h.one("a", id)
			h.same(l.Until, h.none("a"), "next is the end of the one lease")
			h.finish(done(l))
		}
		require.True(h, h.none("a").IsZero())
	}},
	{"also when more is asked for at once", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), message("free", "a"))
		require.ElementsMatch(h, []string{"m1", "free"}, ids(h.take("a", 2)))
		h.none("a")
	}},
	{"keys go side by side", func(h *harness) {
		for i := range 3 {
			for _, key := range []string{"x", "y", "xy"} {
				h.append(keyed(fmt.Sprint(key, i), "a", key))
			}
		}
		require.ElementsMatch(h, []string{"x0", "y0", "xy0"}, ids(h.take("a", 3)))
		h.none("a")
	}},
	{"the same key of another lane is another key", func(h *harness) {
		m := message("m1")
		m.Targets = []delivery.Target{{Lane: "a", Key: "k"}, {Lane: "b", Key: "k"}}
		h.append(m, keyed("m2", "b", "k"))
		h.finish(done(h.one("b", "m1")))
		h.one("b", "m2")
		h.one("a", "m1")
	}},
	{"those behind are waiting", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"))
		require.False(h, h.where("a", "m1").Waiting)
		d := h.where("a", "m2")
		require.True(h, d.Waiting)
		require.Equal(h, delivery.Pending, d.State)
		require.Equal(h, "k", d.Key)
		h.finish(done(h.one("a", "m1")))
		require.False(h, h.where("a", "m2").Waiting)
	}},
	{"a retry holds up its key", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("other", "a", "o"))
		leases := h.take("a", 2)
		due := time.Now().Add(brief)
		for _, l := range leases {
			if l.Message.ID == "m1" {
				h.finish(retry(l, due))
			}
		}
		l := h.one("a", "m1")
		require.False(h, time.Now().Before(due.Add(-granularity)))
		h.none("a")
		h.finish(done(l))
		h.one("a", "m2")
	}},
	{"one that is due later holds up those behind it", func(h *harness) {
		due := soon()
		h.append(to("m1", delivery.Target{Lane: "a", Key: "k", Due: due}), keyed("m2", "a", "k"))
		h.same(due, h.none("a"), "next")
	}},
	{"a lease that ended holds up its key", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"))
		h.takeUntil("a", 1, time.Now())
		h.one("a", "m1")
		h.none("a")
	}},
	{"a dead letter lets the next go", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"))
		h.finish(bury(h.one("a", "m1"), "no"))
		h.one("a", "m2")
	}},
	{"a parked one does not, until it is replayed", func(h *harness) {
		seq := h.parked()
		require.NoError(h, h.Replay(h.ctx, "a", seq, time.Time{}))
		l := h.one("a", "m1")
		require.Equal(h, 1, l.Attempt)
		require.True(h, l.Replayed)
		h.none("a")
		h.finish(done(l))
		h.one("a", "m2")
	}},
	{"or discarded", func(h *harness) {
		seq := h.parked()
		require.NoError(h, h.Discard(h.ctx, "a", seq, "given up"))
		h.finish(done(h.one("a", "m2")))
		h.one("a", "m3")
	}},
	{"park without a key holds up nothing", func(h *harness) {
		h.append(message("m1", "a"), message("m2", "a"))
		o := bury(h.one("a", "m1"), "no")
		o.Park = true
		h.finish(o)
		h.one("a", "m2")
	}},
	{"what is appended behind a parked one waits too", func(h *harness) {
		h.parked()
		h.append(keyed("m4", "a", "k"))
		h.none("a")
		require.True(h, h.where("a", "m4").Waiting)
	}},
	{"a replayed one waits for the call that is under way", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"))
		h.finish(bury(h.one("a", "m1"), "no"))
		l := h.one("a", "m2")
		require.NoError(h, h.Replay(h.ctx, "a", h.where("a", "m1").Seq, time.Time{}))
		h.none("a")
		h.finish(done(l))
		h.finish(done(h.one("a", "m1")))
		h.one("a", "m3")
	}},
	{"a replayed one goes before later ones that are not under way", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"))
		h.finish(bury(h.one("a", "m1"), "no"))
		require.NoError(h, h.Replay(h.ctx, "a", h.where("a", "m1").Seq, time.Time{}))
		l := h.one("a", "m1")
		h.none("a")
		require.True(h, h.where("a", "m2").Waiting)
		h.finish(done(l))
		h.one("a", "m2")
	}},
	{"a discarded one lets the next go", func(h *harness) {
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"))
		require.NoError(h, h.Discard(h.ctx, "a", h.where("a", "m2").Seq, "no"))
		h.only("a", "m1")
		require.NoError(h, h.Discard(h.ctx, "a", h.where("a", "m1").Seq, "no"))
		h.one("a", "m3")
	}},
}

// parked leaves m1 as a dead letter that m2 and m3 wait for; it gives its Seq.
func (h *harness) parked() uint64 {
	h.Helper()
	h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"), keyed("m3", "a", "k"))
	l := h.one("a", "m1")
	o := bury(l, "the receiver said no")
	o.Park = true
	h.finish(o)
	require.True(h, h.none("a").IsZero(), "nothing is or will be due")
	require.True(h, h.where("a", "m2").Waiting)
	return l.Message.Seq
}

// only is that only this message can be leased; it is given back.
func (h *harness) only(lane, id string) {
	h.Helper()
	l := h.one(lane, id)
	h.none(lane)
	h.finish(delivery.Outcome{Lease: l, Verdict: delivery.Restore})
}
