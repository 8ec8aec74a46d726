package webhook

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// follower compiles a subscriber, or with async an asynchronous interceptor.
func follower(tb testing.TB, name, events, filters, configuration string) *Hook {
	tb.Helper()
	w, err := Parse(fmt.Appendf(nil, `{"name":%q,"url":"http://hooks.example/","events":[%s],"filters":{%s},
		"configuration":{%s}}`, name, events, filters, configuration))
	require.NoError(tb, err)
	return compile(tb, w)
}

const async = `"interceptRequests":true,"async":true`

// afterEvent is the event after a creation of a cat.
func afterEvent(tb testing.TB, body string) *event.Event {
	tb.Helper()
	e := catEvent(tb, body)
	e.Phase = event.After
	e.Type = event.Type{Name: "object.created", Class: `OCA\OpenRegister\Event\ObjectCreatedEvent`}
	return e
}

func TestSnapshotByRole(t *testing.T) {
	t.Parallel()
	off := follower(t, "off", ``, ``, `"mode":"off"`)
	disabled := follower(t, "disabled", `"object.created"`, ``, ``)
	disabled.Disabled = true
	asleep := hook(t, "asleep", ``, ``, ``)
	asleep.Disabled = true
	paused := follower(t, "paused", ``, ``, async)
	paused.Disabled = true
	hooks := []*Hook{
		off, disabled, asleep, paused,
		hook(t, "interceptor", ``, ``, ``),
		hook(t, "queues", ``, ``, `,"onFailure":"queue"`),
		follower(t, "async", `"object.*"`, ``, async),
		follower(t, "late", ``, ``, `"order":9`),
		follower(t, "early", `"*Created*"`, ``, `"order":-9`),
		follower(t, "cats", ``, `"schema":12`, ``),
		follower(t, "dogs", ``, `"schema":"dog"`, ``),
		follower(t, "updates", `"object.updated"`, ``, ``),
	}
	s := NewRegistry(hooks).Snapshot()
	require.Equal(t, []string{"interceptor", "queues"}, hookNames(s.Hooks()), "those that are asked")
	require.Len(t, s.All(), len(hooks))
	require.Equal(t, "early", s.All()[0].Name)

	require.Equal(t, []string{"interceptor", "queues"}, hookNames(s.Interceptors(catEvent(t, `{}`)).Validating))
	require.Equal(t, []string{"async", "paused"}, hookNames(s.Subscribers(catEvent(t, `{}`))))
	told := s.Subscribers(afterEvent(t, `{}`))
	require.Equal(t, []string{"early", "cats", "disabled", "late"}, hookNames(told))
	require.True(t, told[2].Disabled, "it is there to be skipped")
}

func TestFollows(t *testing.T) {
	t.Parallel()
	creating := event.Type{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}
	created := event.Type{Name: "object.created", Class: `OCA\OpenRegister\Event\ObjectCreatedEvent`}
	for events, want := range map[string][2]bool{
		``:                  {true, true},
		`"object.created"`:  {true, false},
		`"object.creating"`: {false, true},
		`"*Created*"`:       {true, false},
		`"object.deleted"`:  {false, false},
	} {
		subscriber := NewRegistry([]*Hook{follower(t, "a", events, `"schema":"nobody"`, ``)}).Snapshot()
		require.Equal(t, want, [2]bool{subscriber.Follows(created), subscriber.Follows(creating)}, events)
		require.False(t, subscriber.Wants(creating) || subscriber.Wants(created) || subscriber.FollowsBefore(creating))

		asynchronous := NewRegistry([]*Hook{follower(t, "a", events, ``, async)}).Snapshot()
		require.Equal(t, want, [2]bool{asynchronous.FollowsBefore(created), asynchronous.FollowsBefore(creating)}, events)
		require.False(t, asynchronous.Wants(creating) || asynchronous.Follows(created))
	}
	interceptor := NewRegistry([]*Hook{hook(t, "a", ``, ``, ``)}).Snapshot()
	require.False(t, interceptor.Follows(created) || interceptor.FollowsBefore(creating))
	require.Nil(t, interceptor.Subscribers(afterEvent(t, `{}`)))
}

// TestSubscribersAllocations: one list is given out as it stands, and to ask
// whether anybody follows costs nothing.
func TestSubscribersAllocations(t *testing.T) { // not parallel: it counts allocations
	e := afterEvent(t, `{}`)
	s := NewRegistry([]*Hook{follower(t, "a", `"object.created"`, ``, ``), follower(t, "b", `"x.*"`, ``, ``)}).Snapshot()
	require.Zero(t, testing.AllocsPerRun(100, func() { s.Subscribers(e) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { s.Follows(e.Type) }))
	wild := NewRegistry([]*Hook{follower(t, "a", `"object.*"`, ``, ``)}).Snapshot()
	require.Zero(t, testing.AllocsPerRun(100, func() { wild.Follows(e.Type) }))
}

// TestSubscribersAgainstReference compares random registries with going through
// all hooks.
func TestSubscribersAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	events := []*event.Event{catEvent(t, `{"a":1}`), afterEvent(t, `{"a":1}`), afterEvent(t, `{"schema":"dog"}`)}
	for range 150 {
		var hooks []*Hook
		for i := range random.IntN(40) {
			hooks = append(hooks, follower(t, fmt.Sprintf("h%02d", i),
				pick(``, `"*"`, `"object.created"`, `"object.creating"`, `"object.*"`, `"*ed","OCA*Created*"`),
				pick(``, `"schema":"dog"`, `"schema":["dog",12]`, `"register":"pets","schema":12`, `"register":"zoo"`, `"schema":null`),
				pick(``, async, `"order":1`, async+`,"order":-1`, `"interceptRequests":true`, `"mode":"off"`)))
		}
		s := NewRegistry(hooks).Snapshot()
		for _, e := range events {
			var want []string
			for _, h := range s.All() {
				told := h.Subscribes && e.Phase == event.After || h.Async && e.Phase == event.Before
				if holds, _ := h.Matches(e, e.Request.Body); told && h.Mode != Off && accepts(h, e.Type) && holds {
					want = append(want, h.Name)
				}
			}
			got := slices.DeleteFunc(slices.Clone(s.Subscribers(e)), func(h *Hook) bool {
				holds, _ := h.Matches(e, e.Request.Body)
				return !holds
			})
			require.Equal(t, want, hookNames(got))
		}
	}
}

// BenchmarkSubscribers finds 3 subscribers among n and evaluates their filters.
func BenchmarkSubscribers(b *testing.B) {
	for _, n := range []int{3, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var hooks []*Hook
			for i := range n {
				schema := "pet-store-cat-schema"
				if i >= 3 {
					schema = fmt.Sprintf("schema-%d", i)
				}
				hooks = append(hooks, follower(b, fmt.Sprintf("h-%d", i), `"object.created"`, fmt.Sprintf(`"register":"pets","schema":%q`, schema), ``))
			}
			s := NewRegistry(hooks).Snapshot()
			e := afterEvent(b, `{}`)
			b.ReportAllocs()
			for b.Loop() {
				matched := 0
				for _, h := range s.Subscribers(e) {
					if ok, _ := h.Matches(e, e.Request.Body); ok {
						matched++
					}
				}
				if matched != 3 {
					b.Fatal(matched)
				}
			}
		})
	}
}
