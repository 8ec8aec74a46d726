package catalogue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

// fails notes an error of a goroutine that is not the test's own.
func fails(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// renamed is a change of the name.
func renamed(name string) func(webhook.Webhook) (webhook.Webhook, error) {
	return func(w webhook.Webhook) (webhook.Webhook, error) {
		w.Name = name
		return w, nil
	}
}

// TestThereIsAnEndToWebhooks: what makes them in a loop fills no store.
func TestThereIsAnEndToWebhooks(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil)
	require.Equal(t, 100_000, g.opt.MaxStored)
	g.opt.MaxStored = 2
	first, err := g.Create(t.Context(), named(t, "a"))
	require.NoError(t, err)
	_, err = g.Create(t.Context(), named(t, "b"))
	require.NoError(t, err)
	_, err = g.Create(t.Context(), named(t, "c"))
	require.ErrorIs(t, err, ErrFull)
	_, err = g.Update(t.Context(), first.UUID, 0, renamed("d"))
	require.NoError(t, err, "those that there are can be changed")
	require.NoError(t, g.Delete(t.Context(), first.UUID, 0))
	_, err = g.Create(t.Context(), named(t, "c"))
	require.NoError(t, err)
}

func TestAWebhookIsGivenAUUID(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil)
	e, err := g.Create(t.Context(), named(t, "a"))
	require.NoError(t, err)
	require.Len(t, e.UUID, 36)
	require.Equal(t, e.UUID, e.Webhook.UUID)
	require.Equal(t, e.UUID, e.Hook.Lane(), "it names the queue")

	own := named(t, "b")
	own.UUID = "0199E2A4-7C00-7000-8000-00000000000A"
	e, err = g.Create(t.Context(), own)
	require.NoError(t, err)
	require.Equal(t, strings.ToLower(own.UUID), e.UUID)
	own.Name = "c"
	_, err = g.Create(t.Context(), own)
	require.ErrorContains(t, err, "/uuid: another webhook has it")
	own.UUID = "not one"
	_, err = g.Create(t.Context(), own)
	require.ErrorContains(t, err, "/uuid: must be a UUID")
}

func TestWhatCannotBeIsNotStored(t *testing.T) {
	t.Parallel()
	shared := newStore()
	g := gate(t, shared, nil, configured)
	for document, fault := range map[string]string{
		`{"name":"a","url":"ftp://h.example/"}`:                                     "/url",
		`{"name":"a","url":"https://h.example/","events":["**.*"],"timeout":900}`:   "/timeout",
		`{"name":"a","url":"https://h.example/","tls":{"clientKey":"/etc/shadow"}}`: "/tls/clientKey: must be PEM",
	} {
		_, err := g.Create(t.Context(), parsed(t, document))
		var invalid *webhook.ValidationError
		require.ErrorAs(t, err, &invalid)
		require.ErrorContains(t, err, fault)
	}
	_, err := g.Create(t.Context(), named(t, "configured"))
	require.ErrorIs(t, err, ErrNameTaken)
	big := named(t, "big")
	for i := range 40 {
		big.Headers = append(big.Headers, webhook.Header{Name: fmt.Sprintf("X-%d", i), Value: webhook.NewSecret(strings.Repeat("x", 8000))})
	}
	for i := range 100 {
		values := make([][]byte, 2000)
		for j := range values {
			values[j] = []byte(`"123456"`)
		}
		f := webhook.Filter{Path: fmt.Sprintf("f%d", i)}
		f.Values = append(f.Values, values...)
		big.Filters = append(big.Filters, f)
	}
	_, err = g.Create(t.Context(), big)
	require.ErrorContains(t, err, "too large to be stored")

	all, err := shared.Documents(t.Context(), Kind)
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestThoseOfTheConfigurationAreNotChanged(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil, configured)
	id := g.List()[0].UUID
	_, err := g.Update(t.Context(), id, 0, renamed("b"))
	require.ErrorIs(t, err, ErrFixed)
	require.ErrorIs(t, g.Delete(t.Context(), id, 0), ErrFixed)
	_, err = g.Update(t.Context(), "7", 0, renamed("b"))
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, g.Delete(t.Context(), "7", 0), ErrNotFound)
}

func TestAChangeOfAnotherRevision(t *testing.T) {
	t.Parallel()
	shared := newStore()
	g, other := gate(t, shared, nil), gate(t, shared, nil)
	e, err := g.Create(t.Context(), named(t, "a"))
	require.NoError(t, err)
	changed, err := other.Update(t.Context(), "1", e.Revision, renamed("b"))
	require.NoError(t, err, "a gateway that has not heard of it yet looks")
	require.NotEqual(t, e.Revision, changed.Revision)
	require.Equal(t, e.Created, changed.Created)

	_, err = g.Update(t.Context(), "1", e.Revision, renamed("c"))
	require.ErrorIs(t, err, ErrChanged)
	require.ErrorIs(t, g.Delete(t.Context(), "1", e.Revision), ErrChanged)
	require.Equal(t, []string{"b"}, g.names())
	require.NoError(t, g.Delete(t.Context(), e.UUID, changed.Revision))
	require.Empty(t, g.names())
}

