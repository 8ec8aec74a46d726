package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAfterEventsThatCannotBe(t *testing.T) {
	t.Parallel()
	one := func(e AfterEvent) Action { return Action{Name: "x", AfterEvents: []AfterEvent{{Type: "a.first"}, e}} }
	for want, action := range map[string]Action{
		`actions.PUT.after_events[1].type: is missing`:                                                              one(AfterEvent{}),
		`actions.PUT.after_events[1].type: {nope} is not a parameter of the path; its parameters are id`:            one(AfterEvent{Type: "a.{nope}"}),
		`actions.PUT.after_events[1].subject_expression: and subject exclude each other`:                            one(AfterEvent{Type: "a", Subject: "s", SubjectExpression: "'s'"}),
		`actions.PUT.after_events[1].key_expression: and key exclude each other`:                                    one(AfterEvent{Type: "a", Key: "s", KeyExpression: "'s'"}),
		`actions.PUT.after_events[1].subject: {nope} is not a parameter of the path; its parameters are id, new_id`: one(AfterEvent{Type: "a", Subject: "{nope}"}),
		`actions.PUT.after_events[1].key: {nope} is not a parameter of the path`:                                    one(AfterEvent{Type: "a", Key: "{nope}"}),
		`actions.PUT.after_events[1].when: line 1, column 1: gives a int, but must give a bool`:                     one(AfterEvent{Type: "a", When: "1"}),
		`actions.PUT.after_events[1].data_expression: line 1, column 1: undeclared reference to 'nope'`:             one(AfterEvent{Type: "a", DataExpression: "nope"}),
		`actions.PUT.after_events[1].require: line 1, column 7: "nope" is not a parameter of the path`:              one(AfterEvent{Type: "a", Require: "params.nope == ''"}),
		`actions.PUT.after_events: and after exclude each other`:                                                    {Name: "x", After: "b", AfterEvents: []AfterEvent{{Type: "a"}}},
		`actions.PUT.after_subject: {nope} is not a parameter`:                                                      {Name: "update", AfterSubject: "{nope}"},
		`actions.PUT.after_data_expression: line 1, column 2: Syntax error`:                                         {Name: "update", AfterDataExpression: "{"},
		`dataschema: "/y.json" is not an absolute URI`:                                                              {},
	} {
		r := Rule{Name: "mine", Resource: "thing", Path: "/things/{id}", Actions: map[string]Action{"PUT": action}}
		if action.Name == "" {
			r.Actions["PUT"], r.DataSchema = Action{Name: "update"}, "/y.json"
		}
		_, err := Compile(Config{Rules: []Rule{r}})
		require.ErrorContains(t, err, `rule "mine": `+want)
	}
}

func TestAListOfEventsKeepsTheTypeBefore(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{twoEvents("1")}})
	require.Equal(t, []Type{{Name: "thing.updating"}}, table.TypesOf(Before))
	require.Equal(t, "thing.updating", before(t, table, request("PUT", "/things/1", "{}")).Type.Name)
}

// TestDataOfTheRuleIsForBothSides: who told less before the action does not tell more after it.
func TestDataOfTheRuleIsForBothSides(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.DataExpression = `{"n": request.body.n, "made": after == null ? null : after.id}`
	table := compile(t, Config{Rules: []Rule{r}})
	req := request("POST", "/a", `{"n":1,"secret":2}`)
	require.Contains(t, string(before(t, table, req).AppendJSON(nil, req.Body)), `"data":{"made":null,"n":1}`)
	require.Equal(t, `{"made":7,"n":1}`, toldBy(t, after(t, table, answered(req, 201, `{"id":7,"secret":2}`))[0]))

	r.Actions["POST"] = Action{Name: "create", AfterDataExpression: `[after.id, response.headers]`}
	ex := answered(req, 201, `{"id":7}`)
	ex.Response.Header = map[string][]string{"Set-Cookie": {"secret"}, "Location": {"/a/7"}}
	require.Equal(t, `[7,{"location":"/a/7"}]`, toldBy(t, after(t, compile(t, Config{Rules: []Rule{r}}), ex)[0]))
}

func TestARuleWithADataSchema(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.DataSchema = "https://gw.example/schemas/thing.json"
	table := compile(t, Config{Rules: []Rule{r}})
	require.Equal(t, r.DataSchema, readBack(t, before(t, table, request("POST", "/a", "")).AppendJSON(nil, nil)).DataSchema())
	require.Equal(t, r.DataSchema, readBack(t, after(t, table, answered(request("POST", "/a", ""), 200, ""))[0].AppendJSON(nil, nil)).DataSchema())
}
