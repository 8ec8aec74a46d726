package webhook

import (
	"maps"
	"slices"
	"strings"
)

// maxGroups bounds the groups of a bucket, because a lookup visits each of
// them. Hooks beyond it are not filed under anything.
const maxGroups = 64

// bucket holds the hooks that want one type of event, in groups: all hooks of
// a group have filters on the same words that may be path parameters, such as
// register and schema. Which of the words really are parameters depends on the
// event's rule, so each group is filed under every one of them and the lookup
// takes the shortest list.
type bucket struct{ groups []*group }

type group struct {
	params []paramIndex
	all    *list
}

// paramIndex files the hooks of a group under the names that their filter on
// one path parameter allows.
type paramIndex struct {
	param  string
	byName map[string]*list
}

// newBucket files the hooks with the given ranks, nil for none.
func newBucket(s *index, ranks []int32) *bucket {
	if len(ranks) == 0 {
		return nil
	}
	grouped := map[string][]int32{}
	for _, rank := range ranks {
		key := strings.Join(s.hooks[rank].params(), "\x00")
		if _, known := grouped[key]; !known && len(grouped) >= maxGroups {
			key = ""
		}
		grouped[key] = append(grouped[key], rank)
	}
	b := new(bucket)
	for _, key := range slices.Sorted(maps.Keys(grouped)) {
		b.groups = append(b.groups, newGroup(s, key, grouped[key]))
	}
	return b
}

func newGroup(s *index, key string, ranks []int32) *group {
	g := &group{all: newList(s, ranks)}
	if key == "" {
		return g
	}
	for param := range strings.SplitSeq(key, "\x00") {
		byName := map[string][]int32{}
		for _, rank := range ranks {
			for _, name := range s.hooks[rank].namesFor(param) {
				byName[name.name] = appendRank(byName[name.name], rank)
			}
		}
		filed := paramIndex{param: param, byName: make(map[string]*list, len(byName))}
		for name, ranks := range byName {
			filed.byName[name] = newList(s, ranks)
		}
		g.params = append(g.params, filed)
	}
	return g
}

// params gives the words on which the hook has a filter that can be looked up,
// sorted and each once.
func (h *Hook) params() []string {
	var params []string
	for _, f := range h.filters {
		if param, _, ok := f.names(); ok {
			params = append(params, param)
		}
	}
	slices.Sort(params)
	return slices.Compact(params)
}

// namesFor gives the names that the hook's filter on a parameter allows.
func (h *Hook) namesFor(param string) []scalar {
	for _, f := range h.filters {
		if word, names, ok := f.names(); ok && word == param {
			return names
		}
	}
	return nil
}
