package event

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	entries := Catalogue()
	require.Len(t, entries, 36)
	for i, want := range map[int]string{
		0:  `{"class":"OCA\\OpenRegister\\Event\\ObjectCreatingEvent","name":"Object Creating","description":"Triggered before an object is created","category":"Object","type":"before","properties":["object"]}`,
		1:  `{"class":"OCA\\OpenRegister\\Event\\ObjectUpdatingEvent","name":"Object Updating","description":"Triggered before an object is updated","category":"Object","type":"before","properties":["newObject","oldObject"]}`,
		4:  `{"class":"OCA\\OpenRegister\\Event\\ObjectUpdatedEvent","name":"Object Updated","description":"Triggered after an object is updated","category":"Object","type":"after","properties":["newObject","oldObject"]}`,
		8:  `{"class":"OCA\\OpenRegister\\Event\\ObjectRevertedEvent","name":"Object Reverted","description":"Triggered when an object is reverted","category":"Object","type":"after","properties":["object","revertPoint"]}`,
		9:  `{"class":"OCA\\OpenRegister\\Event\\RegisterCreatedEvent","name":"Register Created","description":"Triggered after a register is created","category":"Register","type":"after","properties":["register"]}`,
		16: `{"class":"OCA\\OpenRegister\\Event\\ApplicationUpdatedEvent","name":"Application Updated","description":"Triggered after an application is updated","category":"Application","type":"after","properties":["newApplication","oldApplication"]}`,
		35: `{"class":"OCA\\OpenRegister\\Event\\OrganisationDeletedEvent","name":"Organisation Deleted","description":"Triggered after an organisation is deleted","category":"Organisation","type":"after","properties":["organisation"]}`,
	} {
		got, err := json.Marshal(entries[i])
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	var order []string
	for _, entry := range entries {
		if len(order) == 0 || order[len(order)-1] != entry.Category {
			order = append(order, entry.Category)
		}
	}
	require.Equal(t, "Object Register Schema Application Agent Source Configuration View Conversation Organisation", strings.Join(order, " "))
}

func TestCatalogueAliasesWorkBothWays(t *testing.T) {
	t.Parallel()
	name, ok := NameOf(`OCA\OpenRegister\Event\ObjectCreatingEvent`)
	require.True(t, ok)
	require.Equal(t, "object.creating", name)
	for _, entry := range Catalogue() {
		name, ok := NameOf(entry.Class)
		require.True(t, ok)
		class, ok := ClassOf(name)
		require.True(t, ok)
		require.Equal(t, entry.Class, class)
	}
	_, ok = NameOf("ObjectCreatingEvent")
	require.False(t, ok)
	_, ok = ClassOf("object.locking")
	require.False(t, ok)
}

// TestPresetGivesTheWholeCatalogue keeps the preset's classes and the catalogue the same.
func TestPresetGivesTheWholeCatalogue(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	given := make(map[string]string)
	for _, typ := range table.Types() {
		if class, known := ClassOf(typ.Name); known {
			require.Equal(t, class, typ.Class, typ.Name)
		} else {
			require.Empty(t, typ.Class, typ.Name)
		}
		given[typ.Class] = typ.Name
	}
	for _, entry := range Catalogue() {
		require.Contains(t, given, entry.Class)
	}
}
