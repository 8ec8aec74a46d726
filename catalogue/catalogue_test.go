package catalogue

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

var errDown = errors.New("the store is down")

const configured = `{"name":"configured","url":"https://receiver.example/configured"}`

func TestTheListHasThoseOfTheStoreAndOfTheConfiguration(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil, configured, `{"name":"other","uuid":"0199E2A4-7C00-7000-8000-000000000001","url":"https://h.example/"}`)
	require.Len(t, g.List(), 2, "before anything was read")
	require.NoError(t, g.Load(t.Context()))
	made, err := g.Create(t.Context(), named(t, "made"))
	require.NoError(t, err)

	list := g.List()
	require.Len(t, list, 3)
	require.Equal(t, uint64(1), list[0].Number)
	require.False(t, list[0].Fixed)
	require.Equal(t, made, list[0])
	require.WithinDuration(t, time.Now(), made.Created, time.Minute)
	require.True(t, list[1].Fixed)
	require.Equal(t, FixedNumber("configured"), list[1].Number)
	require.Equal(t, "0199e2a4-7c00-7000-8000-000000000001", list[2].UUID)
	require.Equal(t, []string{"configured", "made", "other"}, g.names())

	for _, e := range list {
		for _, id := range []string{strconv.FormatUint(e.Number, 10), e.UUID, strings.ToUpper(e.UUID)} {
			found, ok := g.Find(id)
			require.True(t, ok, id)
			require.Equal(t, e, found)
		}
	}
	for _, id := range []string{"", "0", "2", "-1", "made", "0199e2a4-7c00-7000-8000-000000000002"} {
		_, ok := g.Find(id)
		require.False(t, ok, id)
	}
}

func TestTheNumberOfAConfiguredWebhookIsItsNames(t *testing.T) {
	t.Parallel()
	seen := map[uint64]bool{}
	for i := range 10_000 {
		n := FixedNumber("webhook " + strconv.Itoa(i))
		require.GreaterOrEqual(t, n, uint64(1<<32))
		require.Less(t, n, uint64(1<<53), "JavaScript can hold it")
		seen[n] = true
	}
	require.Len(t, seen, 10_000)
	first, again := gate(t, newStore(), nil, configured).List()[0], gate(t, newStore(), nil, configured).List()[0]
	require.Equal(t, first.UUID, again.UUID)
	require.Equal(t, first.Number, again.Number)
}

func TestAChangeReachesOtherGateways(t *testing.T) {
	t.Parallel()
	shared := newStore()
	here, there := gate(t, shared, nil), gate(t, shared, nil)
	require.NoError(t, here.Load(t.Context()))
	there.run(t)

	made, err := here.Create(t.Context(), named(t, "made"))
	require.NoError(t, err)
	require.Equal(t, []string{"made"}, here.names(), "in force when Create returns")
	within := func(want []string) {
		t.Helper()
		require.Eventually(t, func() bool { return slices.Equal(want, there.names()) }, soon, time.Millisecond)
	}
	within([]string{"made"})
	_, err = here.Update(t.Context(), made.UUID, 0, func(w webhook.Webhook) (webhook.Webhook, error) {
		w.Name = "renamed"
		return w, nil
	})
	require.NoError(t, err)
	within([]string{"renamed"})
	require.NoError(t, here.Delete(t.Context(), made.UUID, 0))
	within(nil)
}

func TestWhatDoesNotChangeIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil, configured)
	require.NoError(t, g.Load(t.Context()))
	_, err := g.Create(t.Context(), named(t, "first"))
	require.NoError(t, err)
	before := g.List()
	_, err = g.Create(t.Context(), named(t, "second"))
	require.NoError(t, err)
	require.Same(t, before[0].Hook, g.List()[0].Hook, "so that its connections and queue go on")
	require.Equal(t, 3, g.applied)
	require.NoError(t, g.Load(t.Context()))
	require.Equal(t, 3, g.applied, "nothing new, nothing done")
}

