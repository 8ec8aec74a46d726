package manage

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// petRules recognise requests about pets.
func petRules(t *testing.T) *event.Table {
	t.Helper()
	rules, err := event.Compile(event.Config{Rules: []event.Rule{{
		Name: "pets", Path: "/pets", Resource: "pet",
		Actions: map[string]event.Action{"POST": {Name: "create"}, "PATCH": {Name: "update"}},
	}}})
	require.NoError(t, err)
	return rules
}

func TestCheckingARequestAgainstRules(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.webhook(`"name":"asked","url":"https://hooks.example/","events":["pet.creating"],"configuration":{"interceptRequests":true}`)
	d.webhook(`"name":"other","url":"https://hooks.example/","filters":{"name":"Felix"},"configuration":{"interceptRequests":true}`)
	d.webhook(`"name":"told","url":"https://hooks.example/","events":["pet.created"]`)
	d.webhook(`"name":"deletes","url":"https://hooks.example/","events":["pet.deleted"]`)

	report, ok, err := CheckRules(t.Context(), petRules(t), d.webhooks.List(), CheckRequest{
		Method: "post", Path: "/pets?dry=1", Headers: map[string]string{"x-a": "b"}, Body: json.RawMessage(`{"name":"Tom"}`),
	})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "pets", report.Rule)
	require.Equal(t, []string{"pet.creating", "pet.created"}, report.Types)
	require.Contains(t, string(report.Event), `"Tom"`)
	var names []string
	for _, w := range report.Webhooks {
		names = append(names, w.Name)
	}
	require.Equal(t, []string{"asked", "told", "other", "deletes"}, names)
	require.True(t, report.Webhooks[1].Matches)
	require.Equal(t, "/filters/name", report.Webhooks[2].Why[0].Pointer)
	require.Equal(t, "/events", report.Webhooks[3].Why[0].Pointer)
}

func TestCheckingWhatNoRuleRecognises(t *testing.T) {
	t.Parallel()
	for _, r := range []CheckRequest{{Method: "POST", Path: "/dogs"}, {Method: "PUT", Path: "/pets"}} {
		report, ok, err := CheckRules(t.Context(), petRules(t), nil, r)
		require.NoError(t, err)
		require.False(t, ok)
		require.Empty(t, report.Rule)
		require.NotNil(t, report.Webhooks, "it is a list, also when it is empty")
	}
	_, _, err := CheckRules(t.Context(), petRules(t), nil, CheckRequest{Method: "POST", Path: "/pets", Body: json.RawMessage(`"{"`)})
	require.Error(t, err)
}
