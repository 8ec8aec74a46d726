package event_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/event"
)

// A rule says how cats appear in HTTP; the request becomes a question to whoever must agree.
func Example() {
	table, err := event.Compile(event.Config{
		Source: "urn:nld:oin:00000099000000001000:systeem:register",
		Rules: []event.Rule{{
			Resource: "cat",
			Path:     "/cats/{id}",
			Subject:  "cat:{id}",
			When:     `request.body.name != ""`,
			Actions:  map[string]event.Action{"PUT": {Name: "update"}},
		}},
		Now:   func() time.Time { return time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC) },
		NewID: func() string { return "0195fd2c-0000-7000-8000-000000000001" },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	req := &event.Request{
		Method: "PUT", Path: "/cats/5", Body: []byte(`{"name":"Felix"}`),
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer secret"}},
	}
	match, ok := table.Match(req.Method, req.Path)
	if !ok {
		return // not ours: on to the next handler
	}
	e, ok, err := match.Before(req)
	if err != nil || !ok {
		return
	}
	fmt.Println(e.Type.Name, e.Subject)
	fmt.Printf("%s\n", e.AppendJSON(nil, req.Body))
	// Output:
	// cat.updating cat:5
	// {"specversion":"1.0","source":"urn:nld:oin:00000099000000001000:systeem:register","datacontenttype":"application/json","type":"cat.updating","id":"0195fd2c-0000-7000-8000-000000000001","time":"2026-12-01T12:00:00.000Z","subject":"cat:5","data":{"method":"PUT","path":"/cats/5","queryParams":{},"headers":{"Content-Type":"application/json"},"body":{"name":"Felix"}}}
}

// A mistake in a rule is told with its place and with what would have been right.
func ExampleCompile() {
	_, err := event.Compile(event.Config{Rules: []event.Rule{{
		Name: "cats", Resource: "cat", Path: "/cats/{id}", Subject: "cat:{cat}",
		When:    `request.bdy.name == "Felix"`,
		Actions: map[string]event.Action{"LOCK": {Name: "lock"}},
	}}})
	fmt.Println(err)
	// Output:
	// rule "cats": subject: {cat} is not a parameter of the path; its parameters are id
	// rule "cats": when: line 1, column 1: undeclared reference to 'request' (in container ''); the variables are request.method, request.path, request.query, request.headers, request.body, params, before, after, response.status, response.headers, response.body, settings
	// rule "cats": actions.LOCK.before: action "lock" has no derived types (create, update and delete have): set before, after or both
}
