package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// catalogue gives the 36 events that OpenRegister documents: class to type.
func catalogue() map[string]string {
	entities := map[string]string{"Object": "Creating Updating Deleting Created Updated Deleted Locked Unlocked Reverted"}
	for entity := range strings.FieldsSeq("Register Schema Application Agent Source Configuration View Conversation Organisation") {
		entities[entity] = "Created Updated Deleted"
	}
	types := make(map[string]string)
	for entity, verbs := range entities {
		for verb := range strings.FieldsSeq(verbs) {
			types[`OCA\OpenRegister\Event\`+entity+verb+"Event"] = strings.ToLower(entity + "." + verb)
		}
	}
	return types
}

// TestPresetGivesTheWholeCatalogue: all of the catalogue's events, under both names, and no class that is not in it.
func TestPresetGivesTheWholeCatalogue(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	given := make(map[string]string)
	for _, phase := range []Phase{Before, After} {
		for _, typ := range table.TypesOf(phase) {
			if typ.Class != "" {
				given[typ.Class] = typ.Name
			}
		}
	}
	for class, name := range catalogue() {
		require.Equal(t, name, given[class], class)
	}
	ours := []string{}
	for class, name := range given {
		if catalogue()[class] == "" {
			ours = append(ours, class+" "+name)
		}
	}
	require.Empty(t, ours)
	require.Len(t, given, 36)
}
