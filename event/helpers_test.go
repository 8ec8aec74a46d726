package event

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testID and testTime are the id and time of events in tests.
const testID = "0195fd2c-0000-7000-8000-000000000001"

var testTime = time.Date(2026, time.January, 2, 3, 4, 5, 678_900_000, time.FixedZone("CET", 3600))

// compile makes a table whose events have a known id and time.
func compile(tb testing.TB, cfg Config) *Table {
	tb.Helper()
	cfg.Now = func() time.Time { return testTime }
	cfg.NewID = func() string { return testID }
	table, err := Compile(cfg)
	require.NoError(tb, err)
	return table
}

// post is a rule for POST with the standard action create.
func post(path string) Rule {
	return Rule{Resource: "thing", Path: path, Actions: map[string]Action{"POST": {Name: "create"}}}
}

// request is a request for an event.
func request(method, path, body string) *Request {
	req := &Request{Method: method, Path: path, Header: http.Header{"Content-Type": {"application/json"}}}
	if body != "" {
		req.Body = []byte(body)
	}
	return req
}

// before matches a request and gives its event, which must be there.
func before(tb testing.TB, table *Table, req *Request) *Event {
	tb.Helper()
	m, ok := table.Match(req.Method, req.Path)
	require.True(tb, ok, "%s %s matches no rule", req.Method, req.Path)
	e, ok, err := m.Before(req)
	require.NoError(tb, err)
	require.True(tb, ok, "%s %s has no event before it", req.Method, req.Path)
	return e
}
