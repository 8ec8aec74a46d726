package event

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed presets/*.json
var presetFiles embed.FS

// preset is a set of rules for one kind of API. Its file has the same form as an operator's rules.
type preset struct {
	Description string         `json:"description"`
	Prefixes    []string       `json:"prefixes"`     // before each path; "" for none
	Source      string         `json:"source"`       // unless the operator configures one
	Extensions  map[string]any `json:"extensions"`   // of rules without their own
	Settings    map[string]any `json:"settings"`     // defaults, see [Config.Settings]
	NeedsSource bool           `json:"needs_source"` // no events unless the operator configures a source
	Rules       []Rule         `json:"rules"`
}

// Presets gives the names of the built-in presets.
func Presets() []string {
	entries, err := presetFiles.ReadDir("presets")
	if err != nil {
		panic(err) // the directory is part of the program
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}

// loadPreset reads a built-in preset.
func loadPreset(name string) (preset, error) {
	known := Presets()
	if !slices.Contains(known, name) {
		return preset{}, fmt.Errorf("%q is not a preset; the presets are %s", name, strings.Join(known, ", "))
	}
	raw, err := presetFiles.ReadFile("presets/" + name + ".json")
	if err != nil {
		return preset{}, fmt.Errorf("reading preset %q: %w", name, err)
	}
	var p preset
	if err := decodeStrict(raw, &p); err != nil {
		return preset{}, fmt.Errorf("reading preset %q: %w", name, err)
	}
	return p, nil
}
