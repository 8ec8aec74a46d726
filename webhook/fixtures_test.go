package webhook

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// testTable knows OpenRegister's objects and any other collection. The cat
// schema has three names.
func testTable(tb testing.TB) *event.Table {
	tb.Helper()
	actions := map[string]event.Action{
		"POST": {
			Name: "create", BeforeClass: `OCA\OpenRegister\Event\ObjectCreatingEvent`,
			AfterClass: `OCA\OpenRegister\Event\ObjectCreatedEvent`,
		},
		"PUT":    {Name: "update", BeforeClass: `OCA\OpenRegister\Event\ObjectUpdatingEvent`},
		"DELETE": {Name: "delete"},
	}
	rest := map[string]event.Action{"POST": {Name: "create"}}
	table, err := event.Compile(event.Config{
		Source: "urn:test",
		Rules: []event.Rule{
			{Name: "objects", Resource: "object", Path: "/api/objects/{register}/{schema}", Subject: "object:{register}/{schema}", Actions: actions},
			{Name: "object", Resource: "object", Path: "/api/objects/{register}/{schema}/{id}", Actions: actions},
			{Name: "rest", Resource: "{collection}", Path: "/rest/{collection}", Actions: rest},
		},
		Aliases: event.Aliases{"schema": {{"pet-store-cat-schema", "12", "7e8cfd9a-6c0b-4d0e-9f49-0b7f3c0a4b11"}}},
	})
	require.NoError(tb, err)
	return table
}

// newEvent gives the before-event of a request.
func newEvent(tb testing.TB, table *event.Table, method, target, body string) *event.Event {
	tb.Helper()
	path, query, _ := strings.Cut(target, "?")
	match, ok := table.Match(method, path)
	require.True(tb, ok, target)
	e, ok, err := match.Before(&event.Request{
		Method: method, Path: path, Query: query, Body: []byte(body),
		Header: http.Header{"X-Tenant": {"north", "south"}, "Content-Type": {"application/json"}},
	})
	require.NoError(tb, err)
	require.True(tb, ok, target)
	return e
}

// catEvent is the creation of a cat.
func catEvent(tb testing.TB, body string) *event.Event {
	tb.Helper()
	return newEvent(tb, testTable(tb), "POST", "/api/objects/pets/pet-store-cat-schema?page=5&tag=a%20b&tag=c", body)
}

// interceptor is the least that a webhook needs to be asked before a write.
func interceptor(name string) Webhook {
	return Webhook{
		Name: name, URL: NewAddress("http://hooks.example/in"),
		Configuration: Configuration{InterceptRequests: true},
	}
}

func compile(tb testing.TB, w Webhook) *Hook {
	tb.Helper()
	h, err := Compile(w, Defaults{})
	require.NoError(tb, err)
	return h
}

// compileJSON parses members and compiles them together with what is required.
func compileJSON(tb testing.TB, members string) *Hook {
	tb.Helper()
	h, err := tryJSON(members)
	require.NoError(tb, err)
	return h
}

func tryJSON(members string) (*Hook, error) {
	document := `{"name":"test","url":"https://hooks.example/in"`
	if members != "" {
		document += "," + members
	}
	if !strings.Contains(members, `"configuration"`) {
		document += `,"configuration":{"interceptRequests":true}`
	}
	w, err := Parse([]byte(document + "}"))
	if err != nil {
		return nil, err
	}
	return Compile(w, Defaults{})
}

// fieldErrors gives the faults of an error as "pointer: detail" lines.
func fieldErrors(tb testing.TB, err error) []string {
	tb.Helper()
	var invalid *ValidationError
	require.ErrorAs(tb, err, &invalid)
	lines := make([]string, len(invalid.Fields))
	for i, field := range invalid.Fields {
		lines[i] = field.Error()
	}
	return lines
}
