package delivery_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestDocumentLimits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		document delivery.Document
		ok       bool
	}{
		"a webhook":          {delivery.Document{Kind: "webhook", Key: "6d0f64d6-6fd1-4c8c-9b6f-1f1d0f5a4e3b", Data: []byte("{}")}, true},
		"no data":            {delivery.Document{Kind: "a", Key: "k"}, true},
		"the longest":        {delivery.Document{Kind: strings.Repeat("a", 32), Key: strings.Repeat("é", 127), Data: make([]byte, 1<<20)}, true},
		"no kind":            {delivery.Document{Key: "k"}, false},
		"a kind too long":    {delivery.Document{Kind: strings.Repeat("a", 33), Key: "k"}, false},
		"a kind in capitals": {delivery.Document{Kind: "Webhook", Key: "k"}, false},
		"a kind with a mark": {delivery.Document{Kind: "web:hook", Key: "k"}, false},
		"no key":             {delivery.Document{Kind: "a"}, false},
		"a key too long":     {delivery.Document{Kind: "a", Key: strings.Repeat("k", 256)}, false},
		"a key with NUL":     {delivery.Document{Kind: "a", Key: "k\x00"}, false},
		"data too long":      {delivery.Document{Kind: "a", Key: "k", Data: make([]byte, 1<<20+1)}, false},
	} {
		err := test.document.Validate()
		if test.ok {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, delivery.ErrBadDocument, name)
	}
}
