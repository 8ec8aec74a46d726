package webhook

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// hook compiles an interceptor with the given members of configuration and
// others.
func hook(tb testing.TB, name, events, filters, configuration string) *Hook {
	tb.Helper()
	w, err := Parse(fmt.Appendf(nil, `{"name":%q,"url":"http://hooks.example/","events":[%s],"filters":{%s},
		"configuration":{"interceptRequests":true%s}}`, name, events, filters, configuration))
	require.NoError(tb, err)
	return compile(tb, w)
}

func hookNames(hooks []*Hook) []string {
	var list []string
	for _, h := range hooks {
		list = append(list, h.Name)
	}
	return list
}

func TestCandidatesByPhaseAndOrder(t *testing.T) {
	t.Parallel()
	disabled := hook(t, "disabled", ``, ``, ``)
	disabled.Disabled = true
	r := NewRegistry([]*Hook{
		hook(t, "m-b", ``, ``, `,"processResponse":true`),
		hook(t, "m-late", ``, ``, `,"processResponse":true,"order":5`),
		hook(t, "m-a", `"object.creating"`, ``, `,"processResponse":true`),
		hook(t, "m-early", `"*"`, ``, `,"processResponse":true,"order":-5`),
		hook(t, "v-b", `"object.*"`, ``, ``),
		hook(t, "v-a", `"OCA\\OpenRegister\\Event\\ObjectCreatingEvent"`, ``, `,"mode":"warn"`),
		hook(t, "s-b", ``, ``, `,"mode":"shadow","processResponse":true`),
		hook(t, "s-a", ``, ``, `,"mode":"shadow"`),
		hook(t, "off", ``, ``, `,"mode":"off"`),
		hook(t, "other", `"object.updating"`, ``, ``),
		disabled,
	})
	c := r.Snapshot().Interceptors(catEvent(t, `{}`))
	require.Equal(t, []string{"m-early", "m-a", "m-b", "m-late"}, hookNames(c.Mutating))
	require.Equal(t, []string{"v-a", "v-b"}, hookNames(c.Validating))
	require.Equal(t, []string{"s-a", "s-b"}, hookNames(c.Shadow))
	require.False(t, c.Empty())

	require.Len(t, r.Snapshot().Hooks(), 9)
	require.NotContains(t, hookNames(r.Snapshot().Hooks()), "off")
}

func TestCandidatesOfNothing(t *testing.T) {
	t.Parallel()
	require.True(t, NewRegistry(nil).Snapshot().Interceptors(catEvent(t, ``)).Empty())
	r := NewRegistry([]*Hook{hook(t, "a", `"schema.*"`, ``, ``), hook(t, "b", `"object.creating"`, `"schema":"dog"`, ``)})
	require.True(t, r.Snapshot().Interceptors(catEvent(t, ``)).Empty())
}

// TestCandidatesByPathParameter: a webhook for another schema is not even a
// candidate, whichever name of the schema it uses.
func TestCandidatesByPathParameter(t *testing.T) {
	t.Parallel()
	r := NewRegistry([]*Hook{
		hook(t, "cat", ``, `"schema":"pet-store-cat-schema"`, ``),
		hook(t, "cat by number", ``, `"schema":12`, ``),
		hook(t, "cat or dog", ``, `"schema":["dog",12,"pet-store-cat-schema"]`, ``),
		hook(t, "cat in pets", ``, `"register":"pets","schema":12`, ``),
		hook(t, "cat in zoo", ``, `"register":"zoo","schema":12`, ``),
		hook(t, "dog", ``, `"schema":"dog"`, ``),
		hook(t, "pets", ``, `"register":"pets"`, ``),
		hook(t, "no schema", ``, `"schema":null`, ``),
		hook(t, "any", ``, ``, ``),
		hook(t, "body", ``, `"status":"new"`, ``),
		hook(t, "odd word", ``, `"schema\u0000x":"new"`, ``),
	})
	s := r.Snapshot()
	got := hookNames(s.Interceptors(catEvent(t, `{}`)).Validating)
	require.Equal(t, []string{
		"any", "body", "cat", "cat by number", "cat in pets", "cat or dog", "no schema", "odd word", "pets",
	}, slices.DeleteFunc(got, func(name string) bool { return name == "cat in zoo" }), "cat in zoo may be there: its filters decide")

	// A rule without schema: there the filter reads the body, so it stays a candidate.
	e := newEvent(t, testTable(t), "POST", "/rest/things", `{"schema":"dog"}`)
	dog := slices.IndexFunc(s.Interceptors(e).Validating, func(h *Hook) bool { return h.Name == "dog" })
	require.GreaterOrEqual(t, dog, 0)
	matches, err := s.Interceptors(e).Validating[dog].Matches(e, e.Request.Body)
	require.NoError(t, err)
	require.True(t, matches)
}

