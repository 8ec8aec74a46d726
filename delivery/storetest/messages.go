package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var messagesClauses = []clause{
	{"messages come as they are, oldest first, without targets", func(h *harness) {
		want := message("m0", "a")
		h.append(want, message("m1"), message("m2", "a", "b"))
		all := h.messages(delivery.MessageQuery{})
		require.Equal(h, []string{"m0", "m1", "m2"}, names(all))
		got := all[0]
		require.NotZero(h, got.Seq)
		h.same(want.Time, got.Time, "Time")
		want.Seq, want.Time, want.Targets = got.Seq, got.Time, nil
		require.Equal(h, want, got)
	}},
	{"newest first", func(h *harness) {
		h.append(message("m0"), message("m1"), message("m2"))
		require.Equal(h, []string{"m2", "m1", "m0"}, names(h.messages(delivery.MessageQuery{Newest: true})))
	}},
	{"nothing is stored", func(h *harness) {
		require.Empty(h, h.messages(delivery.MessageQuery{}))
		require.Empty(h, h.messages(delivery.MessageQuery{Newest: true, Type: "x"}))
	}},
	{"by type, subject, source, id and any of them together", func(h *harness) {
		h.variety()
		for name, c := range map[string]struct {
			query delivery.MessageQuery
			want  []string
		}{
			"all":                 {delivery.MessageQuery{}, []string{"m0", "m1", "m2", "m3", "m0", "m5"}},
			"type":                {delivery.MessageQuery{Type: "t1"}, []string{"m1", "m3", "m5"}},
			"the whole type":      {delivery.MessageQuery{Type: "t"}, nil},
			"subject":             {delivery.MessageQuery{Subject: "s0"}, []string{"m0", "m3"}},
			"source":              {delivery.MessageQuery{Source: "/other"}, []string{"m0", "m5"}},
			"id":                  {delivery.MessageQuery{ID: "m0"}, []string{"m0", "m0"}},
			"id and source":       {delivery.MessageQuery{ID: "m0", Source: source}, []string{"m0"}},
			"no such id":          {delivery.MessageQuery{ID: "m"}, nil},
			"id of another type":  {delivery.MessageQuery{ID: "m1", Type: "t0"}, nil},
			"type and subject":    {delivery.MessageQuery{Type: "t1", Subject: "s0"}, []string{"m3"}},
			"type, newest first":  {delivery.MessageQuery{Type: "t1", Newest: true}, []string{"m5", "m3", "m1"}},
			"nothing has it":      {delivery.MessageQuery{Subject: "nobody"}, nil},
			"another case":        {delivery.MessageQuery{Type: "T1"}, nil},
			"id and newest first": {delivery.MessageQuery{ID: "m0", Newest: true, Type: "t0"}, []string{"m0", "m0"}},
		} {
			require.Equal(h, c.want, names(h.messages(c.query)), name)
		}
	}},
	{"behind and before a position", func(h *harness) {
		h.variety()
		all := h.messages(delivery.MessageQuery{})
		second, fifth := all[1].Seq, all[4].Seq
		for _, newest := range []bool{false, true} {
			q := delivery.MessageQuery{After: second, Before: fifth, Newest: newest}
			want := []string{"m2", "m3"}
			if newest {
				slices.Reverse(want)
			}
			require.Equal(h, want, names(h.messages(q)))
		}
		require.Empty(h, h.messages(delivery.MessageQuery{After: all[5].Seq}))
		require.Empty(h, h.messages(delivery.MessageQuery{Before: all[0].Seq}))
		require.Equal(h, []string{"m0"}, names(h.messages(delivery.MessageQuery{ID: "m0", After: second})))
	}},
	{"pages of every query are the whole of it", func(h *harness) {
		for i := range 25 {
			m := message(fmt.Sprint("m", i))
			m.Type = fmt.Sprint("t", i%3)
			h.append(m)
		}
		for _, q := range []delivery.MessageQuery{{}, {Newest: true}, {Type: "t1"}, {Type: "t2", Newest: true}, {Type: "none"}, {ID: "m7"}} {
			whole := q
			whole.Limit = 1000
			want := h.messages(whole)
			for _, q.Limit = range []int{1, 3, 7, 8, 25} {
				require.Equal(h, names(want), names(h.messages(q)), "%+v", q)
			}
		}
	}},
	{"a page has 50 unless told, at most 1000", func(h *harness) {
		messages := make([]delivery.Message, 0, 1010)
		for i := range 1010 {
			messages = append(messages, message(fmt.Sprint("m", i)))
		}
		h.append(messages...)
		for limit, want := range map[int]int{0: 50, 1: 1, 60: 60, 5000: 1000} {
			page, next, err := h.Messages(h.ctx, delivery.MessageQuery{Limit: limit})
			require.NoError(h, err)
			require.Len(h, page, want)
			require.Equal(h, page[want-1].Seq, next)
		}
	}},
	{"what is rare takes pages without messages, not a long search", func(h *harness) {
		const most = delivery.MaxScan + 50
		for from := 0; from < most; from += 500 {
			messages := make([]delivery.Message, 0, 500)
			for i := from; i < min(from+500, most); i++ {
				messages = append(messages, message(fmt.Sprint("m", i)))
			}
			if from == 0 {
				messages[0].Type = "rare"
			}
			h.append(messages...)
		}
		rare := delivery.MessageQuery{Type: "rare", Newest: true}
		page, next, err := h.Messages(h.ctx, rare)
		require.NoError(h, err)
		require.Empty(h, page)
		require.NotZero(h, next, "there is more to look at")
		require.Equal(h, []string{"m0"}, names(h.messages(rare)))
		page, next, err = h.Messages(h.ctx, delivery.MessageQuery{Type: "rare"})
		require.NoError(h, err)
		require.Equal(h, []string{"m0"}, names(page))
		require.NotZero(h, next)
		require.Equal(h, []string{"m0"}, names(h.messages(delivery.MessageQuery{Type: "rare"})))
	}},
	{"by when they were stored", func(h *harness) {
		times := make([]time.Time, 0, 4)
		for i := range 4 {
			times = append(times, time.Now())
			time.Sleep(5 * granularity)
			m := message(fmt.Sprint("m", i))
			m.Time = time.Now().Add(-time.Hour * time.Duration(i)) // this is not meant
			h.append(m)
			time.Sleep(5 * granularity)
		}
		for _, newest := range []bool{false, true} {
			for from := range 4 {
				for to := range 4 {
					var want []string
					for i := from; i < to; i++ {
						want = append(want, fmt.Sprint("m", i))
					}
					if newest {
						slices.Reverse(want)
					}
					q := delivery.MessageQuery{Since: times[from], Until: times[to], Newest: newest}
					require.Equal(h, want, names(h.messages(q)), "%d to %d", from, to)
				}
			}
		}
		require.Equal(h, []string{"m2", "m3"}, names(h.messages(delivery.MessageQuery{Since: times[2]})))
		require.Equal(h, []string{"m0", "m1"}, names(h.messages(delivery.MessageQuery{Until: times[2]})))
		require.Empty(h, h.messages(delivery.MessageQuery{Since: time.Now().Add(time.Hour)}))
		require.Empty(h, h.messages(delivery.MessageQuery{Until: time.Now().Add(-time.Hour)}))
	}},
	{"what was purged is not among them", func(h *harness) {
		h.append(message("m0"), message("pending", "a"), message("m2"))
		_, err := h.Purge(h.ctx, time.Now().Add(time.Minute), 0)
		require.NoError(h, err)
		h.append(message("m3"))
		require.Equal(h, []string{"pending", "m3"}, names(h.messages(delivery.MessageQuery{})))
		require.Equal(h, []string{"m3", "pending"}, names(h.messages(delivery.MessageQuery{Newest: true})))
		require.Empty(h, h.messages(delivery.MessageQuery{ID: "m0"}))
	}},
}

