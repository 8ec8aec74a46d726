package manage

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// weighing is a store that notes how many bytes of events one call has given.
type weighing struct {
	Store
	calls []int
}

func (w *weighing) Messages(ctx context.Context, q delivery.MessageQuery) ([]delivery.Message, uint64, error) {
	all, next, err := w.Store.Messages(ctx, q)
	sum := 0
	for i := range all {
		sum += len(all[i].Event)
	}
	w.calls = append(w.calls, sum)
	return all, next, err
}

func (w *weighing) Deliveries(ctx context.Context, q delivery.DeliveryQuery) ([]delivery.Delivery, error) {
	all, err := w.Store.Deliveries(ctx, q)
	sum := 0
	for i := range all {
		sum += len(all[i].Message.Event)
	}
	w.calls = append(w.calls, sum)
	return all, err
}

// officeWithLarge has so many events of so many bytes, each told to a lane.
func officeWithLarge(t *testing.T, count, size int) (*office, *weighing) {
	t.Helper()
	w := &weighing{}
	d := newOffice(t, func(c *Config) { w.Store, c.Store = c.Store, w })
	e := d.webhook(`"name":"a","url":"https://a.example"`)
	for i := range count {
		event := append([]byte(`{"data":"`), bytes.Repeat([]byte("x"), size)...)
		require.NoError(t, d.store.Append(t.Context(), delivery.Message{
			ID: fmt.Sprint("e", i), Source: "/s", Type: "t", Time: time.Now(), Event: append(event, `"}`...), Targets: []delivery.Target{{Lane: e.Hook.Lane(), Dead: "gone"}},
		}))
	}
	return d, w
}

// shown counts the events of an answer that are there.
func shown(t *testing.T, list map[string]any) (there, hidden int) {
	t.Helper()
	for _, row := range list["results"].([]any) {
		switch m := row.(map[string]any); {
		case m["event"] != nil:
			there++
		case m["redacted"] == true:
			hidden++
		}
	}
	return there, hidden
}

func TestALargePageHasTheBodiesThatFitIntoMemory(t *testing.T) {
	t.Parallel()
	for path, scopes := range map[string]Scopes{"messages": Read, "dead-letters": Read | Replay} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			d, w := officeWithLarge(t, 40, 1<<20)
			list := d.as(scopes|ReadPayload, "GET", "/api/"+path+"?limit=100", "").ok(200)
			there, hidden := shown(t, list)
			require.Equal(t, 40, there+hidden, "all are on the page")
			require.Equal(t, 8, there, "8 MiB; the rest can be looked at one by one")
			require.NotNil(t, d.as(scopes|ReadPayload, "GET", "/api/messages/e0", "").ok(200)["message"].(map[string]any)["event"])

			there, hidden = shown(t, d.as(scopes, "GET", "/api/"+path+"?limit=100", "").ok(200))
			require.Equal(t, []int{0, 40}, []int{there, hidden})
			for _, bytes := range w.calls {
				require.LessOrEqual(t, bytes, 9<<20, "no more is read at once, whoever asks")
			}
		})
	}
}

func TestASmallPageIsReadInTwoParts(t *testing.T) {
	t.Parallel()
	d, w := officeWithLarge(t, 80, 1000)
	there, _ := shown(t, d.do("GET", "/api/messages?limit=50", "").ok(200))
	require.Equal(t, 50, there)
	require.Len(t, w.calls, 2)
}

func TestAJobHasNoBodiesInMemory(t *testing.T) {
	t.Parallel()
	d, w := officeWithLarge(t, 40, 1<<20)
	job := d.finished(d.do("POST", "/api/dead-letters/replay", `{}`))
	require.InDelta(t, 40, job["done"], 0)
	for _, bytes := range w.calls {
		require.LessOrEqual(t, bytes, 9<<20)
	}
}

func TestAPullGivesWhatFitsAndGoesOn(t *testing.T) {
	t.Parallel()
	d, lane := officeWithPull(t, 0)
	for i := range 12 {
		require.NoError(t, d.store.Append(t.Context(), delivery.Message{
			ID: fmt.Sprint("e", i), Source: "/s", Type: "t", Time: time.Now(),
			Event: append(append([]byte(`{"data":"`), bytes.Repeat([]byte("x"), 1<<20)...), `"}`...), Targets: []delivery.Target{{Lane: lane}},
		}))
	}
	first := d.do("GET", pullPath, "").ok(200)
	require.Len(t, first["messages"], 8)
	second := d.do("GET", pullPath+"?cursor="+first["cursor"].(string), "").ok(200)
	require.Equal(t, []any{"e8", "e9", "e10", "e11"}, column(t, second["messages"], "eventId"))

	leased := d.do("GET", pullPath+"?lease=60", "").ok(200)
	require.Len(t, leased["messages"], 8, "and no more are leased than are given")
	rest := d.do("GET", pullPath+"?lease=60", "").ok(200)
	require.Equal(t, []any{"e8", "e9", "e10", "e11"}, column(t, rest["messages"], "eventId"))
}

