package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRulesInJSON(t *testing.T) {
	t.Parallel()
	var rules []Rule
	err := decodeStrict([]byte(`[{"name":"cats","resource":"cat","path":"/cats/{id}","subject":"cat:{id}",
		"actions":{"PUT":{"name":"update","before_class":"X"}},"extensions":{"n":5}}]`), &rules)
	require.NoError(t, err)
	require.Equal(t, "X", rules[0].Actions["PUT"].BeforeClass)

	for raw, want := range map[string]string{
		`[{"pth":"/x"}]`: `unknown field "pth"`,
		`[{"actions":{"POST":{"nme":"create"}}}]`: `unknown field "nme"`,
		`[{"path":"/x"}] []`:                      "unexpected text behind the JSON value at offset",
		`{}`:                                      "cannot unmarshal object",
		`[{"path":5}]`:                            "cannot unmarshal number",
	} {
		err := decodeStrict([]byte(raw), &rules)
		require.ErrorContains(t, err, want)
	}
}

func TestCompileNamesRuleFieldAndWhatIsAllowed(t *testing.T) {
	t.Parallel()
	with := func(change func(*Rule)) Config {
		r := post("/a/{id}")
		r.Name = "mine"
		change(&r)
		return Config{Rules: []Rule{r}}
	}
	action := func(method string, a Action) Config {
		return with(func(r *Rule) { r.Actions = map[string]Action{method: a} })
	}
	for _, test := range []struct {
		cfg  Config
		want string
	}{
		{with(func(r *Rule) { r.Path = "a" }), `rule "mine": path: "a" must begin with a slash`},
		{with(func(r *Rule) { r.Actions = nil }), `rule "mine": actions: is missing`},
		{with(func(r *Rule) { r.Source = "has space" }), `rule "mine": source: "has space" is not a URI-reference`},
		{with(func(r *Rule) { r.Source = "::bad" }), `rule "mine": source: "::bad" is not a URI-reference`},
		{with(func(r *Rule) { r.Subject = "x:{nope}" }), `rule "mine": subject: {nope} is not a parameter of the path; its parameters are id`},
		{with(func(r *Rule) { r.Subject = "x:{id" }), `subject: has an opening brace`},
		{with(func(r *Rule) { r.Subject = "x}" }), `subject: has a closing brace`},
		{with(func(r *Rule) { r.Resource = "a b" }), `rule "mine": resource: "a b": a type consists of`},
		{with(func(r *Rule) { r.Resource = "" }), `rule "mine": actions.POST.name: "create" has derived types only if the rule has a resource`},
		{with(func(r *Rule) { r.Subject, r.SubjectExpression = "x", "'x'" }), `subject_expression: and subject exclude each other`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"Bad": "x"} }), `extensions: "Bad": a name consists of 1 to 20`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"data": "x"} }), `extensions: "data" is an attribute of CloudEvents itself`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"x": 1.5} }), `extensions: "x": 1.5: a number is an integer`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"x": 2147483648.0} }), `a number is an integer`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"x": map[string]any{}} }), `a value is a string, a bool or a 32-bit integer`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"x": " "} }), `at least one visible character`},
		{with(func(r *Rule) { r.Extensions = map[string]any{"x": "a\x00"} }), `no control characters`},
		{action("GET", Action{Name: "create"}), `rule "mine": actions.GET: is not a write; use POST, PUT, PATCH, DELETE`},
		{action("PO ST", Action{Name: "create"}), `actions.PO ST: is not an HTTP method`},
		{action("POST", Action{}), `actions.POST.name: is missing: create, update, delete`},
		{action("POST", Action{Name: "lock"}), `actions.POST.before: action "lock" has no derived types (create, update and delete have): set before, after or both`},
		{action("POST", Action{Name: "lock", Before: "a b"}), `actions.POST.before: "a b": a type consists of`},
		{action("POST", Action{Name: "lock", After: "{x}.y"}), `actions.POST.after: {x} is not a parameter`},
		{action("POST", Action{Name: "lock", After: "x", BeforeClass: "Y"}), `actions.POST.before: is missing, but its class "Y" is given`},
		{action("POST", Action{Name: "x", After: strings.Repeat("x", 256)}), `may become longer than 255 bytes`},
		{with(func(r *Rule) { r.Actions["post"] = Action{Name: "create"} }), `actions.post: occurs twice`},
		{Config{Rules: []Rule{post("/a"), post("/a/")}}, `rule "#2": path: POST on this path is already taken by rule "#1", which has no "when"`},
		{Config{Rules: []Rule{post("/{a}"), post("/{b}")}}, `already taken`},
		{
			Config{Rules: []Rule{named("x", "/a"), named("x", "/b")}},
			`rule "x": name: is used by another rule`,
		},
		{Config{Presets: []string{"nope"}}, `presets: "nope" is not a preset; the presets are open-klant, open-klant-semantic, openregister, rest, zgw`},
		{Config{Presets: []string{"rest", "rest"}}, `presets: "rest" is listed twice`},
		{Config{Source: "a b"}, `source: "a b" is not a URI-reference`},
		{Config{Headers: []string{"Bad Name"}}, `headers: "Bad Name" is not the name of a header field`},
		{Config{Aliases: Aliases{"schema": {{"a"}}}}, `aliases: schema, group 1: needs at least two names`},
		{Config{Aliases: Aliases{"schema": {{"a", "b"}, {"c", "A"}}}}, `aliases: schema, group 2: "A" occurs twice`},
		{Config{Aliases: Aliases{"schema": {{"a", ""}}}}, `a name is empty`},
	} {
		_, err := Compile(test.cfg)
		require.ErrorContains(t, err, test.want)
		var typed *RuleError
		require.ErrorAs(t, err, &typed)
	}
}

func TestCompileTellsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	bad := post("nope")
	bad.Source, bad.When = "a b", "1 +"
	_, err := Compile(Config{Rules: []Rule{bad}, Presets: []string{"nope"}})
	for _, want := range []string{"path:", "source:", "when:", "presets:"} {
		require.ErrorContains(t, err, want)
	}
	var expr *ExpressionError
	require.ErrorAs(t, err, &expr)
}

func TestSourceOrder(t *testing.T) {
	t.Parallel()
	own := func(source string) Rule {
		r := post("/own")
		r.Source = source
		return r
	}
	for _, test := range []struct {
		cfg  Config
		path string
		want string
	}{
		{Config{Rules: []Rule{own("")}}, "/own", "/voorpoort"},
		{Config{Rules: []Rule{own("")}, Source: "urn:x"}, "/own", "urn:x"},
		{Config{Rules: []Rule{own("/mine")}, Source: "urn:x"}, "/own", "/mine"},
		{Config{Presets: []string{"openregister"}}, "/api/registers", "/apps/openregister"},
		{Config{Presets: []string{"openregister"}, Source: "urn:x"}, "/api/registers", "urn:x"},
		{Config{Presets: []string{"rest"}}, "/api/registers", "/voorpoort"},
	} {
		e := before(t, compile(t, test.cfg), request("POST", test.path, "{}"))
		require.Equal(t, test.want, e.Source)
	}
}

// named is a rule with a name.
func named(name, path string) Rule {
	r := post(path)
	r.Name = name
	return r
}
