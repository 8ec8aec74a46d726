package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var settleClauses = []clause{
	{"a leased one is delivered", func(h *harness) {
		h.append(message("m", "pull"), message("n", "pull"))
		l := h.one("pull", "m")
		begun := time.Now()
		h.settle("pull", "m")
		d := h.where("pull", "m")
		require.Equal(h, delivery.Delivered, d.State)
		require.Empty(h, d.Reason)
		require.False(h, d.Changed.Before(begun.Add(-granularity)))
		lost, err := h.Extend(h.ctx, soon(), l)
		require.NoError(h, err)
		require.Len(h, lost, 1)
		h.finish(retry(l, time.Time{}))
		require.Equal(h, delivery.Delivered, h.where("pull", "m").State, "the lease was lost")
		h.one("pull", "n")
	}},
	{"one that is not leased is delivered, whenever it is due", func(h *harness) {
		h.append(message("now", "pull"), to("later", delivery.Target{Lane: "pull", Due: soon()}))
		h.settle("pull", "now")
		h.settle("pull", "later")
		require.True(h, h.none("pull").IsZero())
		require.Equal(h, delivery.Delivered, h.where("pull", "later").State)
	}},
	{"it leaves the counters of what is pending, and counts as no attempt", func(h *harness) {
		h.append(message("m", "pull"), message("n", "pull"))
		h.finish(retry(h.one("pull", "m"), soon()))
		require.EqualValues(h, 1, h.stats("pull").Retrying)
		h.settle("pull", "m")
		st := h.stats("pull")
		require.EqualValues(h, 1, st.Pending)
		require.Zero(h, st.Retrying)
		require.EqualValues(h, 1, st.Total)
		require.EqualValues(h, 1, st.Failed)
	}},
	{"of one that is settled nothing changes", func(h *harness) {
		h.append(
			to("dead", delivery.Target{Lane: "pull", Dead: "unsendable"}), to("skipped", delivery.Target{Lane: "pull", Skip: "disabled"}),
			message("discarded", "pull"), message("delivered", "pull"),
		)
		h.discard("pull", "discarded", "no")
		h.settle("pull", "delivered")
		before := h.deliveries(delivery.DeliveryQuery{Lane: "pull"})
		stats := h.stats("pull")
		for _, d := range before {
			h.settle("pull", d.Message.ID)
		}
		require.Equal(h, before, h.deliveries(delivery.DeliveryQuery{Lane: "pull"}))
		require.Equal(h, stats, h.stats("pull"))
	}},
	{"only in its lane", func(h *harness) {
		h.append(message("m", "a", "b"))
		h.settle("a", "m")
		require.Equal(h, delivery.Pending, h.where("b", "m").State)
		h.one("b", "m")
	}},
	{"what is not there", func(h *harness) {
		h.append(message("m", "a"))
		seq := h.where("a", "m").Seq
		require.ErrorIs(h, h.Settle(h.ctx, "b", seq), delivery.ErrNotFound)
		require.ErrorIs(h, h.Settle(h.ctx, "a", seq+1000), delivery.ErrNotFound)
		require.ErrorIs(h, h.Settle(h.ctx, "a", 0), delivery.ErrNotFound)
	}},
	{"the next of its key can be leased", func(h *harness) {
		h.append(keyed("m1", "pull", "k"), keyed("m2", "pull", "k"), keyed("m3", "pull", "k"), keyed("m4", "pull", "k"))
		h.one("pull", "m1")
		h.none("pull")
		h.settle("pull", "m2") // it waits
		h.none("pull")
		h.settle("pull", "m1")
		h.finish(done(h.one("pull", "m3")))
		h.settle("pull", "m4")
		require.True(h, h.none("pull").IsZero())
	}},
	{"it can be replayed", func(h *harness) {
		h.append(message("m", "pull"))
		h.settle("pull", "m")
		h.replay("pull", "m", time.Time{})
		require.True(h, h.one("pull", "m").Replayed)
	}},
	{"many at once", func(h *harness) {
		messages := make([]delivery.Message, 0, 100)
		for i := range 100 {
			messages = append(messages, message(fmt.Sprint("m", i), "pull"))
		}
		h.append(messages...)
		leases := h.take("pull", 60)
		h.each(len(leases), func(i int) error { return h.Settle(h.ctx, "pull", leases[i].Message.Seq) })
		require.EqualValues(h, 40, h.stats("pull").Pending)
		h.take("pull", 40)
		h.none("pull")
	}},
}

func (h *harness) settle(lane, id string) {
	h.Helper()
	require.NoError(h, h.Settle(h.ctx, lane, h.where(lane, id).Seq))
}
