package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func wantAll(Type) bool { return true }

func TestNeedsBefore(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: Presets(), Source: "x", Rules: []Rule{
		{Resource: "a", Path: "/expr/{id}", DataExpression: "before", Actions: map[string]Action{"PUT": {Name: "update"}}},
		{Resource: "a", Path: "/when/{id}", When: "request.path == before", Actions: map[string]Action{"PUT": {Name: "update", Before: "x", After: "y"}}},
	}})
	for write, want := range map[string]bool{
		"PUT /api/objects/r/s/1": false, "DELETE /api/objects/r/s/1": true, "POST /api/objects/r/s": false,
		"DELETE /cats/1": true, "PATCH /cats/1": false, "DELETE /cats": false,
		"PUT /expr/1": true,
		"POST /klantinteracties/api/v1/onderwerpobjecten": false, "PATCH /klantinteracties/api/v1/onderwerpobjecten/o": true,
		"DELETE /klantinteracties/api/v1/onderwerpobjecten/o": true,
		"PUT /zaken/api/v1/zaken/z":                           false, "DELETE /zaken/api/v1/zaken/z": true,
	} {
		m := matchOf(t, table, write)
		require.Equal(t, want, m.NeedsBefore(wantAll), write)
		require.False(t, m.NeedsBefore(func(Type) bool { return false }), write)
	}
}

// matchOf matches "PUT /path".
func matchOf(tb testing.TB, table *Table, write string) Match {
	tb.Helper()
	for i := range write {
		if write[i] == ' ' {
			m, ok := table.Match(write[:i], write[i+1:])
			require.True(tb, ok, write)
			return m
		}
	}
	tb.Fatal(write)
	return Match{}
}

func TestNeedsBeforeOfExpressions(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]bool{
		`before.x == 1`: true, `has(before.x)`: true, `before == null`: true, `"x" in before`: true, `[1].exists(i, before.x == i)`: true,
		`after.x == 1`: false, `request.body.before == 1`: false, `request.path == "before"`: false, `response.body.before == 1`: false,
	} {
		c, err := CompileCondition(expr)
		require.NoError(t, err)
		require.Equal(t, want, c.NeedsBefore(), expr)
	}
}

func TestMayGiveOfLists(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{twoEvents("1")}})
	only := func(name string) func(Type) bool { return func(t Type) bool { return t.Name == name } }
	m := matchOf(t, table, "PUT /things/1")
	require.True(t, m.MayGive(After, only("thing.read")))
	require.True(t, m.MayGive(After, only("thing.updated")))
	require.False(t, m.MayGive(After, only("thing.updating")))
	require.True(t, m.MayGive(Before, only("thing.updating")))
	require.Equal(t, []Type{{Name: "thing.read"}, {Name: "thing.updated"}}, table.TypesOf(After))
}

func TestQuestionsBeforeTheWriteDoNotAllocate(t *testing.T) {
	table := compile(t, Config{Presets: Presets(), Source: "x"})
	m := matchOf(t, table, "PUT /klantinteracties/api/v1/onderwerpobjecten/o")
	none := func(Type) bool { return false }
	for name, ask := range map[string]func(){
		"MayGive":     func() { m.MayGive(After, none) },
		"NeedsBefore": func() { m.NeedsBefore(none) },
	} {
		require.Zero(t, testing.AllocsPerRun(100, ask), name)
	}
}
