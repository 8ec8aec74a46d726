package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var holdClauses = []clause{
	{"a hold is listed until it is settled", func(h *harness) {
		begun := time.Now().Add(-time.Minute)
		require.NoError(h, h.Hold(h.ctx, delivery.Hold{ID: "h1", Created: begun, Intent: []byte(`{"n":1}`)}))
		holds := h.holds(10)
		require.Len(h, holds, 1)
		require.Equal(h, "h1", holds[0].ID)
		require.JSONEq(h, `{"n":1}`, string(holds[0].Intent))
		h.same(begun, holds[0].Created, "Created")
		require.NoError(h, h.Release(h.ctx, "h1"))
		require.Empty(h, h.holds(10))
	}},
	{"holds are listed oldest first, at most limit", func(h *harness) {
		for _, age := range []int{2, 5, 1, 4, 3} {
			h.hold(fmt.Sprint("h", age), time.Now().Add(-time.Duration(age)*time.Minute))
		}
		got := make([]string, 0, 3)
		for _, hold := range h.holds(3) {
			got = append(got, hold.ID)
		}
		require.Equal(h, []string{"h5", "h4", "h3"}, got)
	}},
	{"release stores the messages", func(h *harness) {
		h.hold("h", time.Now())
		require.NoError(h, h.Release(h.ctx, "h", message("m1", "a"), message("m2", "a", "b")))
		require.Empty(h, h.holds(10))
		require.Equal(h, []string{"m1", "m2"}, ids(h.take("a", 2)))
		h.one("b", "m2")
	}},
	{"release without messages drops the hold", func(h *harness) {
		h.hold("h", time.Now())
		require.NoError(h, h.Release(h.ctx, "h"))
		require.ErrorIs(h, h.Release(h.ctx, "h"), delivery.ErrNoHold)
	}},
	{"release without a hold stores nothing", func(h *harness) {
		require.ErrorIs(h, h.Release(h.ctx, "h", message("m", "a")), delivery.ErrNoHold)
		_, _, err := h.Message(h.ctx, source, "m")
		require.ErrorIs(h, err, delivery.ErrNotFound)
		h.none("a")
	}},
	{"release passes over a message that is stored", func(h *harness) {
		h.append(message("m", "a"))
		h.hold("h", time.Now())
		require.NoError(h, h.Release(h.ctx, "h", message("m", "a"), message("n", "a")))
		require.Empty(h, h.holds(10))
		require.Equal(h, []string{"m", "n"}, ids(h.take("a", 2)))
		h.none("a")
	}},
	{"of many that release a hold at once, one does", func(h *harness) {
		var released atomic.Int32
		for round := range 20 {
			id := fmt.Sprint("h", round)
			h.hold(id, time.Now())
			h.each(8, func(i int) error {
				err := h.Release(h.ctx, id, message(fmt.Sprint(id, "-", i), "a"))
				if err == nil {
					released.Add(1)
					return nil
				}
				if errors.Is(err, delivery.ErrNoHold) {
					return nil
				}
				return err
			})
		}
		require.EqualValues(h, 20, released.Load())
		h.take("a", 20)
		h.none("a")
		require.EqualValues(h, 20, h.stats("a").Pending)
	}},
	{"one's own holds are not orphans", func(h *harness) {
		h.hold("h", time.Now().Add(-24*time.Hour))
		orphans, err := h.Orphans(h.ctx, 10)
		require.NoError(h, err)
		require.Empty(h, orphans)
	}},
	{"the intent is kept as it was given", func(h *harness) {
		intent := []byte("{\"text\":\"\\u0000 é\"}\n")
		require.NoError(h, h.Hold(h.ctx, delivery.Hold{ID: "h", Created: time.Now(), Intent: intent}))
		want := string(intent)
		clear(intent)
		require.Equal(h, want, string(h.holds(1)[0].Intent), "Hold does not keep the caller's slice")
	}},
}

func (h *harness) hold(id string, created time.Time) {
	h.Helper()
	require.NoError(h, h.Hold(h.ctx, delivery.Hold{ID: id, Created: created, Intent: []byte(`{}`)}))
}

func (h *harness) holds(limit int) []delivery.Hold {
	h.Helper()
	holds, err := h.Holds(h.ctx, limit)
	require.NoError(h, err)
	return holds
}