// TestOneThatCannotBeUsed is listed, and does not keep others from being used.
func TestOneThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	shared := newStore()
	const space = "0199e2a4-7c00-7000-8000-00000000000"
	put := func(key, data string) {
		key = space + key
		_, err := shared.PutDocument(t.Context(), delivery.Document{Kind: Kind, Key: key, Data: []byte(data)})
		require.NoError(t, err)
	}
	put("a", `{"name":"from the future","url":"https://h.example/","whatever":1}`)
	put("b", `not a webhook`)
	put("c", `{"name":"unsafe","url":"https://h.example/","tls":{"ca":"/etc/passwd"}}`)
	put("d", string(sealer(t, oldKey).seal(Kind, space+"d", []byte(`{"name":"sealed","url":"https://h.example/"}`))))
	put("e", configured)
	put("f", `{"name":"good","url":"https://h.example/"}`)
	put("0", `{"name":"good","url":"https://h.example/"}`)
	g := gate(t, shared, nil, configured)
	require.NoError(t, g.Load(t.Context()))
	require.Equal(t, []string{"configured", "good"}, g.names())
	for i, fault := range []string{"whatever", "", "PEM", "encryption_key", "has this name", "", "has this name"} {
		e := g.List()[i]
		if i == 5 {
			require.Empty(t, e.Fault)
			require.NotNil(t, e.Hook)
			continue
		}
		require.Nil(t, e.Hook, i)
		require.NotEmpty(t, e.Fault, i)
		require.Contains(t, e.Fault, fault)
	}
	require.Contains(t, g.reports(), "webhook 2 of the store ("+space+"b) cannot be used")

	_, err := g.Update(t.Context(), space+"b", 0, func(w webhook.Webhook) (webhook.Webhook, error) { return w, nil })
	require.ErrorIs(t, err, ErrUnreadable, "what was not read must not be overwritten")
	require.NoError(t, g.Delete(t.Context(), "6", 0))
	require.Equal(t, []string{"configured", "good"}, g.names(), "the other of that name takes its place")
}

func TestAStoreThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	shared := newStore()
	g := gate(t, shared, nil, configured)
	require.NoError(t, g.Load(t.Context()))
	_, err := g.Create(t.Context(), named(t, "made"))
	require.NoError(t, err)
	shared.failing(errDown)
	require.ErrorIs(t, g.Load(t.Context()), errDown)
	_, err = g.Create(t.Context(), named(t, "another"))
	require.ErrorIs(t, err, errDown)
	require.Equal(t, []string{"configured", "made"}, g.names())
	require.Len(t, g.List(), 2)
}

// TestRunTriesAgain when the store does not answer, or what it has cannot be put
// in force.
func TestRunTriesAgain(t *testing.T) {
	t.Parallel()
	shared := newStore()
	_, err := gate(t, shared, nil).Create(t.Context(), named(t, "made"))
	require.NoError(t, err)
	g := gate(t, shared, nil)
	shared.failing(errDown)
	g.refuses = errors.New("no room")
	g.run(t)
	reported := func(what string) {
		require.Eventually(t, func() bool { return strings.Contains(g.reports(), what) }, soon, 10*time.Millisecond)
	}
	reported("the store is down")
	shared.failing(nil)
	reported("no room")
	require.Empty(t, g.List(), "the list has what is in force")
	g.mu.Lock()
	g.refuses = nil
	g.mu.Unlock()
	require.Eventually(t, func() bool { return len(g.List()) == 1 }, soon, 10*time.Millisecond)
}

// TestAKeyChangesWhileGatewaysRun: what was in the clear is encrypted, and what
// was encrypted with the key before is encrypted again.
func TestAKeyChangesWhileGatewaysRun(t *testing.T) {
	t.Parallel()
	shared := newStore()
	_, err := gate(t, shared, nil).Create(t.Context(), parsed(t, `{"name":"a","url":"https://h.example/","secret":"een-geheim"}`))
	require.NoError(t, err)
	stored := func() string {
		all, err := shared.Documents(t.Context(), Kind)
		require.NoError(t, err)
		return string(all[0].Data)
	}
	require.Contains(t, stored(), "een-geheim")
	for _, keys := range [][]string{{oldKey}, {newKey, oldKey}, {newKey}} {
		s := sealer(t, keys[0], keys[1:]...)
		g := gate(t, shared, s)
		require.NoError(t, g.Load(t.Context()), "which a gateway does before it runs")
		g.run(t)
		require.Eventually(t, func() bool {
			data := stored()
			mark := s.keys[0].mark
			return data[0] == sealed && data[1:1+markSize] == string(mark[:])
		}, soon, 10*time.Millisecond, "it is sealed with the current key")
		require.NotContains(t, stored(), "een-geheim")
	}
	last := gate(t, shared, sealer(t, newKey))
	require.NoError(t, last.Load(t.Context()))
	require.Equal(t, "een-geheim", last.List()[0].Webhook.Secrets[0].Reveal())
}
