package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var documentClauses = []clause{
	{"a new document comes back as it was, with what the store gave it", func(h *harness) {
		begun := time.Now()
		data := []byte("{\"name\":\"\\u0000 é\"}\xff\x00\n")
		want := string(data)
		d := h.put(delivery.Document{Kind: "webhook", Key: "k", Data: data, Number: 77, Created: soon(), Updated: soon()})
		clear(data)
		require.EqualValues(h, 1, d.Number)
		require.NotZero(h, d.Revision)
		require.WithinDuration(h, begun, d.Created, time.Minute)
		require.Equal(h, want, string(h.single().Data), "the caller's slice is not kept")
		h.sameDocument(delivery.Document{
			Kind: "webhook", Key: "k", Data: []byte(want),
			Number: 1, Revision: d.Revision, Created: d.Created, Updated: d.Created,
		}, h.single())
	}},
	{"there is one of a kind and key", func(h *harness) {
		d := h.put(delivery.Document{Kind: "webhook", Key: "k", Data: []byte("1")})
		_, err := h.PutDocument(h.ctx, delivery.Document{Kind: "webhook", Key: "k", Data: []byte("2")})
		require.ErrorIs(h, err, delivery.ErrExists)
		h.sameDocument(d, h.single())
		h.put(delivery.Document{Kind: "subscription", Key: "k"})
		h.put(delivery.Document{Kind: "webhook", Key: "K"})
	}},
	{"kinds do not mix, and each counts from 1", func(h *harness) {
		for _, kind := range []string{"a", "ab", "b"} {
			require.EqualValues(h, 1, h.put(delivery.Document{Kind: kind, Key: "b"}).Number)
			require.EqualValues(h, 2, h.put(delivery.Document{Kind: kind, Key: "bb"}).Number)
		}
		require.Equal(h, []string{"1 b", "2 bb"}, h.keys("a"))
		require.Equal(h, []string{"1 b", "2 bb"}, h.keys("ab"))
		require.Empty(h, h.keys("c"))
	}},
	{"documents are listed by Number, whatever their keys", func(h *harness) {
		want := make([]string, 0, 30)
		for i, key := range []string{"z", "a", "m", "\xff", "é", "0"} {
			h.put(delivery.Document{Kind: "webhook", Key: key})
			want = append(want, fmt.Sprint(i+1, " ", key))
		}
		for i := range 20 {
			key := fmt.Sprint("k", 100-i)
			h.put(delivery.Document{Kind: "webhook", Key: key})
			want = append(want, fmt.Sprint(i+7, " ", key))
		}
		require.Equal(h, want, h.keys("webhook"))
	}},
	{"replacing keeps Number and Created, and gives another revision", func(h *harness) {
		first := h.put(delivery.Document{Kind: "webhook", Key: "k", Data: []byte("1")})
		time.Sleep(2 * granularity)
		changed := first
		changed.Data, changed.Number, changed.Created = []byte("2"), 99, soon()
		second := h.put(changed)
		require.Equal(h, first.Number, second.Number)
		h.same(first.Created, second.Created, "Created")
		require.True(h, second.Updated.After(first.Updated))
		require.NotEqual(h, first.Revision, second.Revision)
		require.Equal(h, "2", string(second.Data))
		h.sameDocument(second, h.single())
		require.NotEqual(h, second.Revision, h.put(second).Revision, "also when the data are the same")
	}},
	{"replacing another revision fails and changes nothing", func(h *harness) {
		first := h.put(delivery.Document{Kind: "webhook", Key: "k", Data: []byte("1")})
		second := h.put(first)
		for _, revision := range []uint64{first.Revision, second.Revision + 1, 1 << 62} {
			stale := delivery.Document{Kind: "webhook", Key: "k", Revision: revision, Data: []byte("stale")}
			_, err := h.PutDocument(h.ctx, stale)
			require.ErrorIs(h, err, delivery.ErrChanged)
			require.ErrorIs(h, h.RemoveDocument(h.ctx, "webhook", "k", revision), delivery.ErrChanged)
		}
		h.sameDocument(second, h.single())
	}},
	{"what is not there cannot be replaced or removed", func(h *harness) {
		d := h.put(delivery.Document{Kind: "webhook", Key: "k"})
		d.Kind = "other"
		_, err := h.PutDocument(h.ctx, d)
		require.ErrorIs(h, err, delivery.ErrNotFound)
		for _, revision := range []uint64{0, d.Revision} {
			require.ErrorIs(h, h.RemoveDocument(h.ctx, "other", "k", revision), delivery.ErrNotFound)
			require.ErrorIs(h, h.RemoveDocument(h.ctx, "webhook", "K", revision), delivery.ErrNotFound)
		}
		require.Empty(h, h.keys("other"))
	}},
	{"removing takes its revision, or any", func(h *harness) {
		a, b := h.put(delivery.Document{Kind: "webhook", Key: "a"}), h.put(delivery.Document{Kind: "webhook", Key: "b"})
		require.NoError(h, h.RemoveDocument(h.ctx, "webhook", "a", a.Revision))
		require.Equal(h, []string{"2 b"}, h.keys("webhook"))
		require.NoError(h, h.RemoveDocument(h.ctx, "webhook", "b", 0))
		require.Empty(h, h.keys("webhook"))
		_, err := h.PutDocument(h.ctx, b)
		require.ErrorIs(h, err, delivery.ErrNotFound)
	}},
	{"a number and a revision are never used again", func(h *harness) {
		seen := map[uint64]bool{}
		for i := range 5 {
			d := h.put(delivery.Document{Kind: "webhook", Key: "k"})
			require.EqualValues(h, i+1, d.Number)
			require.False(h, seen[d.Revision])
			seen[d.Revision] = true
			require.NoError(h, h.RemoveDocument(h.ctx, "webhook", "k", 0))
			require.ErrorIs(h, h.RemoveDocument(h.ctx, "webhook", "k", d.Revision), delivery.ErrNotFound)
		}
	}},
	{"as much as a megabyte, and no more", func(h *harness) {
		d := h.put(delivery.Document{Kind: "webhook", Key: strings.Repeat("k", delivery.MaxDocumentKey), Data: make([]byte, delivery.MaxDocument)})
		require.Len(h, h.single().Data, delivery.MaxDocument)
		d.Data = append(d.Data, 1)
		for _, wrong := range []delivery.Document{
			d, {Kind: "", Key: "k"}, {Kind: "Webhook", Key: "k"}, {Kind: "webhook"}, {Kind: "webhook", Key: "a\x00b"},
		} {
			_, err := h.PutDocument(h.ctx, wrong)
			require.ErrorIs(h, err, delivery.ErrBadDocument)
		}
		require.Len(h, h.single().Data, delivery.MaxDocument)
	}},
	{"of many that make one key, one does", func(h *harness) {
		var made atomic.Int32
		h.each(16, func(i int) error {
			_, err := h.PutDocument(h.ctx, delivery.Document{Kind: "webhook", Key: "k", Data: fmt.Append(nil, i)})
			return count(&made, err, delivery.ErrExists)
		})
		require.EqualValues(h, 1, made.Load())
		require.Equal(h, []string{"1 k"}, h.keys("webhook"))
	}},
	{"many that make different ones get a number each", func(h *harness) {
		h.each(24, func(i int) error {
			_, err := h.PutDocument(h.ctx, delivery.Document{Kind: "webhook", Key: fmt.Sprint("k", i)})
			return err
		})
		all := h.list("webhook")
		require.Len(h, all, 24)
		for i := range all[1:] {
			require.Less(h, all[i].Number, all[i+1].Number)
		}
	}},
	{"of many that replace one revision, one does", func(h *harness) {
		d := h.put(delivery.Document{Kind: "webhook", Key: "k"})
		for range 5 {
			var won atomic.Int32
			h.each(8, func(i int) error {
				mine := d
				mine.Data = fmt.Append(nil, i)
				_, err := h.PutDocument(h.ctx, mine)
				return count(&won, err, delivery.ErrChanged)
			})
			require.EqualValues(h, 1, won.Load())
			d = h.single()
		}
	}},
	{"documents do not go with messages", func(h *harness) {
		d := h.put(delivery.Document{Kind: "webhook", Key: "k"})
		h.append(message("m"))
		_, err := h.Purge(h.ctx, time.Now().Add(time.Hour), 1)
		require.NoError(h, err)
		h.sameDocument(d, h.single())
	}},
}

