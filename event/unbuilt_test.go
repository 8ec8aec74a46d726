package event

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// twoEvents is a rule whose first event reads a member of the answer and whose second always follows.
func twoEvents(expression string) Rule {
	return Rule{Name: "two", Resource: "thing", Path: "/things/{id}", Subject: "thing:{id}", Actions: map[string]Action{"PUT": {
		Name: "update", AfterEvents: []AfterEvent{{Type: "thing.read", DataExpression: expression}, {Type: "thing.updated"}},
	}}}
}

func TestAnEventThatCannotBeBuiltDoesNotTakeOthersWithIt(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{twoEvents(`after.secret.deep`)}})
	m, _ := table.Match("PUT", "/things/1")
	ex := answered(request("PUT", "/things/1", "{\"a\" : 1}"), 200, `{"title":"private"}`)
	ex.Before = &Image{Body: []byte(`{"title":"was"}`), Quality: Exact}
	events, err := m.After(t.Context(), ex)

	require.Len(t, events, 1)
	require.Equal(t, "thing.updated", events[0].Type.Name)
	var failed *AfterError
	require.ErrorAs(t, err, &failed)
	require.EqualError(t, err, `building event thing.read: evaluating data_expression of rule "two": no such key: secret`)
	var reason *EvaluationError
	require.ErrorAs(t, err, &reason)

	require.Len(t, failed.Unbuilt, 1)
	u := failed.Unbuilt[0]
	require.Equal(t, testID, u.Event.ID, "the prescribed id is that of the first event, built or not")
	require.NotEqual(t, testID, events[0].ID)
	require.Equal(t, "thing:1", u.Event.Subject)
	require.Equal(t, "thing:1", u.Event.Key)
	require.NoError(t, readBack(t, u.Event.AppendJSON(nil, nil)).Validate())
	require.NotContains(t, string(u.Event.AppendJSON(nil, nil)), "private", "what may be told is not known")
	require.Equal(t, `{"objectType":"thing","action":"read","id":"1"}`, toldBy(t, u.Event))
}

func TestWhatMakesAnEventUnbuilt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*AfterEvent)
		answer string
		want   string
	}{
		"the list is none":          {nil, `{"things":5}`, `evaluating for_each of rule "list": the expression gives a int, not a list`},
		"the list is not there":     {nil, `{}`, `evaluating for_each of rule "list": no such key: things`},
		"a condition":               {nil, `{"things":[{"n":"private"}]}`, `evaluating when of rule "list": no such overload`},
		"a requirement":             {func(e *AfterEvent) { e.Require = "item.ok" }, `{"things":[{"n":1}]}`, `evaluating require of rule "list": no such key: ok`},
		"a subject":                 {func(e *AfterEvent) { e.SubjectExpression = "item.n" }, `{"things":[{"n":1}]}`, `evaluating subject_expression of rule "list": the expression gives a int, not a string`},
		"a key":                     {func(e *AfterEvent) { e.Key, e.KeyExpression = "", "item.key" }, `{"things":[{"n":1}]}`, `evaluating key_expression of rule "list": no such key: key`},
		"data that JSON can't tell": {func(e *AfterEvent) { e.DataExpression = "1.0/0.0" }, `{"things":[{"n":1}]}`, `evaluating data_expression of rule "list": the result holds a number beyond the range of a double`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := compile(t, Config{Rules: []Rule{listRule(test.change)}})
			m, _ := table.Match("POST", "/things/1")
			events, err := m.After(t.Context(), answered(request("POST", "/things/1", ""), 200, test.answer))
			require.Empty(t, events)
			require.EqualError(t, err, "building event thing.saved: "+test.want)
		})
	}
}

func TestAnEventThatIsTooLarge(t *testing.T) {
	t.Parallel()
	large := `{"x":"` + strings.Repeat("x", 2000) + `"}`
	for name, rule := range map[string]Rule{"the object": twoEvents(`1`), "computed data": twoEvents(`after`)} {
		table := compile(t, Config{Rules: []Rule{rule}})
		m, _ := table.Match("PUT", "/things/1")
		ex := answered(request("PUT", "/things/1", ""), 200, large)
		ex.MaxEvent = 1000
		_, err := m.After(t.Context(), ex)
		require.ErrorIs(t, err, ErrTooLarge, name)
		var failed *AfterError
		require.ErrorAs(t, err, &failed)
		require.Less(t, len(failed.Unbuilt[0].Event.AppendJSON(nil, nil)), 500)

		ex.MaxEvent = -1
		_, err = m.After(t.Context(), ex)
		require.NoError(t, err, name)
		ex.MaxEvent = 0
		_, err = m.After(t.Context(), ex)
		require.NoError(t, err, name)
	}
}

func TestTheStrictProfileBuildsNoWrongEvent(t *testing.T) {
	t.Parallel()
	rule := post("/a")
	rule.DataSchema = "https://gw.example/schemas/thing.json"
	rule.Actions["POST"] = Action{Name: "create", Before: "x", After: "nl.voorbeeld.ding-gemaakt"}
	good := compile(t, Config{Rules: []Rule{rule}, Source: "urn:nld:oin:00000099123456789000:systeem:register"})
	bad := compile(t, Config{Rules: []Rule{post("/a")}})
	exchange := func(p Profile, warnings *[]Warning) *Exchange {
		ex := answered(request("POST", "/a", "{}"), 200, "{}")
		ex.Profile, ex.Warn = p, func(w Warning) { *warnings = append(*warnings, w) }
		return ex
	}
	var warnings []Warning
	require.Len(t, after(t, good, exchange(ProfileStrict, &warnings)), 1)
	require.Empty(t, warnings)
	require.Len(t, after(t, bad, exchange(ProfileOff, &warnings)), 1)
	require.Empty(t, warnings)
	require.Len(t, after(t, bad, exchange(ProfileWarn, &warnings)), 1)
	require.Equal(t, "profile", warnings[0].Reason)
	require.Equal(t, "04! 11^ 21!", codes(warnings[0].Findings))

	m, _ := bad.Match("POST", "/a")
	events, err := m.After(t.Context(), exchange(ProfileStrict, &warnings))
	require.Empty(t, events)
	var wrong *ProfileError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "04! 11^ 21!", codes(wrong.Findings))
	require.ErrorContains(t, err, "NLV-04 dataschema: is missing, but must say that the id is random; NLV-11 source: does not begin with urn:nld:")
}

