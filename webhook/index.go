package webhook

import "slices"

// index finds the hooks of one role that may concern an event without looking
// at the others:
//
//   - hooks that name a type or class exactly are found under that name;
//   - hooks with wildcards are found under their pattern, and which patterns
//     cover a type is found out once and kept, see wildcard.go;
//   - hooks for every event are kept apart;
//   - within each of these, hooks with a filter on a path parameter such as
//     schema are found under the value it asks for, see bucket.go.
type index struct {
	hooks []*Hook // sorted; a position in here is a hook's rank
	every *bucket
	exact map[string]*bucket
	wild  wildcards
}

// newIndex sorts hooks, which are in order, into buckets by what their patterns
// say.
func newIndex(hooks []*Hook) *index {
	s := &index{hooks: hooks, exact: map[string]*bucket{}}
	var every []int32
	exact := map[string][]int32{}
	wild := map[string][]int32{}
	for i, h := range s.hooks {
		rank := int32(i)
		if len(h.patterns) == 0 || slices.ContainsFunc(h.patterns, (*pattern).everything) {
			every = append(every, rank)
			continue
		}
		for _, p := range h.patterns {
			if name, ok := p.literal(); ok {
				exact[name] = appendRank(exact[name], rank)
				continue
			}
			if len(wild[p.text]) == 0 {
				s.wild.patterns = append(s.wild.patterns, p)
			}
			wild[p.text] = appendRank(wild[p.text], rank)
		}
	}
	s.every = newBucket(s, every)
	for name, ranks := range exact {
		s.exact[name] = newBucket(s, ranks)
	}
	for _, p := range s.wild.patterns {
		s.wild.buckets = append(s.wild.buckets, newBucket(s, wild[p.text]))
	}
	return s
}

// appendRank adds a rank that may just have been added.
func appendRank(ranks []int32, rank int32) []int32 {
	if n := len(ranks); n > 0 && ranks[n-1] == rank {
		return ranks
	}
	return append(ranks, rank)
}
