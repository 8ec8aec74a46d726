package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// brief is a lease that ends while a test waits. It is long enough for a slow
// machine to see that it has not ended yet.
const brief = 300 * time.Millisecond

var leaseClauses = []clause{
	{"an empty lane has nothing and no next", func(h *harness) {
		require.True(h, h.none("nothing").IsZero())
	}},
	{"a lease tells what it is for", func(h *harness) {
		h.append(message("m", "a"))
		until := soon()
		l := h.takeUntil("a", 1, until)[0]
		require.Equal(h, "a", l.Lane)
		require.Equal(h, 1, l.Attempt)
		require.False(h, l.Replayed)
		require.NotZero(h, l.Token)
		h.same(until, l.Until, "Until")
		require.WithinDuration(h, time.Now(), l.First, h.suite.wait)
	}},
	{"earliest first, and of equal ones the lower Seq", func(h *harness) {
		now := time.Now()
		h.append(
			to("m3", delivery.Target{Lane: "a", Due: now.Add(-10 * time.Second)}),
			to("m1", delivery.Target{Lane: "a", Due: now.Add(-30 * time.Second)}),
			to("m4", delivery.Target{Lane: "a", Due: now.Add(-10 * time.Second)}),
			to("m2", delivery.Target{Lane: "a", Due: now.Add(-20 * time.Second)}),
		)
		h.eventually("all are due", func() bool { return h.stats("a").Pending == 4 })
		// A due time that is past may be kept as it is or moved to the time of
		// the append; either way it is an order.
		got := ids(h.take("a", 4))
		require.Contains(h, [][]string{{"m1", "m2", "m3", "m4"}, {"m3", "m1", "m4", "m2"}}, got)
	}},
	{"a later due time is leased later", func(h *harness) {
		// In one call, and with time for it: what is past due when it is appended
		// may count as due then.
		now := time.Now().Add(2 * brief)
		messages := make([]delivery.Message, 0, 5)
		for i := range cap(messages) {
			due := now.Add(time.Duration(5-i) * 20 * time.Millisecond)
			messages = append(messages, to(fmt.Sprint("m", 4-i), delivery.Target{Lane: "a", Due: due}))
		}
		h.append(messages...)
		require.Equal(h, []string{"m0", "m1", "m2", "m3", "m4"}, ids(h.take("a", 5)))
	}},
	{"at most limit, and next tells of the rest", func(h *harness) {
		for i := range 5 {
			h.append(message(fmt.Sprint("m", i), "a"))
		}
		h.eventually("all are there", func() bool { return h.stats("a").Pending == 5 })
		leases, next, err := h.Lease(h.ctx, "a", 3, soon())
		require.NoError(h, err)
		require.Equal(h, []string{"m0", "m1", "m2"}, ids(leases))
		require.False(h, next.IsZero())
		require.False(h, next.After(time.Now().Add(granularity)), "the rest is due now")
	}},
	{"next is the earliest end of a lease when nothing else is due before", func(h *harness) {
		h.append(message("m1", "a"), to("m3", delivery.Target{Lane: "a", Due: time.Now().Add(3 * time.Hour)}))
		early, late := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
		h.takeUntil("a", 1, late)
		h.same(late, h.none("a"), "one lease, and something that is due later")
		h.append(message("m2", "a"))
		h.takeUntil("a", 1, early)
		h.same(early, h.none("a"), "the earlier of two leases")
	}},
	{"what is leased is not leased again before the lease ends", func(h *harness) {
		h.append(message("m", "a"))
		until := time.Now().Add(brief)
		first := h.takeUntil("a", 1, until)[0]
		leases, _, err := h.Lease(h.ctx, "a", 1, soon())
		require.NoError(h, err)
		if len(leases) > 0 {
			require.False(h, time.Now().Before(until), "leased twice")
			return
		}
		second := h.one("a", "m")
		require.False(h, time.Now().Before(until.Add(-granularity)), "leased before the lease had ended")
		require.NotEqual(h, first.Token, second.Token)
		require.Equal(h, 2, second.Attempt, "the attempt of the lease that ended counts")
	}},
	{"each lease has its own token", func(h *harness) {
		for i := range 20 {
			h.append(message(fmt.Sprint("m", i), "a", "b"))
		}
		tokens := map[string]bool{}
		for _, l := range append(h.take("a", 20), h.take("b", 20)...) {
			tokens[fmt.Sprint(l.Lane, l.Message.Seq, l.Token)] = true
		}
		require.Len(h, tokens, 40)
	}},
	{"Extend moves the end", func(h *harness) {
		h.append(message("m", "a"))
		l := h.takeUntil("a", 1, time.Now().Add(brief))[0]
		until := soon()
		h.extended(until, l)
		h.same(until, h.none("a"), "next")
		time.Sleep(brief)
		h.none("a")
		h.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"a lease that has ended can be extended while nobody took it", func(h *harness) {
		h.append(message("m", "a"))
		l := h.takeUntil("a", 1, time.Now())[0]
		h.extended(soon(), l)
		h.none("a")
	}},
	{"and be finished", func(h *harness) {
		h.append(message("m", "a"))
		l := h.takeUntil("a", 1, time.Now())[0]
		h.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
		h.none("a")
	}},
	{"Extend tells of leases that another took or finished", func(h *harness) {
		for _, id := range []string{"taken", "finished", "kept"} {
			h.append(message(id, id))
		}
		taken, finished := h.takeUntil("taken", 1, time.Now())[0], h.take("finished", 1)[0]
		kept := h.take("kept", 1)[0]
		h.one("taken", "taken")
		h.finish(done(finished))
		lost, err := h.Extend(h.ctx, soon(), taken, kept, finished)
		require.NoError(h, err)
		require.ElementsMatch(h, []string{"taken", "finished"}, ids(lost))
	}},
	{"many that lease at once never get the same", func(h *harness) {
		const n = 200
		for i := range n {
			h.append(message(fmt.Sprint("m", i), "a"))
		}
		var mu sync.Mutex
		seen := map[string]int{}
		h.eventually("all are leased", func() bool {
			h.each(8, func(int) error {
				leases, _, err := h.Lease(h.ctx, "a", 7, soon())
				mu.Lock()
				defer mu.Unlock()
				for _, l := range leases {
					seen[l.Message.ID]++
				}
				return err
			})
			return len(seen) == n
		})
		h.none("a")
		for id, times := range seen {
			require.Equal(h, 1, times, "message %s", id)
		}
	}},
}

func (h *harness) extended(until time.Time, leases ...delivery.Lease) {
	h.Helper()
	lost, err := h.Extend(h.ctx, until, leases...)
	require.NoError(h, err)
	require.Empty(h, ids(lost))
}