func TestProfileSettings(t *testing.T) {
	t.Parallel()
	for _, p := range []Profile{ProfileOff, ProfileWarn, ProfileStrict} {
		read, err := ParseProfile(p.String())
		require.NoError(t, err)
		require.Equal(t, p, read)
	}
	_, err := ParseProfile("loose")
	require.ErrorContains(t, err, "off, warn and strict")
	text, err := json.Marshal(Finding{Code: "NLV-21", Attribute: "type", Severity: SeverityError, Message: "m"})
	require.NoError(t, err)
	require.JSONEq(t, `{"code":"NLV-21","attribute":"type","severity":"error","message":"m"}`, string(text))
}

func TestAfterErrorsCountTheirEvents(t *testing.T) {
	t.Parallel()
	r := twoEvents("after.x")
	r.Actions["PUT"].AfterEvents[1].DataExpression = "after.y"
	table := compile(t, Config{Rules: []Rule{r}})
	m, _ := table.Match("PUT", "/things/1")
	_, err := m.After(t.Context(), answered(request("PUT", "/things/1", ""), 200, "{}"))
	require.ErrorContains(t, err, "building event thing.read and 1 more: ")
}

// TestEventsAreUnbuiltWhenTheContextEnds: they have happened, so that they are dead letters and not forgotten.
func TestEventsAreUnbuiltWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	r := listRule(func(e *AfterEvent) { e.When = "item.things.all(a, item.things.all(b, a + b > 0))" })
	r.Actions["POST"].AfterEvents[0].Subject, r.Actions["POST"].AfterEvents[0].SubjectExpression = "thing", ""
	table := compile(t, Config{Rules: []Rule{r}})
	m, _ := table.Match("POST", "/things/1")
	many := "[" + strings.Repeat("1,", 200) + "1]"
	ex := answered(request("POST", "/things/1", ""), 200, `{"things":[{"things":`+many+`},{"things":`+many+`}]}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	events, err := m.After(ctx, ex)
	require.Empty(t, events)
	require.ErrorIs(t, err, context.Canceled)
	var failed *AfterError
	require.ErrorAs(t, err, &failed)
	for _, u := range failed.Unbuilt {
		require.NotEmpty(t, u.Event.ID)
		require.Equal(t, "x:1", u.Event.Subject, "the rule's: that of the event was not reached")
	}
}

// TestTheWorkOfEachExpressionIsBounded, in every place where one can stand.
func TestTheWorkOfEachExpressionIsBounded(t *testing.T) {
	t.Parallel()
	const much = `after.all(a, after.all(b, after.all(c, a + b + c > 0)))`
	answer := "[" + strings.Repeat("1,", 300) + "1]"
	for field, change := range map[string]func(*Action, *AfterEvent){
		"for_each":           func(_ *Action, e *AfterEvent) { e.ForEach = "[" + much + "]" },
		"when":               func(_ *Action, e *AfterEvent) { e.When = much },
		"require":            func(_ *Action, e *AfterEvent) { e.Require = much },
		"subject_expression": func(_ *Action, e *AfterEvent) { e.SubjectExpression = "string(" + much + ")" },
		"key_expression":     func(_ *Action, e *AfterEvent) { e.KeyExpression = "string(" + much + ")" },
		"data_expression":    func(_ *Action, e *AfterEvent) { e.DataExpression = much },
		"path_expression": func(a *Action, e *AfterEvent) {
			a.Lookups = map[string]Lookup{"a": {PathExpression: "string(" + much + ")"}}
			e.DataExpression = "fetched.a"
		},
	} {
		table := compile(t, Config{Rules: []Rule{toldRule(func(_ *Rule, a *Action, e *AfterEvent) { change(a, e) })}})
		m, _ := table.Match("PUT", "/things/1")
		events, err := m.After(t.Context(), answered(request("PUT", "/things/1", "{}"), 200, answer))
		require.Empty(t, events, field)
		require.ErrorContains(t, err, "cost limit exceeded", field)
		var failed *EvaluationError
		require.ErrorAs(t, err, &failed, field)
		require.Equal(t, field, failed.Field)
	}
}

// TestARequirementWarns: the write is as it is, but the operator should know.
func TestARequirementWarns(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{toldRule(func(_ *Rule, _ *Action, e *AfterEvent) {
		e.When, e.Require = "has(after.owner)", `after.owner != ""`
	})}})
	for answer, want := range map[string]struct{ events, warnings int }{
		`{}`: {0, 0}, `{"owner":""}`: {0, 1}, `{"owner":"ann"}`: {1, 0},
	} {
		var warnings []Warning
		ex := answered(request("PUT", "/things/1", "{}"), 200, answer)
		ex.Warn = func(w Warning) { warnings = append(warnings, w) }
		require.Len(t, after(t, table, ex), want.events, answer)
		require.Len(t, warnings, want.warnings, answer)
		ex.Warn = nil
		require.Len(t, after(t, table, ex), want.events, "nobody has to listen")
	}
}
