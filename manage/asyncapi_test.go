package manage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

func TestAsyncAPIDescribesEachEvent(t *testing.T) {
	t.Parallel()
	raw, err := asyncAPI(
		[]event.Type{{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}},
		[]event.Type{{Name: "object.created"}, {Name: "{collection}.created"}})
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc))
	require.Equal(t, "3.0.0", doc["asyncapi"])
	require.Len(t, doc["operations"], 3)
	require.Equal(t, "send", at(t, doc, "operations", "told-object.created", "action"))
	require.Equal(t, "#/channels/asked", at(t, doc, "operations", "asked-object.creating", "channel", "$ref"))
	message := at(t, doc, "components", "messages", "object.created")
	require.Equal(t, "object.created", at(t, message, "payload", "allOf", 1, "properties", "type", "const"))
	require.Contains(t, at(t, doc, "components", "messages", "object.creating", "summary"), "ObjectCreatingEvent")
	open := at(t, doc, "components", "messages", "_collection_.created")
	require.Equal(t, "{collection}.created", at(t, open, "name"))
	require.Equal(t, "string", at(t, open, "payload", "allOf", 1, "properties", "type", "type"))
	for name := range at(t, doc, "components", "messages").(map[string]any) {
		require.NotContains(t, name, "{")
		require.False(t, strings.ContainsAny(name, " /\\"))
	}
}

func TestAsyncAPIWithoutRules(t *testing.T) {
	t.Parallel()
	raw, err := asyncAPI(nil, nil)
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc))
	require.Equal(t, map[string]any{}, doc["operations"])
}
