package event

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// aliasIndex finds the group of names to which a name belongs: parameter, then name in lower case.
type aliasIndex map[string]map[string][]string

// compileAliases checks groups and indexes them. A name belongs to one group at most: otherwise one request would count as
// two things.
func compileAliases(aliases Aliases) (aliasIndex, error) {
	index := make(aliasIndex, len(aliases))
	for _, param := range slices.Sorted(maps.Keys(aliases)) {
		names := make(map[string][]string)
		for i, group := range aliases[param] {
			if len(group) < 2 {
				return nil, fmt.Errorf("%s, group %d: needs at least two names of one thing", param, i+1)
			}
			for _, name := range group {
				key := strings.ToLower(name)
				if name == "" {
					return nil, fmt.Errorf("%s, group %d: a name is empty", param, i+1)
				}
				if _, taken := names[key]; taken {
					return nil, fmt.Errorf("%s, group %d: %q occurs twice; names compare without regard to case", param, i+1, name)
				}
				names[key] = group
			}
		}
		index[param] = names
	}
	return index, nil
}

// names gives value, its lower-case form and the other names of the same thing.
func (index aliasIndex) names(param, value string) []string {
	key := strings.ToLower(value)
	out := []string{value}
	if key != value {
		out = append(out, key)
	}
	for _, name := range index[param][key] {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
