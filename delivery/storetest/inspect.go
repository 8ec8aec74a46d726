package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var inspectClauses = []clause{
	{"the counters of all lanes are those of each", func(h *harness) {
		h.history()
		h.append(
			to("s", delivery.Target{Lane: "skipped", Skip: "disabled"}),
			to("d", delivery.Target{Lane: "dead", Dead: "unsendable"}),
			to("l", delivery.Target{Lane: "later", Due: soon()}),
		)
		all := h.allStats()
		require.Len(h, all, 5)
		for _, lane := range []string{"a", "b", "skipped", "dead", "later"} {
			require.Equal(h, h.stats(lane), all[lane], lane)
		}
		require.EqualValues(h, 8, all["a"].Total)
		require.EqualValues(h, 1, all["dead"].Dead)
	}},
	{"nothing has no counters", func(h *harness) {
		require.Empty(h, h.allStats())
	}},
	{"what Finish has stored is counted", func(h *harness) {
		for i := range 20 {
			h.append(message(fmt.Sprint("m", i), "a"))
			h.finish(done(h.one("a", fmt.Sprint("m", i))))
			st := h.allStats()["a"]
			require.EqualValues(h, i+1, st.Successful)
			require.Zero(h, st.Pending)
		}
	}},
	{"many lanes", func(h *harness) {
		const lanes = 500
		for i := range 10 {
			m := message(fmt.Sprint("m", i))
			for n := range lanes / 10 {
				m.Targets = append(m.Targets, delivery.Target{Lane: fmt.Sprint("lane", i*lanes/10+n)})
			}
			h.append(m)
		}
		all := h.allStats()
		require.Len(h, all, lanes)
		for lane, st := range all {
			require.Equal(h, delivery.Stats{Pending: 1}, st, lane)
		}
	}},
	{"a hold by its id, until it is settled", func(h *harness) {
		begun := time.Now().Add(-time.Minute)
		require.NoError(h, h.Hold(h.ctx, delivery.Hold{ID: "h1", Created: begun, Intent: []byte(`{"n":1}`)}))
		h.hold("h2", time.Now())
		hold, err := h.HoldByID(h.ctx, "h1")
		require.NoError(h, err)
		require.Equal(h, "h1", hold.ID)
		require.JSONEq(h, `{"n":1}`, string(hold.Intent))
		h.same(begun, hold.Created, "Created")
		count, err := h.HoldCount(h.ctx)
		require.NoError(h, err)
		require.Equal(h, 2, count)
		require.NoError(h, h.Release(h.ctx, "h1"))
		count, err = h.HoldCount(h.ctx)
		require.NoError(h, err)
		require.Equal(h, 1, count)
		for _, id := range []string{"h1", "h", "", "h3"} {
			_, err := h.HoldByID(h.ctx, id)
			require.ErrorIs(h, err, delivery.ErrNotFound, id)
		}
		_, err = h.HoldByID(h.ctx, "h2")
		require.NoError(h, err)
	}},
}

func (h *harness) allStats() map[string]delivery.Stats {
	h.Helper()
	all, err := h.AllStats(h.ctx)
	require.NoError(h, err)
	return all
}
