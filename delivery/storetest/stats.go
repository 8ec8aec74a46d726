package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var statsClauses = []clause{
	{"zero for a lane that never had anything", func(h *harness) {
		require.Equal(h, delivery.Stats{}, h.stats("nothing"))
	}},
	{"a delivery's way through the counters", func(h *harness) {
		check := func(want delivery.Stats) {
			h.Helper()
			got := h.stats("a")
			got.LastAttempt, got.LastSuccess, got.LastFailure = time.Time{}, time.Time{}, time.Time{}
			require.Equal(h, want, got)
		}
		h.append(message("m", "a"))
		check(delivery.Stats{Pending: 1})
		l := h.one("a", "m")
		check(delivery.Stats{Pending: 1})
		h.finish(retry(l, time.Time{}))
		check(delivery.Stats{Total: 1, Failed: 1, Pending: 1, Retrying: 1})
		l = h.one("a", "m")
		check(delivery.Stats{Total: 1, Failed: 1, Pending: 1, Retrying: 1})
		h.finish(retry(l, time.Time{}))
		check(delivery.Stats{Total: 2, Failed: 2, Pending: 1, Retrying: 1})
		h.finish(bury(h.one("a", "m"), "no"))
		check(delivery.Stats{Total: 3, Failed: 3, Dead: 1})
		h.replay("a", "m", time.Time{})
		check(delivery.Stats{Total: 3, Failed: 3, Pending: 1})
		h.finish(done(h.one("a", "m")))
		check(delivery.Stats{Total: 4, Failed: 3, Successful: 1})
	}},
	{"the last times are those of the attempts", func(h *harness) {
		h.append(message("m", "a"), message("n", "a"))
		l := h.take("a", 2)
		failure, success := time.Now().Add(-2*time.Second), time.Now().Add(-time.Second)
		o := retry(l[0], soon())
		o.Attempt.Time = failure
		h.finish(o)
		o = done(l[1])
		o.Attempt.Time = success
		h.finish(o)
		st := h.stats("a")
		h.same(failure, st.LastFailure, "LastFailure")
		h.same(success, st.LastSuccess, "LastSuccess")
		h.same(success, st.LastAttempt, "LastAttempt")
	}},
	{"lanes are counted apart", func(h *harness) {
		h.append(message("m", "a", "b"))
		h.finish(done(h.one("a", "m")))
		require.EqualValues(h, 1, h.stats("a").Total)
		require.EqualValues(h, 0, h.stats("b").Total)
		require.EqualValues(h, 1, h.stats("b").Pending)
	}},
	{"exact when many change them at once", func(h *harness) {
		const n, workers = 240, 8
		messages := make([]delivery.Message, 0, n)
		for i := range n {
			messages = append(messages, message(fmt.Sprint("m", i), "a"))
		}
		h.append(messages...)
		leases := h.take("a", n)
		h.each(workers, func(w int) error {
			for i := w; i < n; i += workers {
				o := []delivery.Outcome{done(leases[i]), retry(leases[i], soon()), bury(leases[i], "no")}[i%3]
				if err := h.Finish(h.ctx, o); err != nil {
					return err
				}
				h.stats("a") // Total is Successful and Failed at any time.
			}
			return nil
		})
		st := h.stats("a")
		st.LastAttempt, st.LastSuccess, st.LastFailure = time.Time{}, time.Time{}, time.Time{}
		require.Equal(h, delivery.Stats{
			Total: n, Successful: n / 3, Failed: 2 * n / 3,
			Pending: n / 3, Retrying: n / 3, Dead: n / 3,
		}, st)
	}},
}
