package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var peerClauses = []clause{
	{"a peer delivers what this one appends", func(h *harness) {
		p := h.other()
		w := p.watch()
		h.append(message("m", "a"))
		w.told("a", time.Now())
		l := p.one("a", "m")
		h.none("a")
		p.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"a message of a peer is passed over", func(h *harness) {
		p := h.other()
		h.append(message("m", "a"))
		p.append(message("m", "a"))
		h.take("a", 1)
		h.none("a")
		p.none("a")
	}},
	{"a lease that a peer took is lost", func(h *harness) {
		p := h.other()
		h.append(message("m", "a"))
		l := h.takeUntil("a", 1, time.Now())[0]
		require.Equal(h, 2, p.one("a", "m").Attempt)
		lost, err := h.Extend(h.ctx, soon(), l)
		require.NoError(h, err)
		require.Len(h, lost, 1)
	}},
	{"one at a time of a key, of all gateways", func(h *harness) {
		p := h.other()
		h.append(keyed("m1", "a", "k"), keyed("m2", "a", "k"))
		l := h.one("a", "m1")
		p.none("a")
		h.finish(done(l))
		p.one("a", "m2")
	}},
	{"the holds of one that lives are not orphans", func(h *harness) {
		p := h.other()
		h.hold("h", time.Now().Add(-time.Hour))
		orphans, err := p.Orphans(h.ctx, 10)
		require.NoError(h, err)
		require.Empty(h, orphans)
	}},
	{"the holds of one that is gone are claimed by one of the others", func(h *harness) {
		p, q := h.other(), h.other()
		for i := range 10 {
			h.hold(fmt.Sprint("h", i), time.Now())
		}
		require.NoError(h, h.Close())
		var claimed atomic.Int32
		h.eventually("all are claimed", func() bool {
			h.each(8, func(i int) error {
				orphans, err := []*harness{p, q}[i%2].Orphans(h.ctx, 2)
				claimed.Add(int32(len(orphans)))
				return err
			})
			return claimed.Load() >= 10
		})
		require.EqualValues(h, 10, claimed.Load())
	}},
	{"what one gives back others get", func(h *harness) {
		p, q := h.other(), h.other()
		created := time.Now().Add(-time.Minute)
		h.hold("h1", created)
		h.hold("h2", created)
		require.NoError(h, h.Close())
		p.claims("h1", "h2")
		p.disclaim("h1", "h2")
		q.claims("h1", "h2")
		p.disclaim("h1") // q's by now, but q may settle it all the same
		require.NoError(h, q.Release(h.ctx, "h1", message("m1", "a")))
		q.disclaim("h2", "h2")
		p.claims("h2")
		p.same(created, p.holds(10)[0].Created, "time of the request")
		require.NoError(h, p.Release(h.ctx, "h2", message("m2", "a")))
		p.take("a", 2)
	}},
	{"what one gave back it gets again when nobody else wants it", func(h *harness) {
		p := h.other()
		h.hold("h", time.Now())
		require.NoError(h, h.Close())
		for range 2 {
			p.claims("h")
			p.disclaim("h")
		}
		p.claims("h")
		require.NoError(h, p.Release(h.ctx, "h", message("m", "a")))
		p.one("a", "m")
	}},
	{"what was given back anybody may release", func(h *harness) {
		p, q := h.other(), h.other()
		for i := range 3 {
			h.hold(fmt.Sprint("h", i), time.Now())
		}
		require.NoError(h, h.Close())
		p.claims("h0", "h1", "h2")
		p.disclaim("h0", "h1", "h2")
		require.Len(h, q.holds(10), 3)
		require.NoError(h, p.Release(h.ctx, "h0"))
		require.NoError(h, q.Release(h.ctx, "h1", message("m", "a")))
		require.ErrorIs(h, p.Release(h.ctx, "h1", message("again", "a")), delivery.ErrNoHold)
		q.claims("h2")
		require.NoError(h, q.Release(h.ctx, "h2"))
		p.claims()
		p.take("a", 1)
		count, err := p.HoldCount(h.ctx)
		require.NoError(h, err)
		require.Zero(h, count)
	}},
	{"what another has can be made nobody's", func(h *harness) {
		p := h.other()
		p.hold("h", time.Now())
		require.ErrorIs(h, h.Release(h.ctx, "h"), delivery.ErrNoHold)
		h.disclaim("h", "there is none")
		require.NoError(h, h.Release(h.ctx, "h", message("m", "a")))
		require.ErrorIs(h, p.Release(h.ctx, "h", message("again", "a")), delivery.ErrNoHold)
		h.one("a", "m")
		require.Empty(h, p.holds(10))
	}},
}

// claims wants these holds from Orphans, as soon as it gives any.
func (h *harness) claims(ids ...string) {
	h.Helper()
	var got []string
	look := func() bool {
		orphans, err := h.Orphans(h.ctx, 10)
		require.NoError(h, err)
		for _, o := range orphans {
			got = append(got, o.ID)
		}
		return len(got) >= len(ids)
	}
	h.eventually("there are orphans", look)
	require.ElementsMatch(h, ids, got)
}

func (h *harness) disclaim(ids ...string) {
	h.Helper()
	shared, ok := h.Store.(delivery.Disclaimer)
	require.True(h, ok, "a store with peers lets them have what this one cannot settle")
	for _, id := range ids {
		require.NoError(h, shared.Disclaim(h.ctx, id))
	}
}

// other is a harness of one more gateway with the same data.
func (h *harness) other() *harness {
	h.Helper()
	p := &harness{T: h.T, Store: h.suite.peer(h.T, h.Store), suite: h.suite, ctx: h.ctx}
	h.Cleanup(func() { _ = p.Close() })
	return p
}