// variety stores m0 to m5 with types t0 and t1 by turns, subjects s0 to s2, and
// two of them from another source, the first of which has the id m0 once more.
func (h *harness) variety() {
	h.Helper()
	for i := range 6 {
		m := message(fmt.Sprint("m", i), "a")
		m.Type, m.Subject = fmt.Sprint("t", i%2), fmt.Sprint("s", i%3)
		if i >= 4 {
			m.Source = "/other"
		}
		if i == 4 {
			m.ID = "m0"
		}
		h.append(m)
	}
}

// messages gives all pages of a query, and holds each to what pages are.
func (h *harness) messages(q delivery.MessageQuery) []delivery.Message {
	h.Helper()
	var all []delivery.Message
	for range 1000 {
		page, next, err := h.Messages(h.ctx, q)
		require.NoError(h, err)
		require.LessOrEqual(h, len(page), pageSize(q.Limit))
		for _, m := range page {
			require.Empty(h, m.Targets)
			require.True(h, m.Seq > q.After && (q.Before == 0 || m.Seq < q.Before), "%d: %+v", m.Seq, q)
		}
		all = append(all, page...)
		if next == 0 {
			return all
		}
		if q.Newest {
			q.Before = next
		} else {
			q.After = next
		}
	}
	require.Fail(h, "the pages do not end")
	return nil
}

func names(messages []delivery.Message) []string {
	if len(messages) == 0 {
		return nil
	}
	all := make([]string, len(messages))
	for i, m := range messages {
		all[i] = m.ID
	}
	return all
}
