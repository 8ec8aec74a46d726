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
}

// other is a harness of one more gateway with the same data.
func (h *harness) other() *harness {
	h.Helper()
	p := &harness{T: h.T, Store: h.suite.peer(h.T, h.Store), suite: h.suite, ctx: h.ctx}
	h.Cleanup(func() { _ = p.Close() })
	return p
}