// TestRegistryReplace: a request that has a snapshot is not disturbed.
func TestRegistryReplace(t *testing.T) {
	t.Parallel()
	r := NewRegistry([]*Hook{hook(t, "old", ``, ``, ``)})
	before := r.Snapshot()
	r.Replace([]*Hook{hook(t, "new", ``, ``, ``)})
	e := catEvent(t, ``)
	require.Equal(t, []string{"old"}, hookNames(before.Interceptors(e).Validating))
	require.Equal(t, []string{"new"}, hookNames(r.Snapshot().Interceptors(e).Validating))
}

// TestRegistryConcurrent is for the race detector.
func TestRegistryConcurrent(t *testing.T) {
	t.Parallel()
	hooks := []*Hook{hook(t, "a", `"object.*"`, `"schema":12`, ``), hook(t, "b", `"*.creating"`, ``, ``)}
	r := NewRegistry(hooks)
	table := testTable(t)
	var group sync.WaitGroup
	for i := range 4 {
		e := newEvent(t, table, "POST", fmt.Sprintf("/rest/c%d", i), `{}`)
		group.Go(func() {
			for range 200 {
				require.Len(t, r.Snapshot().Interceptors(e).Validating, 1)
				r.Replace(hooks)
			}
		})
	}
	group.Wait()
}

// TestWildcardMemoryIsBounded: with preset rest a client chooses the type.
func TestWildcardMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := NewRegistry([]*Hook{hook(t, "a", `"*.creating"`, ``, ``)}).Snapshot()
	for i := range 3 * maxWildcardTypes {
		require.Len(t, s.interceptors.wild.covering(event.Type{Name: fmt.Sprintf("thing%d.creating", i)}), 1)
	}
	require.LessOrEqual(t, len(s.interceptors.wild.known), maxWildcardTypes)
	s.interceptors.wild.covering(event.Type{Name: string(make([]byte, maxWildcardName+1))})
	for known := range s.interceptors.wild.known {
		require.LessOrEqual(t, len(known.Name), maxWildcardName)
	}
}

// TestRegistryAgainstReference compares many random registries with the obvious
// lookup: go through all hooks and ask each.
func TestRegistryAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	table := testTable(t)
	events := []*event.Event{
		catEvent(t, `{"schema":"dog","id":"1"}`),
		newEvent(t, table, "PUT", "/api/objects/zoo/dog/1", `{"status":"new"}`),
		newEvent(t, table, "DELETE", "/api/objects/pets/12/2", ``),
		newEvent(t, table, "POST", "/rest/object", `{"schema":"dog","register":"zoo"}`),
	}
	for range 150 {
		var hooks []*Hook
		for i := range random.IntN(40) {
			filters := pick(``, ``, `"schema":"dog"`, `"schema":["dog",12]`, `"register":"pets","schema":"pet-store-cat-schema"`,
				`"register":"zoo"`, `"id":1`, `"id":"1","schema":"dog"`, `"schema":null`, `"status":"new"`, `"collection":"object"`)
			patterns := pick(``, `"*"`, `"object.creating"`, `"object.*"`, `"*.creating","object.creating"`, `"OCA*Creating*"`,
				`"OCA\\OpenRegister\\Event\\ObjectUpdatingEvent","object.updating"`, `"object.delet[ei]*"`)
			hooks = append(hooks, hook(t, fmt.Sprintf("h%d", i), patterns, filters,
				pick(``, `,"processResponse":true`, `,"mode":"shadow"`, `,"mode":"off"`, `,"order":1`, `,"order":-1,"processResponse":true`)))
		}
		s := NewRegistry(hooks).Snapshot()
		for _, e := range events {
			got := s.Interceptors(e)
			want := slowInterceptors(hooks, e)
			require.Equal(t, want, matching(t, got, e))
		}
	}
}

