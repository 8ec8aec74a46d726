package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// reopenDocumentClauses are about what is acknowledged: it is there again after
// whatever ended the store.
var reopenDocumentClauses = []clause{
	{"documents are there again", func(h *harness) {
		var want []delivery.Document
		for i := range 20 {
			d := h.put(delivery.Document{Kind: "webhook", Key: fmt.Sprint("k", i), Data: fmt.Append(nil, "data ", i)})
			if i%3 == 0 {
				d.Data = []byte("changed")
				d = h.put(d)
			}
			if i%5 == 1 {
				require.NoError(h, h.RemoveDocument(h.ctx, "webhook", d.Key, d.Revision))
				continue
			}
			want = append(want, d)
		}
		h.again()
		got := h.list("webhook")
		require.Len(h, got, len(want))
		for i := range want {
			h.sameDocument(want[i], got[i])
		}
	}},
	{"numbers and revisions go on behind those that were removed", func(h *harness) {
		h.put(delivery.Document{Kind: "webhook", Key: "a"})
		last := h.put(delivery.Document{Kind: "webhook", Key: "b"})
		require.NoError(h, h.RemoveDocument(h.ctx, "webhook", "b", 0))
		require.NoError(h, h.RemoveDocument(h.ctx, "webhook", "a", 0))
		h.again()
		d := h.put(delivery.Document{Kind: "webhook", Key: "b"})
		require.EqualValues(h, 3, d.Number)
		require.NotEqual(h, last.Revision, d.Revision)
		_, err := h.PutDocument(h.ctx, last)
		require.ErrorIs(h, err, delivery.ErrChanged)
	}},
}
