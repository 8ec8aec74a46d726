package catalogue

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// Another gateway has a new key already and stores everything again with it.
// What this one asks before a write, it goes on to ask.
func TestAWebhookThatCannotBeDecryptedAnyMoreStaysInForce(t *testing.T) {
	t.Parallel()
	store := newStore()
	ours := gate(t, store, sealer(t, oldKey))
	made, err := ours.Create(t.Context(), named(t, "blocks"))
	require.NoError(t, err)
	require.NoError(t, gate(t, store, sealer(t, newKey, oldKey)).keepUp(t.Context()))

	require.NoError(t, ours.keepUp(t.Context()))
	require.Equal(t, []string{"blocks"}, ours.names())
	e, ok := ours.Find(made.UUID)
	require.True(t, ok)
	require.True(t, e.Sealed)
	require.Equal(t, errOtherKey.Error(), e.Fault)
	require.Equal(t, "blocks", e.Webhook.Name, "people see what is in force")
	require.Contains(t, ours.reports(), errOtherKey.Error())

	_, err = ours.Update(t.Context(), made.UUID, 0, func(w webhook.Webhook) (webhook.Webhook, error) { return w, nil })
	require.ErrorIs(t, err, ErrUnreadable, "what is stored may be something else by now")
	require.NoError(t, ours.Delete(t.Context(), made.UUID, 0))
	require.Empty(t, ours.names())
}

func TestWhatCannotBeDecryptedAtTheStart(t *testing.T) {
	t.Parallel()
	store := newStore()
	first := gate(t, store, sealer(t, oldKey))
	for _, name := range []string{"a", "b"} {
		_, err := first.Create(t.Context(), named(t, name))
		require.NoError(t, err)
	}
	readable := sealer(t, newKey).seal(Kind, "0199e2a4-7c00-7000-8000-000000000001", []byte(`{"name":"c","url":"https://h.example/"}`))
	_, err := store.PutDocument(t.Context(), delivery.Document{Kind: Kind, Key: "0199e2a4-7c00-7000-8000-000000000001", Data: readable})
	require.NoError(t, err)

	strict := gate(t, store, sealer(t, newKey))
	strict.opt.NeedAll = true
	err = strict.Load(t.Context())
	require.ErrorContains(t, err, "webhook 1 of the store")
	require.ErrorContains(t, err, errOtherKey.Error())
	require.Empty(t, strict.names(), "nothing is put in force")

	lenient := gate(t, store, sealer(t, newKey))
	require.NoError(t, lenient.Load(t.Context()))
	require.Equal(t, []string{"c"}, lenient.names())
	require.NoError(t, lenient.Delete(t.Context(), "1", 0), "it can be removed")

	unknown := gate(t, store, nil)
	unknown.opt.NeedAll = true
	require.ErrorContains(t, unknown.Load(t.Context()), errNoKey.Error())
}
