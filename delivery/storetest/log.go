package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var logClauses = []clause{
	{"a row comes back as it was", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		o := retry(l, soon())
		o.Attempt.Next = soon()
		h.finish(o)
		rows, total := h.rows(delivery.AttemptQuery{})
		require.EqualValues(h, 1, total)
		require.Len(h, rows, 1)
		got, want := rows[0], *o.Attempt
		require.NotZero(h, got.ID)
		h.same(want.Time, got.Time, "Time")
		h.same(want.Next, got.Next, "Next")
		got.ID, got.Time, got.Next = 0, want.Time, want.Next
		require.Equal(h, want, got)
	}},
	{"what is empty stays empty", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		o := done(l)
		o.Attempt = &delivery.Attempt{Lane: "a", Message: "m", Seq: l.Message.Seq, Time: time.Now(), Number: 1, Success: true}
		h.finish(o)
		rows, _ := h.rows(delivery.AttemptQuery{})
		require.Len(h, rows, 1)
		require.Zero(h, rows[0].Status)
		require.Empty(h, rows[0].Request)
		require.Empty(h, rows[0].Response)
		require.True(h, rows[0].Next.IsZero())
	}},
	{"newest first, with ascending ids", func(h *harness) {
		h.history()
		rows, total := h.rows(delivery.AttemptQuery{})
		require.EqualValues(h, 12, total)
		require.Len(h, rows, 12)
		for i := range rows[1:] {
			require.Less(h, rows[i+1].ID, rows[i].ID)
		}
	}},
	{"by lane, success, message and any of them together", func(h *harness) {
		h.history()
		yes, no := true, false
		cases := map[string]struct {
			query delivery.AttemptQuery
			total uint64
		}{
			"all":                      {delivery.AttemptQuery{}, 12},
			"lane":                     {delivery.AttemptQuery{Lane: "a"}, 8},
			"the other lane":           {delivery.AttemptQuery{Lane: "b"}, 4},
			"no such lane":             {delivery.AttemptQuery{Lane: "c"}, 0},
			"successes":                {delivery.AttemptQuery{Success: &yes}, 8},
			"failures":                 {delivery.AttemptQuery{Success: &no}, 4},
			"lane and failures":        {delivery.AttemptQuery{Lane: "a", Success: &no}, 4},
			"lane and successes":       {delivery.AttemptQuery{Lane: "a", Success: &yes}, 4},
			"other lane and failures":  {delivery.AttemptQuery{Lane: "b", Success: &no}, 0},
			"message":                  {delivery.AttemptQuery{Message: "m1"}, 3},
			"message and lane":         {delivery.AttemptQuery{Message: "m1", Lane: "a"}, 2},
			"message, lane, successes": {delivery.AttemptQuery{Message: "m1", Lane: "a", Success: &yes}, 1},
			"message and failures":     {delivery.AttemptQuery{Message: "m1", Success: &no}, 1},
			"no such message":          {delivery.AttemptQuery{Message: "m"}, 0},
		}
		for name, c := range cases {
			rows, total := h.rows(c.query)
			require.Equal(h, c.total, total, name)
			require.Len(h, rows, int(c.total), name)
			for _, r := range rows {
				require.True(h, c.query.Lane == "" || r.Lane == c.query.Lane, name)
				require.True(h, c.query.Message == "" || r.Message == c.query.Message, name)
				require.True(h, c.query.Success == nil || r.Success == *c.query.Success, name)
			}
		}
	}},
	{"pages by Before and by Offset are the same", func(h *harness) {
		h.history()
		no := false
		for _, q := range []delivery.AttemptQuery{{}, {Lane: "a"}, {Lane: "a", Success: &no}, {Message: "m2"}, {Success: &no}} {
			all, total := h.rows(q)
			var before, offset []uint64
			for b, o := q, q; len(offset) < len(all); {
				b.Limit, o.Limit = 2, 2
				rows, n := h.rows(b)
				require.Equal(h, total, n, "the total does not depend on the page")
				require.NotEmpty(h, rows)
				before = append(before, rowIDs(rows)...)
				b.Before = rows[len(rows)-1].ID
				rows, n = h.rows(o)
				require.Equal(h, total, n)
				offset = append(offset, rowIDs(rows)...)
				o.Offset += 2
			}
			require.Equal(h, rowIDs(all), before)
			require.Equal(h, rowIDs(all), offset)
			q.Offset = 1000
			rows, _ := h.rows(q)
			require.Empty(h, rows)
		}
	}},
	{"long texts are cut", func(h *harness) {
		h.append(message("m", "a"))
		o := retry(h.one("a", "m"), soon())
		o.Attempt.Error = strings.Repeat("e", 2*delivery.MaxErrorText)
		o.Attempt.Response = []byte(strings.Repeat("r", 2*delivery.MaxResponseText))
		h.finish(o)
		rows, _ := h.rows(delivery.AttemptQuery{})
		require.LessOrEqual(h, len(rows[0].Error), delivery.MaxErrorText)
		require.LessOrEqual(h, len(rows[0].Response), delivery.MaxResponseText)
	}},
}

// history makes 12 rows: m0 to m3 failed once in lane a, were delivered there,
// and were delivered in lane b.
func (h *harness) history() {
	h.Helper()
	for i := range 4 {
		h.append(message(fmt.Sprint("m", i), "a", "b"))
	}
	for _, l := range h.take("a", 4) {
		h.finish(retry(l, time.Time{}))
	}
	for _, l := range append(h.take("a", 4), h.take("b", 4)...) {
		h.finish(done(l))
	}
}

func (h *harness) rows(q delivery.AttemptQuery) ([]delivery.Attempt, uint64) {
	h.Helper()
	rows, total, err := h.Attempts(h.ctx, q)
	require.NoError(h, err)
	return rows, total
}

func rowIDs(rows []delivery.Attempt) []uint64 {
	all := make([]uint64, 0, len(rows))
	for _, r := range rows {
		all = append(all, r.ID)
	}
	return all
}
