package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var archiveClauses = []clause{
	{"a message that is not there", func(h *harness) {
		h.append(message("m", "a"))
		for _, place := range [][2]string{{source, "x"}, {"/another", "m"}, {"", ""}, {source, ""}} {
			_, _, err := h.Message(h.ctx, place[0], place[1])
			require.ErrorIs(h, err, delivery.ErrNotFound)
		}
	}},
	{"a message and its deliveries, by lane", func(h *harness) {
		h.append(message("m", "c", "a", "b"))
		m, deliveries, err := h.Message(h.ctx, source, "m")
		require.NoError(h, err)
		require.Empty(h, m.Targets)
		require.Len(h, deliveries, 3)
		for i, d := range deliveries {
			require.Equal(h, string("abc"[i]), d.Lane)
			require.Equal(h, m.Seq, d.Seq)
		}
	}},
	{"a leased one is due at the end of its lease", func(h *harness) {
		h.append(message("m", "a"))
		until := soon()
		h.takeUntil("a", 1, until)
		d := h.where("a", "m")
		require.Equal(h, delivery.Pending, d.State)
		h.same(until, d.Due, "Due")
	}},
	{"deliveries are listed by lane and Seq, in pages", func(h *harness) {
		for i := range 7 {
			h.append(message(fmt.Sprint("m", i), "b", "a"))
		}
		for i, l := range h.take("a", 7) {
			h.finish([]delivery.Outcome{done(l), bury(l, "no"), retry(l, soon())}[i%3])
		}
		all := h.deliveries(delivery.DeliveryQuery{})
		require.Len(h, all, 14)
		for i, d := range all {
			require.Equal(h, fmt.Sprint(string("ab"[i/7]), "m", i%7), d.Lane+d.Message.ID)
		}
		var paged []delivery.Delivery
		for q := (delivery.DeliveryQuery{Limit: 3}); ; {
			page := h.deliveries(q)
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
			last := page[len(page)-1]
			q.After = &delivery.Position{Lane: last.Lane, Seq: last.Seq}
		}
		require.Equal(h, places(all), places(paged))
	}},
	{"deliveries are listed by lane and by state", func(h *harness) {
		for i := range 6 {
			h.append(message(fmt.Sprint("m", i), "a", "b"))
		}
		for i, l := range h.take("a", 6) {
			h.finish([]delivery.Outcome{done(l), bury(l, "no")}[i%2])
		}
		require.Len(h, h.deliveries(delivery.DeliveryQuery{Lane: "a"}), 6)
		require.Empty(h, h.deliveries(delivery.DeliveryQuery{Lane: "c"}))
		require.Equal(h, []string{"a m1", "a m3", "a m5"}, places(h.deliveries(delivery.DeliveryQuery{State: delivery.Dead})))
		require.Equal(h, []string{"a m0", "a m2", "a m4"}, places(h.deliveries(delivery.DeliveryQuery{Lane: "a", State: delivery.Delivered})))
		require.Len(h, h.deliveries(delivery.DeliveryQuery{State: delivery.Pending}), 6)
		require.Empty(h, h.deliveries(delivery.DeliveryQuery{Lane: "b", State: delivery.Dead}))
		after := h.deliveries(delivery.DeliveryQuery{State: delivery.Dead, Limit: 1})[0]
		require.Equal(h, []string{"a m3", "a m5"}, places(h.deliveries(delivery.DeliveryQuery{
			State: delivery.Dead, After: &delivery.Position{Lane: after.Lane, Seq: after.Seq},
		})))
	}},
	{"a page of deliveries has 50 unless told", func(h *harness) {
		messages := make([]delivery.Message, 0, 60)
		for i := range 60 {
			messages = append(messages, message(fmt.Sprint("m", i), "a"))
		}
		h.append(messages...)
		require.Len(h, h.deliveries(delivery.DeliveryQuery{Lane: "a"}), 50)
		require.Len(h, h.deliveries(delivery.DeliveryQuery{Lane: "a", Limit: 1000}), 60)
	}},
	{"replay of a dead letter counts from the beginning", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(retry(h.one("a", "m"), time.Time{}))
		l := h.one("a", "m")
		require.Equal(h, 2, l.Attempt)
		h.finish(bury(l, "no"))
		begun := time.Now()
		h.replay("a", "m", time.Time{})
		d := h.where("a", "m")
		require.Equal(h, delivery.Pending, d.State)
		require.Equal(h, 0, d.Attempts)
		require.Empty(h, d.Reason)
		st := h.stats("a")
		require.EqualValues(h, 0, st.Dead)
		require.EqualValues(h, 1, st.Pending)
		require.EqualValues(h, 0, st.Retrying)
		l = h.one("a", "m")
		require.Equal(h, 1, l.Attempt)
		require.True(h, l.Replayed)
		require.False(h, l.First.Before(begun.Add(-granularity)), "its age is counted from the replay")
		h.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"replay of what was skipped, delivered or discarded", func(h *harness) {
		h.append(
			to("skipped", delivery.Target{Lane: "a", Skip: "disabled"}),
			message("delivered", "b"), message("discarded", "c"),
		)
		h.finish(done(h.one("b", "delivered")))
		require.NoError(h, h.Discard(h.ctx, "c", h.where("c", "discarded").Seq, "no"))
		for lane, id := range map[string]string{"a": "skipped", "b": "delivered", "c": "discarded"} {
			h.replay(lane, id, time.Time{})
			l := h.one(lane, id)
			require.True(h, l.Replayed)
			require.Equal(h, 1, l.Attempt)
			require.EqualValues(h, 0, h.stats(lane).Skipped)
		}
	}},
	{"replay at a time", func(h *harness) {
		h.append(to("m", delivery.Target{Lane: "a", Dead: "x"}))
		due := soon()
		h.replay("a", "m", due)
		h.same(due, h.none("a"), "next")
	}},
	{"replay of a pending one only makes it due", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(retry(h.one("a", "m"), soon()))
		h.none("a")
		h.replay("a", "m", time.Time{})
		l := h.one("a", "m")
		require.Equal(h, 2, l.Attempt)
		require.False(h, l.Replayed)
		require.EqualValues(h, 1, h.stats("a").Pending)
	}},
	{"replay to a lane that never had it", func(h *harness) {
		h.append(message("m", "a"), message("n"))
		h.replay("b", "m", time.Time{})
		l := h.one("b", "m")
		require.Equal(h, 1, l.Attempt)
		require.True(h, l.Replayed)
		h.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where("b", "m").State)
		require.Equal(h, delivery.Pending, h.where("a", "m").State)
		h.replay("c", "n", time.Time{})
		h.one("c", "n")
	}},
	{"replay of a message that is not there", func(h *harness) {
		require.ErrorIs(h, h.Replay(h.ctx, "a", 12345, time.Time{}), delivery.ErrNotFound)
	}},
	{"discard of a dead letter", func(h *harness) {
		h.append(to("m", delivery.Target{Lane: "a", Dead: "x"}))
		h.discard("a", "m", "not needed")
		d := h.where("a", "m")
		require.Equal(h, delivery.Discarded, d.State)
		require.Equal(h, "not needed", d.Reason)
		require.Equal(h, delivery.Stats{}, h.stats("a"))
	}},
	{"discard of a pending one", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(retry(h.one("a", "m"), soon()))
		h.discard("a", "m", "no")
		require.True(h, h.none("a").IsZero())
		st := h.stats("a")
		require.Zero(h, st.Pending)
		require.Zero(h, st.Retrying)
	}},
	{"discard takes the lease away", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		h.discard("a", "m", "no")
		lost, err := h.Extend(h.ctx, soon(), l)
		require.NoError(h, err)
		require.Len(h, lost, 1)
		h.finish(retry(l, time.Time{}))
		require.Equal(h, delivery.Discarded, h.where("a", "m").State)
		require.True(h, h.none("a").IsZero())
	}},
	{"discard of what is settled otherwise does nothing", func(h *harness) {
		h.append(message("m", "a"), to("s", delivery.Target{Lane: "a", Skip: "disabled"}))
		h.finish(done(h.one("a", "m")))
		h.discard("a", "m", "no")
		h.discard("a", "s", "no")
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
		require.Equal(h, delivery.Skipped, h.where("a", "s").State)
	}},
	{"discard of what is not there", func(h *harness) {
		h.append(message("m", "a"))
		seq := h.where("a", "m").Seq
		require.ErrorIs(h, h.Discard(h.ctx, "b", seq, "no"), delivery.ErrNotFound)
		require.ErrorIs(h, h.Discard(h.ctx, "a", seq+1000, "no"), delivery.ErrNotFound)
	}},
}

func (h *harness) deliveries(q delivery.DeliveryQuery) []delivery.Delivery {
	h.Helper()
	all, err := h.Deliveries(h.ctx, q)
	require.NoError(h, err)
	for _, d := range all {
		require.Equal(h, d.Seq, d.Message.Seq)
	}
	return all
}

func places(deliveries []delivery.Delivery) []string {
	all := make([]string, 0, len(deliveries))
	for _, d := range deliveries {
		all = append(all, d.Lane+" "+d.Message.ID)
	}
	return all
}

func (h *harness) replay(lane, id string, due time.Time) {
	h.Helper()
	m, _, err := h.Message(h.ctx, source, id)
	require.NoError(h, err)
	require.NoError(h, h.Replay(h.ctx, lane, m.Seq, due))
}

func (h *harness) discard(lane, id, reason string) {
	h.Helper()
	require.NoError(h, h.Discard(h.ctx, lane, h.where(lane, id).Seq, reason))
}
