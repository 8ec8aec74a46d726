package webhook

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// TestLookupOfManyLists: more lists than there is room for on the stack, and
// more groups than a bucket keeps apart, still give every hook once.
func TestLookupOfManyLists(t *testing.T) {
	t.Parallel()
	var hooks []*Hook
	var want []string
	for i := range 2 * maxGroups {
		name := fmt.Sprintf("h%03d", i)
		want = append(want, name)
		hooks = append(hooks, hook(t, name, `"object.creating"`, fmt.Sprintf(`"word%d":"x"`, i), ``))
	}
	for i := range 20 {
		name := fmt.Sprintf("w%03d", i)
		want = append(want, name)
		hooks = append(hooks, hook(t, name, fmt.Sprintf(`"object%s","*.creating","object.creating"`, "?"+"*"[:i%2]), ``, ``))
	}
	s := NewRegistry(hooks).Snapshot()
	require.Equal(t, want, hookNames(s.Interceptors(catEvent(t, `{}`)).Validating))
	require.LessOrEqual(t, len(s.interceptors.exact["object.creating"].groups), maxGroups+1)
}

// TestLookupTakesTheShortestList: whichever of a webhook's filters is the
// telling one, the others of the same register or schema are not candidates.
func TestLookupTakesTheShortestList(t *testing.T) {
	t.Parallel()
	var hooks []*Hook
	for i := range 50 {
		hooks = append(hooks,
			hook(t, fmt.Sprintf("schema-%d", i), ``, fmt.Sprintf(`"register":"pets","schema":"s%d","note":"x"`, i), ``),
			hook(t, fmt.Sprintf("register-%d", i), ``, fmt.Sprintf(`"register":"r%d","schema":12`, i), ``))
	}
	hooks = append(hooks, hook(t, "the one", ``, `"register":"pets","schema":12,"note":"x"`, ``))
	s := NewRegistry(hooks).Snapshot()
	require.Equal(t, []string{"the one"}, hookNames(s.Interceptors(catEvent(t, `{}`)).Validating))
}

// TestLookupAllocations: one list is given out as it stands; merging costs one
// slice for each phase that needs it.
func TestLookupAllocations(t *testing.T) { // not parallel: it counts allocations
	e := catEvent(t, `{}`)
	names := int(testing.AllocsPerRun(100, func() { e.Names("schema") })) // what the event itself needs
	one := NewRegistry([]*Hook{hook(t, "a", `"object.creating"`, ``, ``)}).Snapshot()
	require.Zero(t, testing.AllocsPerRun(100, func() { one.Interceptors(e) }))

	none := NewRegistry([]*Hook{hook(t, "a", `"schema.creating"`, ``, ``)}).Snapshot()
	require.Zero(t, testing.AllocsPerRun(100, func() { none.Interceptors(e) }))

	wild := NewRegistry([]*Hook{hook(t, "a", `"object.*"`, ``, ``)}).Snapshot()
	require.Zero(t, testing.AllocsPerRun(100, func() { wild.Interceptors(e) }))

	filed := NewRegistry([]*Hook{hook(t, "a", ``, `"schema":12`, ``), hook(t, "b", ``, `"schema":"dog"`, ``)}).Snapshot()
	require.Equal(t, names, int(testing.AllocsPerRun(100, func() { filed.Interceptors(e) })))

	two := NewRegistry([]*Hook{hook(t, "a", ``, `"schema":12`, ``), hook(t, "b", ``, ``, ``)}).Snapshot()
	require.Equal(t, names+1, int(testing.AllocsPerRun(100, func() { two.Interceptors(e) })))

	phases := NewRegistry([]*Hook{hook(t, "a", ``, `"schema":12`, ``), hook(t, "b", ``, ``, `,"processResponse":true`)}).Snapshot()
	require.Equal(t, names, int(testing.AllocsPerRun(100, func() { phases.Interceptors(e) })), "each phase has one list")
}

func TestWants(t *testing.T) {
	t.Parallel()
	creating := event.Type{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}
	deleting := event.Type{Name: "object.deleting"}
	for events, want := range map[string][2]bool{
		``:                   {true, true},
		`"*"`:                {true, true},
		`"object.creating"`:  {true, false},
		`"object.*"`:         {true, true},
		`"*creating"`:        {true, false},
		`"*ObjectCreating*"`: {true, false},
		`"schema.deleting"`:  {false, false},
		`"OCA\\OpenRegister\\Event\\ObjectCreatingEvent"`: {true, false},
	} {
		s := NewRegistry([]*Hook{hook(t, "a", events, `"schema":"nobody"`, ``)}).Snapshot()
		require.Equal(t, want, [2]bool{s.Wants(creating), s.Wants(deleting)}, events)
	}
	require.False(t, NewRegistry(nil).Snapshot().Wants(creating))
}