// count counts those that succeed, and passes over those that others came before.
func count(n *atomic.Int32, err, late error) error {
	if err == nil {
		n.Add(1)
		return nil
	}
	if errors.Is(err, late) {
		return nil
	}
	return err
}

func (h *harness) put(d delivery.Document) delivery.Document {
	h.Helper()
	out, err := h.PutDocument(h.ctx, d)
	require.NoError(h, err)
	require.Equal(h, d.Kind, out.Kind)
	require.Equal(h, d.Key, out.Key)
	require.Equal(h, string(d.Data), string(out.Data))
	return out
}

func (h *harness) list(kind string) []delivery.Document {
	h.Helper()
	all, err := h.Documents(h.ctx, kind)
	require.NoError(h, err)
	return all
}

// single gives the one webhook.
func (h *harness) single() delivery.Document {
	h.Helper()
	all := h.list("webhook")
	require.Len(h, all, 1)
	return all[0]
}

// keys gives the numbers and keys of a kind.
func (h *harness) keys(kind string) []string {
	h.Helper()
	documents := h.list(kind)
	all := make([]string, len(documents))
	for i, d := range documents {
		all[i] = fmt.Sprint(d.Number, " ", d.Key)
	}
	return all
}

func (h *harness) sameDocument(want, got delivery.Document) {
	h.Helper()
	h.same(want.Created, got.Created, "Created")
	h.same(want.Updated, got.Updated, "Updated")
	got.Created, got.Updated = want.Created, want.Updated
	require.Equal(h, string(want.Data), string(got.Data))
	want.Data, got.Data = nil, nil
	require.Equal(h, want, got)
}
