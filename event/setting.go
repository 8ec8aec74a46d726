package event

import (
	"fmt"
	"maps"
	"slices"
)

// Settings are values that expressions of a preset know as settings.<name>: preset to name to value.
type Settings map[string]map[string]any

// compileSettings puts the operator's values over those of the preset. A value keeps its type: a list stays a list.
func compileSettings(defaults, own map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(defaults))
	maps.Copy(out, defaults)
	for _, name := range slices.Sorted(maps.Keys(own)) {
		known, ok := defaults[name]
		if !ok {
			return nil, fmt.Errorf("%q is not a setting; %s", name, listOf("the settings are", "there are none", slices.Sorted(maps.Keys(defaults))))
		}
		value := own[name]
		if jsonKind(known) == "list" && jsonKind(value) != "list" {
			value = []any{value} // a Caddyfile cannot tell a list of one from its element
		}
		if jsonKind(known) != jsonKind(value) {
			return nil, fmt.Errorf("%q is a %s, but must be a %s", name, jsonKind(value), jsonKind(known))
		}
		out[name] = value
	}
	for name, value := range out {
		if number, ok := value.(float64); ok && number == float64(int64(number)) {
			out[name] = int64(number)
		}
	}
	return out, nil
}

// jsonKind names the type of a JSON value.
func jsonKind(value any) string {
	switch value.(type) {
	case bool:
		return "bool"
	case string:
		return "string"
	case float64, int, int64:
		return "number"
	case []any, []string:
		return "list"
	default:
		return fmt.Sprintf("%T", value)
	}
}
