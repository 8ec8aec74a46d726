package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhenOfRulesDecidesInOrder: the first rule whose condition holds, from the most to the least specific path and in order
// of declaration.
func TestWhenOfRulesDecidesInOrder(t *testing.T) {
	t.Parallel()
	rule := func(name, path, when string) Rule {
		r := post(path)
		r.Name, r.Resource, r.When = name, name, when
		return r
	}
	table := compile(t, Config{Rules: []Rule{
		rule("any", "/{kind}", ""),
		rule("one", "/cats", `request.body.n == 1`),
		rule("few", "/cats", `request.body.n < 5`),
		rule("own", "/{kind}/mine", `params.kind == "cats" && request.query.?owner[?0].orValue("") == "me"`),
	}})
	for _, test := range []struct{ path, query, body, want string }{
		{"/cats", "", `{"n":1}`, "one"},
		{"/cats", "", `{"n":2}`, "few"},
		{"/cats", "", `{"n":9}`, "any"},
		{"/CATS/", "", `{"n":1}`, "one"},
		{"/dogs", "", `{"n":1}`, "any"},
		{"/cats/mine", "owner=me", `{}`, "own"},
		{"/cats/mine", "owner=you&owner=me", `{}`, ""},
		{"/dogs/mine", "owner=me", `{}`, ""},
	} {
		req := request("POST", test.path, test.body)
		req.Query = test.query
		m, ok := table.Match(req.Method, req.Path)
		require.True(t, ok, test.path)
		m, ok, err := m.Choose(req)
		require.NoError(t, err)
		require.Equal(t, test.want != "", ok)
		require.Equal(t, test.want, m.Rule(), "%s %s", test.path, test.body)
	}
}

// TestAWhenThatCannotBeJudgedRefuses: a rule that silently does not apply would be a way round it, also for what follows.
func TestAWhenThatCannotBeJudgedRefuses(t *testing.T) {
	t.Parallel()
	first, second := post("/cats"), post("/{kind}")
	first.Name, first.When = "cats", `request.body.n == 1`
	table := compile(t, Config{Rules: []Rule{first, second}})
	for _, body := range []string{`{}`, `[]`, `5`, `null`, ``} {
		req := request("POST", "/cats", body)
		m, _ := table.Match("POST", "/cats")
		_, _, chosen := m.Choose(req)
		_, _, asked := m.Before(req)
		_, _, correlated := m.Correlate(req)
		_, told := m.After(t.Context(), answered(req, 200, "{}"))
		for _, err := range []error{chosen, asked, correlated, told, m.Prepare(t.Context(), answered(req, 200, "{}"))} {
			var failed *EvaluationError
			require.ErrorAs(t, err, &failed, body)
			require.Equal(t, "cats", failed.Rule)
			require.Equal(t, "when", failed.Field)
		}
	}
}

// TestConditionsDoNotSeeWhatIsForRules: settings, links, lookups and items belong to a rule, not to a webhook.
func TestConditionsDoNotSeeWhatIsForRules(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{`settings.x == 1`, `public_url == ""`, `fetched.x == null`, `item == null`, `urlencode(item) == ""`} {
		_, err := CompileCondition(expr)
		require.ErrorContains(t, err, "undeclared reference", expr)
		require.ErrorContains(t, err, "for webhooks, event.type", "it says what there is")
	}
	r := post("/a")
	r.When = `event.type == "thing.creating"`
	_, err := Compile(Config{Rules: []Rule{r}})
	require.ErrorContains(t, err, "undeclared reference", "the event is what comes of the rule")
}

func TestURLEncodeInConditions(t *testing.T) {
	t.Parallel()
	got, err := holds(t, `urlencode("a b/" + request.body.s) == "a%20b%2F%C3%A9"`, `{"s":"é"}`)
	require.NoError(t, err)
	require.True(t, got)
	_, err = holds(t, `urlencode(request.body.n) == ""`, `{"n":1}`)
	require.ErrorContains(t, err, "no such overload")
}
