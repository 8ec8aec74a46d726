package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var reopenClauses = []clause{
	{"everything is there again", func(h *harness) {
		h.append(
			message("m", "a", "b"), keyed("k1", "k", "key"), keyed("k2", "k", "key"), keyed("k3", "k", "key"),
			to("later", delivery.Target{Lane: "later", Due: soon()}), to("s", delivery.Target{Lane: "s", Skip: "disabled"}),
		)
		h.finish(done(h.one("a", "m")), retry(h.one("b", "m"), time.Time{}))
		o := bury(h.one("k", "k1"), "no")
		o.Park = true
		h.finish(o)
		before, rows := h.deliveries(delivery.DeliveryQuery{}), h.stats("b")
		h.again()
		after := h.deliveries(delivery.DeliveryQuery{})
		require.Len(h, after, len(before))
		for i, d := range after {
			require.Equal(h, string(before[i].Message.Event), string(d.Message.Event))
			h.same(before[i].Due, d.Due, "Due")
			h.same(before[i].Changed, d.Changed, "Changed")
			require.Positive(h, d.Stamp)
			d.Message, d.Due, d.Changed = before[i].Message, before[i].Due, before[i].Changed
			require.Equal(h, before[i], d)
		}
		require.Equal(h, rows.Total, h.stats("b").Total)
		require.Equal(h, 2, h.one("b", "m").Attempt)
		require.True(h, h.none("k").IsZero(), "a parked key stays parked")
		h.replay("k", "k1", time.Time{})
		h.finish(done(h.one("k", "k1")))
		h.one("k", "k2")
	}},
	{"a message that is stored is passed over", func(h *harness) {
		h.append(message("m", "a"))
		h.again()
		h.append(message("m", "a"), message("n", "a"))
		leases := h.take("a", 2)
		require.Equal(h, []string{"m", "n"}, ids(leases))
		require.Greater(h, leases[1].Message.Seq, leases[0].Message.Seq)
		h.none("a")
	}},
	{"what was leased is due again when the lease has ended, at the latest", func(h *harness) {
		h.append(message("m", "a"))
		l := h.takeUntil("a", 1, time.Now().Add(brief))[0]
		h.again()
		second := h.one("a", "m")
		require.NotEqual(h, l.Token, second.Token)
		h.finish(bury(l, "of a former life"))
		require.Equal(h, delivery.Pending, h.where("a", "m").State)
		h.finish(done(second))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"Watch tells of what is there", func(h *harness) {
		due := soon()
		h.append(message("m", "a"), to("n", delivery.Target{Lane: "b", Due: due}))
		h.again()
		w := h.watch()
		w.told("a", time.Now())
		w.told("b", due)
	}},
	{"holds become orphans, and are claimed once", func(h *harness) {
		for i := range 5 {
			h.hold(fmt.Sprint("h", i), time.Now().Add(-time.Duration(10-i)*time.Minute))
		}
		h.hold("settled", time.Now())
		require.NoError(h, h.Release(h.ctx, "settled"))
		h.again()
		claimed := h.orphans(5)
		for i, o := range claimed[:2] {
			require.Equal(h, fmt.Sprint("h", i), o.ID, "oldest first")
		}
		rest, err := h.Orphans(h.ctx, 10)
		require.NoError(h, err)
		require.Empty(h, rest, "claimed once")
		require.Len(h, h.holds(10), 5, "until they are settled they are holds")

		require.NoError(h, h.Release(h.ctx, "h0", message("recovered", "a")))
		require.NoError(h, h.Release(h.ctx, "h1"))
		require.ErrorIs(h, h.Release(h.ctx, "h1"), delivery.ErrNoHold)
		h.one("a", "recovered")
		h.again()
		require.Len(h, h.orphans(3), 3, "what was claimed and not settled is an orphan again")
	}},
	{"many that claim at once get each orphan once", func(h *harness) {
		for i := range 40 {
			h.hold(fmt.Sprint("h", i), time.Now())
		}
		h.again()
		seen := make(chan string, 100)
		h.eventually("all are claimed", func() bool {
			h.each(8, func(int) error {
				orphans, err := h.Orphans(h.ctx, 3)
				for _, o := range orphans {
					seen <- o.ID
				}
				return err
			})
			return len(seen) >= 40
		})
		require.Len(h, seen, 40)
	}},
	{"what a subscriber has acknowledged stays so", func(h *harness) {
		h.append(message("m", "pull"), message("n", "pull"), keyed("k1", "pull", "k"), keyed("k2", "pull", "k"))
		h.take("pull", 3)
		h.settle("pull", "m")
		h.settle("pull", "k1")
		h.again()
		require.Equal(h, delivery.Delivered, h.where("pull", "m").State)
		require.Equal(h, delivery.Delivered, h.where("pull", "k1").State)
		require.Equal(h, delivery.Pending, h.where("pull", "n").State)
		require.False(h, h.where("pull", "k2").Waiting)
		require.EqualValues(h, 2, h.stats("pull").Pending)
	}},
	{"the log and its ids go on", func(h *harness) {
		h.history()
		rows, _ := h.rows(delivery.AttemptQuery{})
		h.again()
		again, total := h.rows(delivery.AttemptQuery{})
		require.EqualValues(h, 12, total)
		require.Equal(h, rowIDs(rows), rowIDs(again))
		h.append(message("new", "a"))
		h.finish(done(h.one("a", "new")))
		newest, _ := h.rows(delivery.AttemptQuery{Limit: 1})
		require.Greater(h, newest[0].ID, rows[0].ID)
	}},
}

// again opens the store anew.
func (h *harness) again() {
	h.Helper()
	h.Store = h.suite.reopen(h.T, h.Store)
}

// orphans claims n orphans, which may take the store time to notice.
func (h *harness) orphans(n int) []delivery.Hold {
	h.Helper()
	var all []delivery.Hold
	h.eventually("orphans", func() bool {
		orphans, err := h.Orphans(h.ctx, 2)
		require.NoError(h, err)
		require.LessOrEqual(h, len(orphans), 2, "Orphans gives at most limit")
		all = append(all, orphans...)
		return len(all) >= n
	})
	require.Len(h, all, n)
	return all
}
