package manage

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEventClasses(t *testing.T) {
	list := newDesk(t).do("GET", "/webhooks/events", "").is(http.StatusOK).object()
	require.InDelta(t, 36, list["total"], 0)
	events := list["events"].([]any)
	require.Len(t, events, 36)
	for i, want := range map[int]map[string]any{
		0: {
			"class": `OCA\OpenRegister\Event\ObjectCreatingEvent`, "name": "Object Creating", "description": "Triggered before an object is created",
			"category": "Object", "type": "before", "properties": []any{"object"},
		},
		6: {
			"class": `OCA\OpenRegister\Event\ObjectLockedEvent`, "name": "Object Locked", "description": "Triggered when an object is locked",
			"category": "Object", "type": "after", "properties": []any{"object"},
		},
		8: {
			"class": `OCA\OpenRegister\Event\ObjectRevertedEvent`, "name": "Object Reverted", "description": "Triggered when an object is reverted",
			"category": "Object", "type": "after", "properties": []any{"object", "revertPoint"},
		},
		16: {
			"class": `OCA\OpenRegister\Event\ApplicationUpdatedEvent`, "name": "Application Updated", "description": "Triggered after an application is updated",
			"category": "Application", "type": "after", "properties": []any{"newApplication", "oldApplication"},
		},
		35: {
			"class": `OCA\OpenRegister\Event\OrganisationDeletedEvent`, "name": "Organisation Deleted", "description": "Triggered after an organisation is deleted",
			"category": "Organisation", "type": "after", "properties": []any{"organisation"},
		},
	} {
		require.Equal(t, want, events[i], "%d", i)
	}
	before := 0
	for _, one := range events {
		if one.(map[string]any)["type"] == "before" {
			before++
		}
	}
	require.Equal(t, 3, before)
}
