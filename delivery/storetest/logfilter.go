package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var logFilterClauses = []clause{
	{"exactly one row", func(h *harness) {
		h.history()
		all, _ := h.rows(delivery.AttemptQuery{})
		for _, want := range all {
			rows, total := h.rows(delivery.AttemptQuery{ID: want.ID})
			require.EqualValues(h, 1, total)
			require.Equal(h, []delivery.Attempt{want}, rows)
		}
		rows, total := h.rows(delivery.AttemptQuery{ID: all[0].ID + 1000})
		require.Zero(h, total)
		require.Empty(h, rows)
	}},
	{"the other fields count for one row, too", func(h *harness) {
		h.history()
		all, _ := h.rows(delivery.AttemptQuery{Lane: "a"})
		row := all[len(all)-1]
		other := !row.Success
		for _, q := range []delivery.AttemptQuery{
			{Lane: "b"}, {Lane: "none"}, {Success: &other}, {Message: "other"}, {Type: "other"}, {Since: soon()}, {Before: row.ID},
		} {
			q.ID = row.ID
			rows, _ := h.rows(q)
			require.Empty(h, rows, "%+v", q)
		}
		rows, total := h.rows(delivery.AttemptQuery{ID: row.ID, Lane: "a", Success: &row.Success, Message: row.Message, Type: row.Type})
		require.EqualValues(h, 1, total)
		require.Equal(h, []delivery.Attempt{row}, rows)
	}},
	{"by the type of the event, with any other field", func(h *harness) {
		h.types()
		yes, no := true, false
		for name, c := range map[string]struct {
			query delivery.AttemptQuery
			want  []string
		}{
			"type":           {delivery.AttemptQuery{Type: "t0"}, []string{"b m4", "b m2", "b m0", "a m4", "a m2", "a m0"}},
			"lane":           {delivery.AttemptQuery{Type: "t1", Lane: "a"}, []string{"a m5", "a m3", "a m1"}},
			"failures":       {delivery.AttemptQuery{Type: "t1", Success: &no}, []string{"a m5", "a m3", "a m1"}},
			"successes":      {delivery.AttemptQuery{Type: "t0", Success: &yes}, []string{"b m4", "b m2", "b m0"}},
			"lane, failures": {delivery.AttemptQuery{Type: "t0", Lane: "a", Success: &no}, []string{"a m4", "a m2", "a m0"}},
			"message":        {delivery.AttemptQuery{Type: "t0", Message: "m2"}, []string{"b m2", "a m2"}},
			"another's":      {delivery.AttemptQuery{Type: "t1", Message: "m2"}, nil},
			"no such type":   {delivery.AttemptQuery{Type: "t"}, nil},
			"no such lane":   {delivery.AttemptQuery{Type: "t0", Lane: "c"}, nil},
		} {
			rows, total := h.rows(c.query)
			require.Equal(h, c.want, attempts(rows), name)
			require.EqualValues(h, len(c.want), total, name)
		}
	}},
	{"by when they were written, with any other field", func(h *harness) {
		times := h.spread()
		no := false
		for from := range times {
			for to := from; to < len(times); to++ {
				for _, q := range []delivery.AttemptQuery{{}, {Lane: "a"}, {Success: &no}, {Lane: "a", Success: &no}, {Type: "nl.voorpoort.test.created"}} {
					q.Since, q.Until = times[from], times[to]
					var want []string
					for i := to - 1; i >= from; i-- {
						if q.Success == nil || i%2 == 0 {
							want = append(want, fmt.Sprint("a m", i))
						}
					}
					rows, total := h.rows(q)
					require.Equal(h, want, attempts(rows), "%d to %d: %+v", from, to, q)
					require.EqualValues(h, len(want), total)
				}
			}
		}
		rows, _ := h.rows(delivery.AttemptQuery{Message: "m2", Since: times[3]})
		require.Empty(h, rows)
		rows, _ = h.rows(delivery.AttemptQuery{Message: "m2", Since: times[2], Until: times[3]})
		require.Equal(h, []string{"a m2"}, attempts(rows))
	}},
	{"pages of a filter by Before and by Offset are the same", func(h *harness) {
		h.types()
		for _, q := range []delivery.AttemptQuery{
			{Type: "t0"}, {Type: "t1", Lane: "a"}, {Since: time.Now().Add(-time.Hour)}, {Until: time.Now().Add(time.Hour), Lane: "b"},
		} {
			all, total := h.rows(q)
			require.NotEmpty(h, all)
			var before, offset []uint64
			for b, o := q, q; len(offset) < len(all); {
				b.Limit, o.Limit = 2, 2
				rows, n := h.rows(b)
				require.Equal(h, total, n, "the total does not depend on the page")
				require.NotEmpty(h, rows)
				before = append(before, rowIDs(rows)...)
				b.Before = rows[len(rows)-1].ID
				rows, _ = h.rows(o)
				offset = append(offset, rowIDs(rows)...)
				o.Offset += 2
			}
			require.Equal(h, rowIDs(all), before)
			require.Equal(h, rowIDs(all), offset)
		}
	}},
	{"a row of a replay says so", func(h *harness) {
		h.append(message("m", "a"))
		first := h.one("a", "m")
		h.finish(bury(first, "no"))
		h.replay("a", "m", time.Time{})
		for _, success := range []bool{false, true} {
			l := h.one("a", "m")
			a := row(l, success)
			a.Replayed = l.Replayed
			h.finish(delivery.Outcome{Lease: l, Verdict: map[bool]delivery.Verdict{true: delivery.Done, false: delivery.Retry}[success], Attempt: a})
		}
		rows, _ := h.rows(delivery.AttemptQuery{})
		require.Len(h, rows, 3)
		require.Equal(h, []bool{true, true, false}, []bool{rows[0].Replayed, rows[1].Replayed, rows[2].Replayed})
		require.Equal(h, []bool{true, false, false}, []bool{rows[0].Success, rows[1].Success, rows[2].Success})
		yes := true
		_, total := h.rows(delivery.AttemptQuery{Success: &yes})
		require.EqualValues(h, 1, total)
	}},
}

// types makes 12 rows: m0 to m5, of types t0 and t1 by turns, failed in lane a
// and were delivered in lane b.
func (h *harness) types() {
	h.Helper()
	for i := range 6 {
		m := message(fmt.Sprint("m", i), "a", "b")
		m.Type = fmt.Sprint("t", i%2)
		h.append(m)
	}
	for _, l := range h.take("a", 6) {
		h.finish(retry(l, soon()))
	}
	for _, l := range h.take("b", 6) {
		h.finish(done(l))
	}
}

// spread makes 4 rows with some time between, of which the even ones are
// failures, and gives the times before each and behind the last.
func (h *harness) spread() (times []time.Time) {
	h.Helper()
	const gap = 30 * time.Millisecond // longer than the calls were said to take
	for i := range 4 {
		times = append(times, time.Now())
		time.Sleep(gap)
		h.append(message(fmt.Sprint("m", i), "a"))
		if l := h.one("a", fmt.Sprint("m", i)); i%2 == 0 {
			h.finish(retry(l, soon()))
		} else {
			h.finish(done(l))
		}
		time.Sleep(gap)
	}
	return append(times, time.Now())
}

func attempts(rows []delivery.Attempt) []string {
	if len(rows) == 0 {
		return nil
	}
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.Lane + " " + r.Message
	}
	return all
}