func TestTheUUIDStays(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil)
	e, err := g.Create(t.Context(), named(t, "a"))
	require.NoError(t, err)
	_, err = g.Update(t.Context(), "1", 0, func(w webhook.Webhook) (webhook.Webhook, error) {
		w.UUID = "0199e2a4-7c00-7000-8000-00000000000a"
		return w, nil
	})
	require.ErrorContains(t, err, "/uuid: cannot be changed")
	after, err := g.Update(t.Context(), "1", 0, func(webhook.Webhook) (webhook.Webhook, error) { return named(t, "b"), nil })
	require.NoError(t, err, "a new document without one")
	require.Equal(t, e.UUID, after.UUID)
}

func TestAnErrorOfTheChangeIsGiven(t *testing.T) {
	t.Parallel()
	g := gate(t, newStore(), nil)
	_, err := g.Create(t.Context(), named(t, "a"))
	require.NoError(t, err)
	fault := errors.New("not so")
	_, err = g.Update(t.Context(), "1", 0, func(w webhook.Webhook) (webhook.Webhook, error) { return w, fault })
	require.Equal(t, fault, err)
	require.Equal(t, []string{"a"}, g.names())
}

// TestChangesAtTheSameTime: with revision 0 each is made on top of the others.
func TestChangesAtTheSameTime(t *testing.T) {
	t.Parallel()
	shared := newStore()
	gates := []*gateway{gate(t, shared, nil), gate(t, shared, nil), gate(t, shared, nil)}
	_, err := gates[0].Create(t.Context(), named(t, "a"))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i, g := range gates {
		wg.Go(func() {
			_, err := g.Update(context.Background(), "1", 0, func(w webhook.Webhook) (webhook.Webhook, error) {
				w.Events = append(slices.Clip(w.Events), fmt.Sprintf("type%d.*", i))
				return w, nil
			})
			fails(t, err)
		})
	}
	wg.Wait()
	require.NoError(t, gates[0].Load(t.Context()))
	require.Len(t, gates[0].List()[0].Webhook.Events, 3)
}

// TestTheSameNameAtTwoGateways: of two that are stored at the same time at most
// one stays, and nobody is told of one that does not.
func TestTheSameNameAtTwoGateways(t *testing.T) {
	t.Parallel()
	shared := newStore()
	here, there := gate(t, shared, nil), gate(t, shared, nil)
	_, err := there.Create(t.Context(), named(t, "old"))
	require.NoError(t, err)
	shared.beforePut = func() {
		_, err := there.Create(context.Background(), named(t, "same"))
		fails(t, err)
	}
	_, err = here.Create(t.Context(), named(t, "same"))
	require.ErrorIs(t, err, ErrNameTaken)
	require.Equal(t, []string{"old", "same"}, here.names())

	shared.beforePut = func() {
		_, err := there.Create(context.Background(), named(t, "taken"))
		fails(t, err)
	}
	_, err = here.Update(t.Context(), "1", 0, renamed("taken"))
	require.ErrorIs(t, err, ErrNameTaken)
	require.Equal(t, []string{"old", "same", "taken"}, here.names(), "it has its name back")

	all, err := shared.Documents(t.Context(), Kind)
	require.NoError(t, err)
	require.Len(t, all, 3)
}

func TestNothingIsInTheClearWithAKey(t *testing.T) {
	t.Parallel()
	shared := newStore()
	g := gate(t, shared, sealer(t, newKey))
	e, err := g.Create(t.Context(), parsed(t, `{"name":"a","url":"https://h.example/?token=een-geheim","secret":"een-geheim","headers":{"X-Key":"een-geheim"}}`))
	require.NoError(t, err)
	_, err = g.Update(t.Context(), "1", e.Revision, renamed("b"))
	require.NoError(t, err)
	all, err := shared.Documents(t.Context(), Kind)
	require.NoError(t, err)
	require.NotContains(t, string(all[0].Data), "geheim")
	require.NotContains(t, fmt.Sprintf("%v %+v", e, e), "geheim")

	require.NoError(t, g.Load(t.Context()))
	require.Equal(t, "een-geheim", g.List()[0].Webhook.Secrets[0].Reveal())
	d := all[0]
	d.Key = "0199e2a4-7c00-7000-8000-00000000000a"
	d.Revision = 0
	_, err = shared.PutDocument(t.Context(), d)
	require.NoError(t, err)
	require.NoError(t, g.Load(t.Context()))
	require.Contains(t, g.List()[1].Fault, "not in its place", "a copy is not taken for another webhook")
}
