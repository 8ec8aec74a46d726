package event

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// after gives the events that follow a request; all must be built.
func after(tb testing.TB, table *Table, ex *Exchange) []*Event {
	tb.Helper()
	m, ok := table.Match(ex.Request.Method, ex.Request.Path)
	require.True(tb, ok, "%s %s matches no rule", ex.Request.Method, ex.Request.Path)
	events, err := m.After(tb.Context(), ex)
	require.NoError(tb, err)
	return events
}

// answered is an exchange with a JSON answer.
func answered(req *Request, status int, body string) *Exchange {
	ex := &Exchange{Request: req, Response: &Response{Status: status}, ID: testID}
	if body != "" {
		ex.Response.Body = []byte(body)
	}
	return ex
}

// toldBy gives the data of an event as it is written.
func toldBy(tb testing.TB, e *Event) string {
	tb.Helper()
	var envelope struct{ Data json.RawMessage }
	require.NoError(tb, json.Unmarshal(e.JSON(), &envelope))
	return string(envelope.Data)
}

func TestAnEventFollowsASuccess(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	ex := answered(request("POST", "/api/objects/register-1/schema-2", `{"title":"t"}`), 201, "{\"id\" : \"abc-123\", \"title\":\"t\"}")
	events := after(t, table, ex)
	require.Len(t, events, 1)
	e := events[0]
	require.Equal(t, Type{Name: "object.created", Class: `OCA\OpenRegister\Event\ObjectCreatedEvent`}, e.Type)
	require.Equal(t, After, e.Phase)
	require.Equal(t, testID, e.ID)
	require.Equal(t, []string{"created", "create"}, e.ActionNames())
	require.Equal(t, `{"objectType":"object","action":"created","register":"register-1","schema":"schema-2","object":{"id" : "abc-123", "title":"t"}}`,
		toldBy(t, e), "the answer is told byte for byte")
	require.Equal(t, string(e.JSON()), string(e.AppendJSON(nil, []byte("ignored"))))
}

func TestNothingFollowsARefusal(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	for _, status := range []int{100, 199, 300, 304, 400, 409, 422, 500, 0} {
		require.Empty(t, after(t, table, answered(request("POST", "/cats", "{}"), status, "{}")), status)
	}
	require.Empty(t, after(t, table, &Exchange{Request: request("POST", "/cats", "{}")}), "nobody saw an answer")
}
