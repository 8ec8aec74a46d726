package storetest

import (
	"bytes"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var appendClauses = []clause{
	{"a message comes back as it was", func(h *harness) {
		m := message("m", "a")
		m.Event = []byte("{\"specversion\":\"1.0\",\"data\":\"\\u0000 é 🚪\"}")
		h.append(m)
		got := h.one("a", "m").Message
		require.NotZero(h, got.Seq)
		require.Equal(h, m.Source, got.Source)
		require.Equal(h, m.Type, got.Type)
		require.Equal(h, m.Class, got.Class)
		require.Equal(h, m.Subject, got.Subject)
		require.Equal(h, string(m.Event), string(got.Event))
		h.same(m.Time, got.Time, "Time")

		found, _, err := h.Message(h.ctx, source, "m")
		require.NoError(h, err)
		require.Equal(h, got.Seq, found.Seq)
		require.Equal(h, string(m.Event), string(found.Event))
	}},
	{"optional fields may be empty", func(h *harness) {
		h.append(delivery.Message{ID: "m", Source: source, Type: "t", Time: time.Now(), Event: []byte(`{}`), Targets: message("", "a").Targets})
		got := h.one("a", "m").Message
		require.Empty(h, got.Class)
		require.Empty(h, got.Subject)
	}},
	{"nothing to append is no error", func(h *harness) {
		h.append()
	}},
	{"a message that is stored is passed over", func(h *harness) {
		h.append(message("m", "a"))
		h.append(message("m", "a", "b"), message("n", "a"))
		require.Equal(h, []string{"m", "n"}, ids(h.take("a", 2)))
		h.none("a")
		h.none("b")
	}},
	{"also within one call", func(h *harness) {
		h.append(message("m", "a"), message("m", "a"), message("n", "a"), message("m", "a"))
		require.Equal(h, []string{"m", "n"}, ids(h.take("a", 2)))
		h.none("a")
	}},
	{"and when it was delivered long ago", func(h *harness) {
		h.append(message("m", "a"))
		h.finish(done(h.one("a", "m")))
		h.append(message("m", "a"))
		h.none("a")
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"the same id of another source is another message", func(h *harness) {
		other := message("m", "a")
		other.Source = "/another"
		// Joined without a mark, these two would be the same.
		tail, head := message("bc", "b"), message("c", "b")
		tail.Source, head.Source = "a", "ab"
		h.append(message("m", "a"), other, tail, head)
		h.take("a", 2)
		h.take("b", 2)
	}},
	{"of many that append one message at once, one does", func(h *harness) {
		h.each(32, func(i int) error {
			return h.Append(h.ctx, message(fmt.Sprint("m", i%4), "a"), message("shared", "a"))
		})
		h.take("a", 5)
		h.none("a")
		require.EqualValues(h, 5, h.stats("a").Pending)
	}},
	{"Seq follows the order of arrival", func(h *harness) {
		var last uint64
		for i := range 20 {
			h.append(message(fmt.Sprint("m", i, "x"), "a"), message(fmt.Sprint("m", i, "y"), "a"))
		}
		for i, l := range h.take("a", 40) {
			require.Equal(h, fmt.Sprint("m", i/2, string("xy"[i%2])), l.Message.ID)
			require.Greater(h, l.Message.Seq, last)
			last = l.Message.Seq
		}
	}},
	{"a message without targets is kept", func(h *harness) {
		h.append(message("m"))
		m, deliveries, err := h.Message(h.ctx, source, "m")
		require.NoError(h, err)
		require.Equal(h, "m", m.ID)
		require.Empty(h, deliveries)
	}},
	{"the caller's bytes are its own again", func(h *harness) {
		m := message("m", "a")
		want := bytes.Clone(m.Event)
		h.append(m)
		clear(m.Event)
		require.Equal(h, string(want), string(h.one("a", "m").Message.Event))
	}},
	{"long names and large events", func(h *harness) {
		lane, id := string(bytes.Repeat([]byte("l"), 255)), string(bytes.Repeat([]byte("i"), 500))
		m := to(id, delivery.Target{Lane: lane, Key: string(bytes.Repeat([]byte("k"), 1024))})
		m.Event = fmt.Appendf(nil, `{"data":%q}`, bytes.Repeat([]byte("0123456789"), 1<<17))
		h.append(m)
		l := h.one(lane, id)
		require.True(h, bytes.Equal(m.Event, l.Message.Event))
		h.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where(lane, id).State)
	}},
	{"names that are nearly the same are different", func(h *harness) {
		lanes := []string{"a", "a/", "a:b", "{a}", "a b", "A", "é", "a\n", "*"}
		h.append(message("m", lanes...))
		for _, lane := range lanes {
			h.one(lane, "m")
			h.none(lane)
		}
	}},
}
