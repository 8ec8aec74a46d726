package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var newestClauses = []clause{
	{"dead letters of all lanes, newest message first", func(h *harness) {
		h.mixture()
		q := delivery.DeliveryQuery{State: delivery.Dead, Newest: true}
		require.Equal(h, []string{"b m8", "a m6", "b m5", "a m3", "c m3", "b m2", "a m0", "c m0"}, places(h.deliveries(q)))
		q.Lane = "b"
		require.Equal(h, []string{"b m8", "b m5", "b m2"}, places(h.deliveries(q)))
	}},
	{"pages are the whole", func(h *harness) {
		h.mixture()
		for _, lane := range []string{"", "a", "b", "none"} {
			for _, state := range []delivery.State{0, delivery.Pending, delivery.Dead, delivery.Skipped, delivery.Delivered, delivery.Discarded} {
				for _, newest := range []bool{false, true} {
					q := delivery.DeliveryQuery{Lane: lane, State: state, Newest: newest, Limit: 1000}
					want := h.deliveries(q)
					require.True(h, slices.IsSortedFunc(want, order(newest)))
					for _, q.Limit = range []int{1, 2, 5} {
						require.Equal(h, places(want), places(h.paged(q)), "%+v", q)
					}
				}
			}
		}
	}},
	{"both orders have the same deliveries", func(h *harness) {
		h.mixture()
		for _, state := range []delivery.State{0, delivery.Pending, delivery.Dead, delivery.Skipped} {
			older := places(h.deliveries(delivery.DeliveryQuery{State: state, Limit: 100}))
			newer := places(h.deliveries(delivery.DeliveryQuery{State: state, Limit: 100, Newest: true}))
			require.NotEmpty(h, older)
			require.ElementsMatch(h, older, newer)
		}
	}},
	{"a page begins behind a position that is not there", func(h *harness) {
		h.mixture()
		seq := h.where("b", "m5").Seq
		q := delivery.DeliveryQuery{State: delivery.Dead, Newest: true}
		for lane, want := range map[string]string{"": "b m5", "a": "b m5", "b": "a m3", "z": "a m3"} {
			q.After = &delivery.Position{Lane: lane, Seq: seq}
			require.Equal(h, want, places(h.deliveries(q))[0], lane)
		}
		q.After = &delivery.Position{}
		require.Empty(h, h.deliveries(q), "nothing is behind Seq 0")
	}},
	{"those of one message", func(h *harness) {
		h.mixture()
		seq := h.where("a", "m3").Seq
		require.Equal(h, []string{"a m3", "b m3", "c m3"}, places(h.deliveries(delivery.DeliveryQuery{Seq: seq})))
		require.Equal(h, []string{"a m3", "b m3", "c m3"}, places(h.deliveries(delivery.DeliveryQuery{Seq: seq, Newest: true})))
		require.Equal(h, []string{"a m3", "c m3"}, places(h.deliveries(delivery.DeliveryQuery{Seq: seq, State: delivery.Dead})))
		require.Equal(h, []string{"b m3"}, places(h.deliveries(delivery.DeliveryQuery{Seq: seq, Lane: "b"})))
		require.Equal(h, []string{"b m3"}, places(h.paged(delivery.DeliveryQuery{Seq: seq, Lane: "b", Limit: 1})))
		require.Equal(h, []string{"a m3", "b m3", "c m3"}, places(h.paged(delivery.DeliveryQuery{Seq: seq, Limit: 1})))
		require.Empty(h, h.deliveries(delivery.DeliveryQuery{Seq: seq, Lane: "none"}))
		require.Empty(h, h.deliveries(delivery.DeliveryQuery{Seq: seq + 1000}))
	}},
}

// mixture stores m0 to m8 for lanes a, b and c. Of those of a every third is
// dead, from m0; of b from m2; of c from m0, but not m6, which was replayed. Of a
// every third from m1 is skipped. The rest are pending.
func (h *harness) mixture() {
	h.Helper()
	for i := range 9 {
		m := message(fmt.Sprint("m", i))
		a, b, c := delivery.Target{Lane: "a"}, delivery.Target{Lane: "b"}, delivery.Target{Lane: "c"}
		switch i % 3 {
		case 0:
			a.Dead, c.Dead = "unsendable", "unsendable"
		case 1:
			a.Skip = "disabled"
		case 2:
			b.Dead = "unsendable"
		}
		m.Targets = []delivery.Target{c, a, b}
		h.append(m)
	}
	h.replay("c", "m6", time.Time{})
}

// paged gives all pages of a query.
func (h *harness) paged(q delivery.DeliveryQuery) []delivery.Delivery {
	h.Helper()
	var all []delivery.Delivery
	for range 1000 {
		page := h.deliveries(q)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		last := page[len(page)-1]
		q.After = &delivery.Position{Lane: last.Lane, Seq: last.Seq}
	}
	require.Fail(h, "the pages do not end")
	return nil
}

// order is the order of a list of deliveries.
func order(newest bool) func(a, b delivery.Delivery) int {
	if !newest {
		return byPlace
	}
	return func(a, b delivery.Delivery) int {
		if a.Seq != b.Seq {
			return int(b.Seq) - int(a.Seq)
		}
		return strings.Compare(a.Lane, b.Lane)
	}
}
