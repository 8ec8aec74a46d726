package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhoNeedsAnImage: getting one costs a call to the register, so that it is got only where some part of a wanted event
// names it.
func TestWhoNeedsAnImage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		want   bool
		change func(r *Rule, a *Action, e *AfterEvent)
	}{
		"nobody":                        {false, func(*Rule, *Action, *AfterEvent) {}},
		"the action says so":            {true, func(_ *Rule, a *Action, _ *AfterEvent) { a.BeforeImage = true }},
		"for_each":                      {true, func(_ *Rule, _ *Action, e *AfterEvent) { e.ForEach = "before.things" }},
		"when":                          {true, func(_ *Rule, _ *Action, e *AfterEvent) { e.When = "before.n == 1" }},
		"require":                       {true, func(_ *Rule, _ *Action, e *AfterEvent) { e.Require = "has(before.n)" }},
		"subject_expression":            {true, func(_ *Rule, _ *Action, e *AfterEvent) { e.SubjectExpression = "before.id" }},
		"key_expression":                {true, func(_ *Rule, _ *Action, e *AfterEvent) { e.KeyExpression = "before.id" }},
		"data_expression":               {true, func(_ *Rule, _ *Action, e *AfterEvent) { e.DataExpression = "before" }},
		"data of the action":            {true, func(_ *Rule, a *Action, _ *AfterEvent) { a.AfterDataExpression = "before" }},
		"data of the action, not taken": {false, func(_ *Rule, a *Action, e *AfterEvent) { a.AfterDataExpression, e.DataExpression = "before", "after" }},
		"data of the rule":              {true, func(r *Rule, _ *Action, _ *AfterEvent) { r.DataExpression = "before" }},
		"subject of the rule":           {true, func(r *Rule, _ *Action, _ *AfterEvent) { r.Subject, r.SubjectExpression = "", "before.id" }},
		"subject of the rule, not taken": {false, func(r *Rule, _ *Action, e *AfterEvent) {
			r.Subject, r.SubjectExpression, e.Subject = "", "before.id", "s"
		}},
		"a lookup that is named": {true, func(_ *Rule, a *Action, e *AfterEvent) {
			a.Lookups, e.DataExpression = map[string]Lookup{"a": {PathExpression: "before.url"}}, "fetched.a"
		}},
		"a lookup that nobody names": {false, func(_ *Rule, a *Action, _ *AfterEvent) {
			a.Lookups = map[string]Lookup{"a": {PathExpression: "before.url"}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := matchOf(t, compile(t, Config{Rules: []Rule{toldRule(test.change)}}), "PUT /things/1")
			require.Equal(t, test.want, m.NeedsBefore(wantAll))
			require.False(t, m.NeedsBefore(func(typ Type) bool { return typ.Name != "thing.updated" }), "for an event that nobody wants")
		})
	}
}

// TestWhatIsToldOfAnImage: how sure it is stands in the envelope, and nothing does when there was no thing.
func TestWhatIsToldOfAnImage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		image *Image
		want  any
		data  string
	}{
		"exact":         {&Image{Body: []byte(`{"n": 1}`), Quality: Exact, ETag: `"1"`}, "exact", `,"before":{"n": 1}`},
		"best effort":   {&Image{Body: []byte(`[ ]`), Quality: BestEffort}, "besteffort", `,"before":[ ]`},
		"no such thing": {&Image{Quality: Exact}, nil, ``},
		"not got":       {nil, nil, ``},
	} {
		ex := answered(request("PUT", "/things/1", "{}"), 200, `{}`)
		ex.Before = test.image
		e := after(t, compile(t, Config{Rules: []Rule{toldRule(func(*Rule, *Action, *AfterEvent) {})}}), ex)[0]
		require.Equal(t, test.want, readBack(t, e.AppendJSON(nil, nil)).Extensions()["beforeimage"], name)
		require.Equal(t, `{"objectType":"thing","action":"updated","id":"1","object":{}`+test.data+`}`, toldBy(t, e), name)
	}
}
