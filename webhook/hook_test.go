package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// accepts tells, without an index, whether the webhook wants events of a type: one of its
// patterns covers the type's name or its class alias, or it has no patterns.
func accepts(h *Hook, t event.Type) bool {
	if len(h.patterns) == 0 {
		return true
	}
	for _, p := range h.patterns {
		if p.matches(t.Name) || t.Class != "" && p.matches(t.Class) {
			return true
		}
	}
	return false
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	creating := event.Type{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}
	plain := event.Type{Name: "pets.creating"} // has no class
	for events, want := range map[string][2]bool{
		``:                                    {true, true},
		`"*"`:                                 {true, true},
		`"object.creating"`:                   {true, false},
		`"*.creating"`:                        {true, true},
		`"pets.*","schema.*"`:                 {false, true},
		`"OCA\\OpenRegister\\Event\\Object*"`: {true, false},
		`"OCA\\\\OpenRegister\\\\Event\\\\ObjectCreatingEvent"`: {true, false},
		`"ObjectCreatingEvent"`:                                 {false, false},
	} {
		h := compileJSON(t, `"events":[`+events+`]`)
		require.Equal(t, want, [2]bool{accepts(h, creating), accepts(h, plain)}, events)
	}
}

// TestMatchesAllocations: filters are evaluated for every candidate of every
// request.
func TestMatchesAllocations(t *testing.T) { // not parallel: it counts allocations
	body := []byte(`{"@self":{"name":"Felix","n":5.0},"list":[{"a":true}]}`)
	e := catEvent(t, string(body))
	h := compileJSON(t, `"filters":{"objectType":"object","schema":"pet-store-cat-schema","register":["zoo","pets"],"data.@self.name":"Felix",
		"object.@self.n":5,"list.0.a":true,"missing":null,"request.query.page":"5","request.headers.X-Tenant":"south","type":"object.creating"}`)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if ok, err := h.Matches(e, body); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}))
}

// TestMatchesWithoutRequest: an event made by hand has none.
func TestMatchesWithoutRequest(t *testing.T) {
	t.Parallel()
	e := &event.Event{Type: event.Type{Name: "object.creating"}, Resource: "object"}
	for filters, want := range map[string]bool{
		`"request.method":"POST"`: false, `"request.method":null`: true, `"request.body.a":1`: false, `"request.query.a":null`: true,
		`"schema":"a"`: false, `"subject":null`: true, `"source":"x"`: false, `"objectType":"object"`: true,
	} {
		require.Equal(t, want, holds(t, filters, e, ``), filters)
	}
}