// What is read in parts is the same as what is read at once.
func TestPagesInPartsAreTheSamePages(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	entries := []string{}
	for _, name := range []string{"a", "b"} {
		e := d.webhook(fmt.Sprintf(`"name":%q,"url":"https://a.example"`, name))
		entries = append(entries, e.Hook.Lane())
	}
	for i := range 60 {
		targets := []delivery.Target{{Lane: entries[i%2], Dead: "gone"}}
		if i%3 == 0 {
			targets = append(targets, delivery.Target{Lane: entries[(i+1)%2], Dead: "gone"})
		}
		require.NoError(t, d.store.Append(t.Context(), delivery.Message{ID: fmt.Sprint(i), Source: "/s", Type: fmt.Sprint(i % 4), Event: []byte("{}"), Time: time.Now(), Targets: targets}))
		require.NoError(t, d.store.Finish(t.Context(), delivery.Outcome{
			Lease:   delivery.Lease{Lane: entries[i%2], Message: &delivery.Message{ID: fmt.Sprint(i)}},
			Attempt: &delivery.Attempt{Lane: entries[i%2], Message: fmt.Sprint(i), Success: i%5 > 0, Time: time.Now(), Request: []byte("{}")},
		}))
	}
	ctx, done := d.handler.withBodies(WithUser(t.Context(), "u", ReadPayload))
	defer done()
	f := frugal{d.store}
	no := false
	for _, limit := range []int{0, 1, 7, 8, 9, 30, 1000} {
		for _, q := range []delivery.MessageQuery{{}, {Newest: true}, {Type: "2"}, {Type: "2", Newest: true, Before: 40}, {After: 33}} {
			q.Limit = limit
			want, wantNext, err := d.store.Messages(ctx, q)
			require.NoError(t, err)
			got, next, err := f.Messages(ctx, q)
			require.NoError(t, err)
			require.Equal(t, want, got, "%+v", q)
			require.Equal(t, wantNext == 0, next == 0, "%+v", q)
		}
		for _, q := range []delivery.DeliveryQuery{{}, {Newest: true}, {Lane: entries[0], State: delivery.Dead}, {State: delivery.Dead, Newest: true}, {Seq: 4}} {
			q.Limit = limit
			want, err := d.store.Deliveries(ctx, q)
			require.NoError(t, err)
			got, err := f.Deliveries(ctx, q)
			require.NoError(t, err)
			require.Equal(t, want, got, "%+v", q)
		}
		for _, q := range []delivery.AttemptQuery{{}, {Offset: 13}, {Lane: entries[1], Offset: 5}, {Success: &no}, {Before: 30}, {Before: 50, Offset: 11}, {Message: "7"}} {
			q.Limit = limit
			want, wantTotal, err := d.store.Attempts(ctx, q)
			require.NoError(t, err)
			got, total, err := f.Attempts(ctx, q)
			require.NoError(t, err)
			require.Equal(t, want, got, "%+v", q)
			require.Equal(t, wantTotal, total)
		}
	}
}

func TestReadersOfBodiesTakeTurns(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	reader := WithUser(t.Context(), "u", ReadPayload)
	var ends []func()
	for range bodyReaders {
		ctx, done := d.handler.withBodies(reader)
		_, err := bodiesOf(ctx).take(ctx, []byte("{}"))
		require.NoError(t, err)
		ends = append(ends, done)
	}
	hasty, cancel := context.WithTimeout(reader, 20*time.Millisecond)
	defer cancel()
	ctx, done := d.handler.withBodies(hasty)
	_, err := bodiesOf(ctx).take(ctx, []byte("{}"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	done()
	ends[0]()
	ctx, done = d.handler.withBodies(reader)
	_, err = bodiesOf(ctx).take(ctx, []byte("{}"))
	require.NoError(t, err, "one has ended")
	done()
	for _, end := range ends[1:] {
		end()
	}
	require.Empty(t, d.handler.readers)
}
