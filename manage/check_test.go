package manage

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckingAnEventSaysWhoWouldBeToldAndWhyNot(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.webhook(`"name":"other","url":"https://hooks.example/","events":["object.deleted"],"filters":{"n":5}`)
	d.webhook(`"name":"asked","url":"https://hooks.example/","configuration":{"interceptRequests":true}`)
	d.webhook(`"name":"told","url":"https://hooks.example/","events":["object.*"]`)

	report := d.do("POST", "/api/check", `{"event":`+cloudEventOf("object.created", "e1", `,"data":{"n":1}`)+`}`).ok(200)
	require.Equal(t, []any{"told", "other", "asked"}, column(t, report["webhooks"], "name"), "those that match come first")
	require.Equal(t, []any{true, false, false}, column(t, report["webhooks"], "matches"))
	require.Equal(t, []any{"/events", "/filters/n"}, column(t, at(t, report, "webhooks", 1, "why"), "pointer"))
	require.Equal(t, "before", at(t, report, "webhooks", 2, "phase"))
	require.Empty(t, d.do("GET", "/api/messages", "").ok(200)["results"], "nothing happens")
}

func TestCheckingARequestAsksTheRules(t *testing.T) {
	t.Parallel()
	var asked CheckRequest
	d := newOffice(t, func(c *Config) {
		c.Check = func(_ context.Context, r CheckRequest) (CheckReport, error) {
			asked = r
			return CheckReport{Rule: "pets", Types: []string{}, Webhooks: []CheckWebhook{}}, nil
		}
	})
	report := d.do("POST", "/api/check", `{"method":"POST","path":"/pets","headers":{"X-A":"b"},"body":{"name":"Tom"}}`).ok(200)
	require.Equal(t, "pets", report["rule"])
	require.Equal(t, "POST", asked.Method)
	require.JSONEq(t, `{"name":"Tom"}`, string(asked.Body))
	require.Equal(t, "b", asked.Headers["X-A"])

	for body, want := range map[string]string{`{"a":1}`: `{"a":1}`, `"{\"a\":1}"`: `{"a":1}`, `null`: "", `[]`: "[]", `""`: ""} {
		d.do("POST", "/api/check", `{"method":"POST","path":"/pets","body":`+body+`}`).ok(200)
		require.Equal(t, want, string(asked.Document()), body)
	}
}

func TestACheckNeedsARequestOrAnEvent(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	require.Equal(t, []any{"#/method", "#/path"}, d.do("POST", "/api/check", `{"event":null}`).problem(400))
	require.Equal(t, []any{"#/path"}, d.do("POST", "/api/check", `{"method":"POST","path":"pets"}`).problem(400))
	require.Equal(t, []any{"#/event/id", "#/event/type"}, d.do("POST", "/api/check", `{"event":{"specversion":"1.0","source":"/s"}}`).problem(400))
}