// slowInterceptors asks every hook.
func slowInterceptors(hooks []*Hook, e *event.Event) [phases][]string {
	hooks = slices.Clone(hooks)
	slices.SortStableFunc(hooks, func(a, b *Hook) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name)) })
	var found [phases][]string
	for _, h := range hooks {
		if holds, err := h.Matches(e, e.Request.Body); h.Mode != Off && accepts(h, e.Type) && holds && err == nil {
			found[phaseOf(h)] = append(found[phaseOf(h)], h.Name)
		}
	}
	return found
}

// matching gives the candidates that match, by phase, and checks that none
// comes twice.
func matching(t *testing.T, c Candidates, e *event.Event) [phases][]string {
	t.Helper()
	var found [phases][]string
	for phase := range phases {
		seen := map[*Hook]bool{}
		for _, h := range *c.of(phase) {
			require.False(t, seen[h], h.Name)
			seen[h] = true
			if holds, _ := h.Matches(e, e.Request.Body); holds {
				found[phase] = append(found[phase], h.Name)
			}
		}
	}
	return found
}

func TestACapitalDoesNotGetPastAFilter(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Dogs", "dogs", "PET-STORE-CAT-SCHEMA", "pet-store-cat-schema"} {
		h := hook(t, "check", `"object.creating"`, fmt.Sprintf(`"schema":%q`, name), ``)
		r := NewRegistry([]*Hook{h})
		for _, path := range []string{"dogs", "DOGS", "Dogs", "pet-store-cat-schema", "Pet-Store-Cat-Schema", "12"} {
			e := newEvent(t, testTable(t), "POST", "/api/objects/pets/"+path, `{}`)
			isDog, wantsDog := len(path) == len("dogs"), len(name) == len("dogs")
			found := matching(t, r.Snapshot().Interceptors(e), e)
			require.Equal(t, isDog == wantsDog, len(found[1]) == 1, "filter %s, path %s", name, path)
		}
	}
}

// BenchmarkInterceptors finds 3 hooks among n and evaluates their filters.
func BenchmarkInterceptors(b *testing.B) {
	body := `{"@self":{"name":"Felix"}}`
	shapes := map[string]func(i int) (events, filters string){
		"types": func(i int) (string, string) { return fmt.Sprintf(`"thing%d.creating"`, i), `` },
		"schemas": func(i int) (string, string) {
			return `"object.creating"`, fmt.Sprintf(`"objectType":"object","register":"pets","schema":"schema-%d"`, i)
		},
		"wildcards": func(i int) (string, string) { return `"object.*"`, fmt.Sprintf(`"schema":"schema-%d"`, i) },
	}
	for shape, other := range shapes {
		for _, n := range []int{3, 1000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", shape, n), func(b *testing.B) {
				s := manyHooks(b, n, other)
				e := catEvent(b, body)
				raw := []byte(body)
				b.ReportAllocs()
				for b.Loop() {
					matched := 0
					c := s.Interceptors(e)
					for _, h := range c.Mutating {
						if ok, _ := h.Matches(e, raw); ok {
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
}

func manyHooks(b *testing.B, n int, other func(i int) (events, filters string)) *Snapshot {
	b.Helper()
	var hooks []*Hook
	for i := range n - 3 {
		events, filters := other(i)
		hooks = append(hooks, hook(b, fmt.Sprintf("other-%d", i), events, filters, `,"processResponse":true`))
	}
	for i := range 3 {
		hooks = append(hooks, hook(b, fmt.Sprintf("cat-%d", i), `"object.creating"`, `"schema":"pet-store-cat-schema","data.@self.name":"Felix"`, `,"processResponse":true`))
	}
	return NewRegistry(hooks).Snapshot()
}

// BenchmarkNewRegistry is what a reload costs.
func BenchmarkNewRegistry(b *testing.B) {
	var hooks []*Hook
	for i := range 100_000 {
		hooks = append(hooks, hook(b, fmt.Sprintf("h-%d", i), `"object.creating"`, fmt.Sprintf(`"schema":"schema-%d"`, i), ``))
	}
	for b.Loop() {
		NewRegistry(hooks)
	}
}
