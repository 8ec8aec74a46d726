package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBeforeTakesTheFirstRuleThatHolds(t *testing.T) {
	t.Parallel()
	rule := func(name, path, when string) Rule {
		r := post(path)
		r.Name, r.When = name, when
		return r
	}
	table := compile(t, Config{
		Rules: []Rule{
			rule("general", "/api/{kind}/{schema}/x", ""),
			rule("big", "/api/objects/{schema}/x", "request.body.n > 10"),
			rule("small", "/api/objects/{schema}/x", "request.body.n > 5"),
		},
	})
	for body, want := range map[string]string{`{"n":11}`: "big", `{"n":6}`: "small", `{"n":1}`: "general"} {
		require.Equal(t, want, before(t, table, request("POST", "/api/objects/s/x", body)).Rule(), body)
	}
}

func TestBeforeWithoutAnyRuleThatHolds(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.When = "false"
	table := compile(t, Config{Rules: []Rule{r}})
	m, ok := table.Match("POST", "/a")
	require.True(t, ok)
	e, ok, err := m.Before(request("POST", "/a", ""))
	require.NoError(t, err)
	require.False(t, ok)
	require.Nil(t, e)
}

func TestBeforeRefusesWhatItCannotDecide(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.Name, r.When = "picky", `request.body.kind == "secret"`
	table := compile(t, Config{Rules: []Rule{r}})
	m, _ := table.Match("POST", "/a")
	for _, body := range []string{`{}`, ``, `[]`, `"x"`, `null`} {
		_, ok, err := m.Before(request("POST", "/a", body))
		require.False(t, ok)
		var failed *EvaluationError
		require.ErrorAs(t, err, &failed, body)
		require.Equal(t, "picky", failed.Rule)
		require.Equal(t, "when", failed.Field)
	}
}

func TestMayGive(t *testing.T) {
	t.Parallel()
	anything := func(Type) bool { return true }
	only := func(name string) func(Type) bool { return func(t Type) bool { return t.Name == name } }
	afterOnly := Rule{Path: "/after", Actions: map[string]Action{"POST": {Name: "note", After: "note.taken"}}}
	conditional := Rule{Path: "/after/x", When: "true", Actions: map[string]Action{"POST": {Name: "note", After: "note.taken"}}}
	general := Rule{Path: "/{a}/{b}", Actions: map[string]Action{"POST": {Name: "make", Before: "{a}.making"}}}
	table := compile(t, Config{Rules: []Rule{afterOnly, conditional, general}})
	for _, c := range []struct {
		path   string
		phase  Phase
		wanted func(Type) bool
		want   bool
	}{
		{"/after", Before, anything, false},
		{"/after", After, only("note.taken"), true},
		{"/after", After, only("note.given"), false},
		{"/after/x", Before, only("after.making"), true}, // the condition may not hold
		{"/after/x", After, only("note.taken"), true},
		{"/cats/1", Before, only("cats.making"), true},
		{"/cats/1", Before, only("dogs.making"), false},
		{"/cats/1", After, anything, false},
	} {
		m, ok := table.Match("POST", c.path)
		require.True(t, ok)
		require.Equal(t, c.want, m.MayGive(c.phase, c.wanted), "%s %s", c.path, c.phase)
	}
	m, _ := table.Match("POST", "/after")
	_, ok, err := m.Before(request("POST", "/after", ""))
	require.NoError(t, err)
	require.False(t, ok)
}

// TestMayGiveOfAPath: a body can turn a POST into a DELETE, so the question is also asked for every method at once.
func TestMayGiveOfAPath(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	only := func(name string) func(Type) bool { return func(t Type) bool { return t.Name == name } }
	require.True(t, table.MayGive("/cats/1", Before, only("cats.deleting")))
	require.True(t, table.MayGive("/cats/1", After, only("cats.deleted")))
	require.False(t, table.MayGive("/cats/1", Before, only("cats.deleted")))
	require.False(t, table.MayGive("/cats", Before, only("dogs.deleting")))
	require.False(t, table.MayGive("no path", Before, func(Type) bool { return true }))
}

func TestMayGiveDoesNotAllocate(t *testing.T) {
	table := compile(t, Config{Presets: []string{"openregister"}})
	m, ok := table.Match("POST", "/api/objects/a/b")
	require.True(t, ok)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m.MayGive(Before, func(t Type) bool { return t.Name == "object.deleting" })
	}))
}

func TestOwnRulesReplaceThoseOfPresets(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}, Rules: []Rule{post("/api/objects/{r}/{s}")}})
	require.Equal(t, "#1", before(t, table, request("POST", "/api/objects/a/b", "{}")).Rule())
	require.Equal(t, "openregister/object", before(t, table, request("PUT", "/api/objects/a/b/c", "{}")).Rule())
	require.Equal(t, "openregister/objects", before(t, table, request("POST", "/apps/openregister/api/objects/a/b", "{}")).Rule())
}

func TestAReplacedRuleIsGone(t *testing.T) {
	t.Parallel()
	item := Rule{Resource: "mine", Path: "/{a}/{b}", Actions: map[string]Action{"DELETE": {Name: "delete"}}}
	table := compile(t, Config{Presets: []string{"rest"}, Rules: []Rule{item}})
	m, ok := table.Match("DELETE", "/cats/1")
	require.True(t, ok)
	require.Len(t, m.leaf.actions, 1)

	item.When = "request.path.endsWith('/1')"
	table = compile(t, Config{Presets: []string{"rest"}, Rules: []Rule{item}})
	require.Equal(t, "mine.deleting", before(t, table, request("DELETE", "/cats/1", "")).Type.Name)
	require.Equal(t, "cats.deleting", before(t, table, request("DELETE", "/cats/2", "")).Type.Name)
}

// TestAfterAnActionWithoutEventNothingElseApplies: the first rule that holds decides, even that there is no event.
func TestAfterAnActionWithoutEventNothingElseApplies(t *testing.T) {
	t.Parallel()
	quiet := Rule{When: "true", Path: "/cats", Actions: map[string]Action{"POST": {Name: "note", After: "cat.noted"}}}
	table := compile(t, Config{Presets: []string{"rest"}, Rules: []Rule{quiet}})
	m, _ := table.Match("POST", "/cats")
	require.True(t, m.MayGive(Before, func(Type) bool { return true }), "the condition may not hold")
	_, ok, err := m.Before(request("POST", "/cats", "{}"))
	require.NoError(t, err)
	require.False(t, ok)
}
