package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// thingAfter is an after-event of a PUT or DELETE of /things/1, with whatever a case changes.
func thingAfter(t *testing.T, method string, change func(*Exchange)) *Event {
	t.Helper()
	table := compile(t, Config{Rules: []Rule{{
		Resource: "thing", Path: "/things/{id}", Settings: map[string]any{"limit": 5.0},
		Actions: map[string]Action{"PUT": {Name: "update"}, "DELETE": {Name: "delete"}},
	}}})
	ex := answered(request(method, "/things/1", `{"n":"asked"}`), 200, `{"n":"made"}`)
	if change != nil {
		change(ex)
	}
	events := after(t, table, ex)
	require.Len(t, events, 1)
	return events[0]
}

// TestWhatConditionsSeeOfAnAnswer: what is not known is null, never something that looks like a value.
func TestWhatConditionsSeeOfAnAnswer(t *testing.T) {
	t.Parallel()
	withImage := func(ex *Exchange) { ex.Before = &Image{Body: []byte(`{"n":"was"}`), Quality: Exact} }
	answer := func(r *Response) func(*Exchange) { return func(ex *Exchange) { ex.Response = r } }
	for name, test := range map[string]struct {
		method string
		change func(*Exchange)
		expr   string
	}{
		"an update":                 {"PUT", withImage, `before.n == "was" && after.n == "made" && response.body.n == "made" && response.status == 200`},
		"an update without image":   {"PUT", nil, `before == null && after.n == "made"`},
		"the thing was not there":   {"PUT", func(ex *Exchange) { ex.Before = &Image{Quality: Exact} }, `before == null`},
		"a delete":                  {"DELETE", withImage, `before.n == "was" && after == null && response.body.n == "made"`},
		"an empty answer":           {"PUT", answer(&Response{Status: 204}), `after == null && response.body == null && response.status == 204 && response != null`},
		"an answer that is no JSON": {"PUT", answer(&Response{Status: 200, Opaque: true, Body: []byte("x")}), `after == null && response.body == null`},
		"an answer cut off":         {"PUT", answer(&Response{Status: 200, Truncated: true, Body: []byte("{")}), `after == null && response.body == null`},
		"an answer that is null":    {"PUT", answer(&Response{Status: 200, Body: []byte("null")}), `after == null && response.body == null`},
		"no answer": {
			"PUT", func(ex *Exchange) { ex.Response, ex.Recovered = nil, true },
			`response == null && response.status == 0 && response.headers == {} && response.body == null && after == null`,
		},
		"fields of an answer": {
			"PUT", func(ex *Exchange) {
				ex.Response.Header = http.Header{"Etag": {`"1"`}, "X-A": {"a", "b"}, "Set-Cookie": {"s"}}
			},
			`response.headers.etag == "\"1\"" && response.headers["x-a"] == "a, b" && "set-cookie" in response.headers`,
		},
		"the event":      {"PUT", nil, `event.type == "thing.updated" && event.source == "/voorpoort" && event.resource == "thing" && event.action == "update" && event.phase == "after" && event.subject == ""`},
		"its time":       {"PUT", nil, `event.time == timestamp("2026-01-02T02:04:05.6789Z")`},
		"the parameters": {"PUT", nil, `params == {"id": "1"}`},
		"the request":    {"PUT", nil, `request.method == "PUT" && request.path == "/things/1" && request.query == {} && request.body.n == "asked"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := CompileCondition(test.expr)
			require.NoError(t, err)
			e := thingAfter(t, test.method, test.change)
			got, err := c.Eval(e, e.Request.Body)
			require.NoError(t, err)
			require.True(t, got, test.expr)
		})
	}
}

// TestDataOfAnAfterEventSeesOnlyWhatMayBeTold: of the answer's fields those that say what was made and how it is found.
func TestDataOfAnAfterEventSeesOnlyWhatMayBeTold(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Headers: []string{"Accept", "X-Mine"}, Rules: []Rule{toldRule(func(_ *Rule, _ *Action, e *AfterEvent) {
		e.DataExpression = "[request.headers, response.headers, response.status]"
	})}})
	ex := answered(request("PUT", "/things/1", "{}"), 201, "{}")
	ex.Request.Header = http.Header{"Authorization": {"Bearer secret"}, "Accept": {"a"}}
	ex.Response.Header = http.Header{
		"Set-Cookie": {"secret"}, "Authorization": {"secret"}, "X-Mine": {"m"}, "Location": {"/things/1"}, "Etag": {"e"}, "Content-Type": {"application/json"},
	}
	require.JSONEq(t, `[{"accept":"a"}, {"x-mine":"m","location":"/things/1","etag":"e","content-type":"application/json"}, 201]`,
		toldBy(t, after(t, table, ex)[0]))
}

func TestPublicURLAndSettingsInData(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{toldRule(func(r *Rule, _ *Action, e *AfterEvent) {
		r.Settings = map[string]any{"limit": 5.0, "names": []any{"a"}, "on": true, "text": "x", "part": 0.5}
		e.DataExpression = `{"link": public_url + request.path, "more": settings.limit + 1, "in": "a" in settings.names, "all": [settings.on, settings.text, settings.part], "item": item}`
	})}})
	require.True(t, table.NeedsPublicURL())
	ex := answered(request("PUT", "/things/1", "{}"), 200, "{}")
	ex.PublicURL = "https://r.example"
	require.JSONEq(t, `{"link":"https://r.example/things/1","more":6,"in":true,"all":[true,"x",0.5],"item":null}`, toldBy(t, after(t, table, ex)[0]))
}
