package event

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMatchFindsTheSamePathInEverySpelling(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{post("/api/objects/{register}/{schema}")}})

	for _, path := range []string{
		"/api/objects/r/s", "/api/objects/r/s/", "/API/Objects/r/s", "/%61pi/objects/r/s", "/api/%4Fbjects/r/s",
		"/api/object%C5%BF/r/s", // long s, which upper-cases to S
	} {
		m, ok := table.Match("POST", path)
		require.True(t, ok, path)
		value, ok := m.param(m.leaf.actions[0], "register")
		require.True(t, ok)
		require.Equal(t, "r", value, path)
		require.True(t, table.Knows(path), path)
	}
	for _, path := range []string{
		"", "api/objects/r/s", "/api/objects/r", "/api/objects/r/s/t", "/api/objects//s", "/api/objects/r/s//", "//api/objects/r/s",
		"/api/objects/r/s?x", "/x/api/objects/r/s", "/api%2Fobjects/r/s",
	} {
		_, ok := table.Match("POST", path)
		if path == "/api/objects/r/s?x" { // the query is not part of a path: here it is part of the value
			require.True(t, ok)
			continue
		}
		require.False(t, ok, path)
		require.False(t, table.Knows(path), path)
	}
}

func TestMatchMethods(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{post("/a/{id}")}})

	for method, want := range map[string]bool{"POST": true, "post": true, "pOsT": true, "PUT": false, "GET": false, "": false, "POSTS": false} {
		_, ok := table.Match(method, "/a/1")
		require.Equal(t, want, ok, method)
	}
	require.True(t, table.Knows("/a/1"))

	// A register that ignores the case of methods sees what the validator is told.
	e := before(t, table, request("post", "/a/1", ""))
	require.Contains(t, string(e.AppendJSON(nil, nil)), `"method":"POST"`)
}

func TestMatchPrefersFixedSegmentsButComesBack(t *testing.T) {
	t.Parallel()
	named := func(name, method, path string) Rule {
		return Rule{Name: name, Resource: "x", Path: path, Actions: map[string]Action{method: {Name: "create"}}}
	}
	table := compile(t, Config{Rules: []Rule{
		named("param", "POST", "/a/{x}/c"),
		named("fixed", "POST", "/a/b/c"),
		named("other method", "PUT", "/a/only/c"),
		named("deep", "POST", "/a/b/{y}/d"),
		named("rest", "POST", "/a/{all...}"),
		named("root", "POST", "/"),
	}})
	for path, want := range map[string]string{
		"/a/b/c": "fixed", "/a/B/c/": "fixed", "/a/z/c": "param", "/a/only/c": "param", "/a/b/q/d": "deep",
		"/a/b/q/e": "rest", "/a/b": "rest", "/a/b/c/d/e/": "rest", "/": "root",
	} {
		m, ok := table.Match("POST", path)
		require.True(t, ok, path)
		require.Equal(t, want, m.leaf.actions[0].rule.name, path)
	}
	m, _ := table.Match("POST", "/a/q/r/s/")
	require.Equal(t, "q/r/s", m.raw(0))
	_, ok := table.Match("POST", "/a/")
	require.False(t, ok, "a rest takes at least one character")
}

func TestTypesAreListedOnceAndInOrder(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}, Rules: []Rule{post("/a"), post("/b")}})
	require.Equal(t, []Type{
		{Name: "thing.creating"}, {Name: "{collection}.deleting"}, {Name: "{collection}.updating"}, {Name: "{collection}.creating"},
	}, table.TypesOf(Before))
	require.Equal(t, []Type{
		{Name: "thing.created"}, {Name: "{collection}.deleted"}, {Name: "{collection}.updated"}, {Name: "{collection}.created"},
	}, table.TypesOf(After))

	table.TypesOf(Before)[0].Name = "changed"
	require.Equal(t, "thing.creating", table.TypesOf(Before)[0].Name, "the caller gets a copy")
}

// manyRules are n rules on paths that share their beginnings.
func manyRules(n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		rules[i] = post(fmt.Sprintf("/api/objects/register-%d/{schema}/{id}", i))
	}
	return rules
}

func TestMatchDoesNotAllocate(t *testing.T) {
	table := compile(t, Config{Presets: []string{"openregister", "rest"}, Rules: manyRules(1000)})
	for _, path := range []string{"/api/objects/register-500/s/1", "/api/Objects/register-%35/s/1", "/api/objects/r/s", "/no/rule/here/at/all"} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			table.Match("POST", path)
			table.Knows(path)
		}), path)
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		table := compile(b, Config{Rules: manyRules(n), Presets: []string{"openregister"}})
		for name, path := range map[string]string{
			"hit":  fmt.Sprintf("/api/objects/register-%d/schema/0195fd2c", n/2),
			"miss": "/index.php/apps/files/list/a/b",
		} {
			b.Run(fmt.Sprintf("rules=%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					table.Match("POST", path)
				}
			})
		}
	}
}

func TestATableTellsItsTypesByPhaseAndItsParameters(t *testing.T) {
	t.Parallel()
	table, err := Compile(Config{Rules: []Rule{
		{Resource: "zaak", Path: "/zaken/{zaak}", Actions: map[string]Action{"PUT": {Name: "update"}}},
		{Resource: "zaak", Path: "/zaken/{zaak}/status/{status}", Actions: map[string]Action{"POST": {Name: "close", After: "zaak.closed"}}},
	}})
	require.NoError(t, err)
	require.Equal(t, []Type{{Name: "zaak.updating"}}, table.TypesOf(Before))
	require.Equal(t, []Type{{Name: "zaak.updated"}, {Name: "zaak.closed"}}, table.TypesOf(After))
	require.Equal(t, []string{"zaak", "status"}, table.Params())
}

// A rule may have a source of its own; one that another rule replaces gives no events.
func TestSourcesAreThoseOfTheRules(t *testing.T) {
	t.Parallel()
	rule := func(path, source string) Rule {
		return Rule{Name: path, Resource: "x", Path: path, Source: source, Actions: map[string]Action{"POST": {Name: "create"}}}
	}
	require.Equal(t, []string{"urn:a", "urn:b"}, compile(t, Config{Source: "urn:a", Rules: []Rule{
		rule("/a", ""), rule("/b", "urn:b"), rule("/c", "urn:a"),
	}}).Sources())
	require.Equal(t, []string{defaultSource}, compile(t, Config{Rules: []Rule{rule("/a", "")}}).Sources())
	require.Empty(t, compile(t, Config{Source: "urn:a"}).Sources())
	require.Equal(t, []string{"/apps/openregister"}, compile(t, Config{Presets: []string{"openregister"}}).Sources())
}
