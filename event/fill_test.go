package event

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// told is a rule with one event after the write, to which each case adds what says its subject and its key.
func toldRule(change func(r *Rule, a *Action, e *AfterEvent)) Rule {
	r := Rule{Name: "told", Resource: "thing", Path: "/things/{id}", Subject: "rule:{id}"}
	action, each := Action{Name: "update"}, AfterEvent{Type: "thing.updated"}
	change(&r, &action, &each)
	action.AfterEvents = []AfterEvent{each}
	r.Actions = map[string]Action{"PUT": action}
	return r
}

// TestWhereTheSubjectAndTheKeyComeFrom: the event's own before the action's before the rule's; the key is the subject unless
// the event says otherwise.
func TestWhereTheSubjectAndTheKeyComeFrom(t *testing.T) {
	t.Parallel()
	const made, unnamed = `{"id":"new","owner":"ann"}`, `{"owner":"ann"}`
	for name, test := range map[string]struct {
		answer       string
		subject, key string
		change       func(r *Rule, a *Action, e *AfterEvent)
	}{
		"of the rule":                       {made, "rule:1", "rule:1", func(*Rule, *Action, *AfterEvent) {}},
		"of the rule, by expression":        {made, "by:ann", "by:ann", func(r *Rule, _ *Action, _ *AfterEvent) { r.Subject, r.SubjectExpression = "", `"by:" + after.owner` }},
		"none at all":                       {made, "", "", func(r *Rule, _ *Action, _ *AfterEvent) { r.Subject = "" }},
		"of the action":                     {made, "action:new", "action:new", func(_ *Rule, a *Action, _ *AfterEvent) { a.AfterSubject = "action:{new_id}" }},
		"of the action, which names nobody": {unnamed, "rule:1", "rule:1", func(_ *Rule, a *Action, _ *AfterEvent) { a.AfterSubject = "action:{new_id}" }},
		"which leaves the rule's expression": {unnamed, "by:ann", "by:ann", func(r *Rule, a *Action, _ *AfterEvent) {
			r.Subject, r.SubjectExpression, a.AfterSubject = "", `"by:" + after.owner`, "{new_id}"
		}},
		"of the event":                         {made, "event:1", "event:1", func(_ *Rule, a *Action, e *AfterEvent) { a.AfterSubject, e.Subject = "action", "event:{id}" }},
		"of the event, which names nobody":     {unnamed, "rule:1", "rule:1", func(_ *Rule, _ *Action, e *AfterEvent) { e.Subject = "event:{new_id}" }},
		"of the event, by expression":          {made, "ann", "ann", func(_ *Rule, a *Action, e *AfterEvent) { a.AfterSubject, e.SubjectExpression = "action", "after.owner" }},
		"by an expression that gives nothing":  {made, "", "", func(_ *Rule, _ *Action, e *AfterEvent) { e.SubjectExpression = `""` }},
		"and a key":                            {made, "rule:1", "all", func(_ *Rule, _ *Action, e *AfterEvent) { e.Key = "all" }},
		"and a key of what was made":           {made, "rule:1", "k:new", func(_ *Rule, _ *Action, e *AfterEvent) { e.Key = "k:{new_id}" }},
		"and a key that names nobody":          {unnamed, "rule:1", "rule:1", func(_ *Rule, _ *Action, e *AfterEvent) { e.Key = "k:{new_id}" }},
		"and a key by expression":              {made, "rule:1", "owner:ann", func(_ *Rule, _ *Action, e *AfterEvent) { e.KeyExpression = `"owner:" + after.owner` }},
		"and a key that gives nothing: no key": {made, "rule:1", "", func(_ *Rule, _ *Action, e *AfterEvent) { e.KeyExpression = `""` }},
		"with what no attribute may have":      {`{"owner":"a\nb"}`, "a%0Ab", "a%0Ab", func(_ *Rule, _ *Action, e *AfterEvent) { e.SubjectExpression = "after.owner" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := compile(t, Config{Rules: []Rule{toldRule(test.change)}})
			events := after(t, table, answered(request("PUT", "/things/1", "{}"), 200, test.answer))
			require.Len(t, events, 1)
			require.Equal(t, test.subject, events[0].Subject)
			require.Equal(t, test.key, events[0].Key)
		})
	}
}

// TestEveryExpressionMayNeedALookup: each of them is got when its turn comes, and an event that does not apply gets nothing.
func TestEveryExpressionMayNeedALookup(t *testing.T) {
	t.Parallel()
	lookups := map[string]Lookup{"owner": {PathExpression: `"/owners/ann"`}}
	for name, change := range map[string]func(e *AfterEvent){
		"for_each":           func(e *AfterEvent) { e.ForEach = "[fetched.owner]" },
		"when":               func(e *AfterEvent) { e.When = `fetched.owner.name == "Ann"` },
		"require":            func(e *AfterEvent) { e.Require = `fetched.owner.name == "Ann"` },
		"subject_expression": func(e *AfterEvent) { e.SubjectExpression = "fetched.owner.name" },
		"key_expression":     func(e *AfterEvent) { e.KeyExpression = "fetched.owner.name" },
		"data_expression":    func(e *AfterEvent) { e.DataExpression = "fetched.owner" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := compile(t, Config{Rules: []Rule{toldRule(func(_ *Rule, a *Action, e *AfterEvent) {
				a.Lookups = lookups
				change(e)
			})}})
			o := &owners{documents: map[string]string{"/owners/ann": `{"name":"Ann"}`}}
			ex := answered(request("PUT", "/things/1", "{}"), 200, "{}")
			ex.Fetch = o.fetch
			require.Len(t, after(t, table, ex), 1)
			require.Equal(t, []string{"/owners/ann"}, o.asked)

			m, _ := table.Match("PUT", "/things/1")
			ex.Fetch = func(context.Context, string) ([]byte, error) { return nil, errors.New("the register is away") }
			events, err := m.After(t.Context(), ex)
			require.Empty(t, events)
			require.EqualError(t, err, `building event thing.updated: looking up owner for rule "told": the register is away`)
		})
	}
}

func TestAnEventThatDoesNotApplyGetsNothing(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{toldRule(func(_ *Rule, a *Action, e *AfterEvent) {
		a.Lookups = map[string]Lookup{"owner": {PathExpression: `"/owners/ann"`}}
		e.When, e.DataExpression = "after.n == 1", "fetched.owner"
	})}})
	o := &owners{}
	ex := answered(request("PUT", "/things/1", "{}"), 200, `{"n":2}`)
	ex.Fetch = o.fetch
	require.Empty(t, after(t, table, ex))
	require.Empty(t, o.asked)
}
