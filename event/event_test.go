package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEventOfARequest(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	req := request("PATCH", "/api/objects/register-1/Pet%20Store/4%2F2", `{"a":1}`)
	e := before(t, table, req)
	require.Equal(t, testID, e.ID)
	require.Equal(t, testTime, e.Time)
	require.Equal(t, Type{Name: "object.updating", Class: `OCA\OpenRegister\Event\ObjectUpdatingEvent`}, e.Type)
	require.Equal(t, "object:register-1/Pet Store/4%2F2", e.Subject)
	require.Equal(t, "object", e.Resource)
	require.Equal(t, "update", e.Action)
	require.Equal(t, Before, e.Phase)
	require.Same(t, req, e.Request)
	value, ok := e.Param("id")
	require.True(t, ok)
	require.Equal(t, "4/2", value)
	_, ok = e.Param("nope")
	require.False(t, ok)
}

func TestActionNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event *Event
		want  []string
	}{
		{&Event{Type: Type{Name: "object.creating"}, Action: "create"}, []string{"creating"}},
		{&Event{Type: Type{Name: "object.created"}, Action: "create", Phase: After}, []string{"created", "create"}},
		{&Event{Type: Type{Name: "object.locked"}, Action: "lock", Phase: After}, []string{"locked", "lock"}},
		{&Event{Type: Type{Name: "saved"}, Action: "saved", Phase: After}, []string{"saved"}},
		{&Event{Type: Type{Name: "nl.overheid.zaken.zaak-gekoppeld"}, Phase: After}, []string{"zaak-gekoppeld"}},
	} {
		require.Equal(t, test.want, test.event.ActionNames())
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{
		Presets: []string{"openregister"},
		Aliases: Aliases{"schema": {{"pet-store-cat-schema", "12", "4F1C"}, {"dog", "13"}}},
	})
	names := func(schema string) []string {
		return before(t, table, request("POST", "/api/objects/Shop/"+schema, "{}")).Names("schema")
	}
	require.Equal(t, []string{"12", "pet-store-cat-schema", "4F1C"}, names("12"))
	require.Equal(t, []string{"pet-store-cat-schema", "12", "4F1C"}, names("pet-store-cat-schema"))
	require.Equal(t, []string{"Pet-Store-cat-schema", "pet-store-cat-schema", "12", "4F1C"}, names("Pet-Store-c%61t-schema"))
	require.Equal(t, []string{"4f1c", "pet-store-cat-schema", "12", "4F1C"}, names("4f1c"))
	require.Equal(t, []string{"bird"}, names("bird"))
	e := before(t, table, request("POST", "/api/objects/Shop/dog", "{}"))
	require.Equal(t, []string{"Shop", "shop"}, e.Names("register"))
	require.Empty(t, e.Names("id"))
	require.Empty(t, new(Event).Names("schema"))
}

func TestEventsOfTheDefaultClockAndIDs(t *testing.T) {
	t.Parallel()
	table, err := Compile(Config{Rules: []Rule{post("/a")}})
	require.NoError(t, err)
	first := before(t, table, request("POST", "/a", ""))
	second := before(t, table, request("POST", "/a", ""))
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first.ID)
	require.Less(t, first.ID, second.ID)
	require.False(t, first.Time.IsZero())
}
