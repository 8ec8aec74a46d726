package webhook

import "slices"

// phase is one of the three lists of Candidates.
type phase uint8

const (
	mutating phase = iota
	validating
	shadowing
	phases
)

// phaseOf tells how a hook is called.
func phaseOf(h *Hook) phase {
	switch {
	case h.Mode == Shadow:
		return shadowing
	case h.ProcessResponse:
		return mutating
	}
	return validating
}

// list is a set of hooks, ready to be given out. ranks has the position of
// each hook in the index, so that lists can be merged in order and without
// doubles.
type list struct {
	candidates Candidates
	ranks      [phases][]int32
	hooks      []*Hook // of the index
}

// newList makes a list of ascending ranks, nil for none.
func newList(s *index, ranks []int32) *list {
	if len(ranks) == 0 {
		return nil
	}
	l := &list{hooks: s.hooks}
	for _, rank := range ranks {
		phase := phaseOf(s.hooks[rank])
		l.ranks[phase] = append(l.ranks[phase], rank)
	}
	for phase := range phases {
		*l.candidates.of(phase) = hooksOf(s.hooks, l.ranks[phase])
	}
	return l
}

// size is the number of hooks; a nil list has none.
func (l *list) size() int {
	if l == nil {
		return 0
	}
	return len(l.ranks[mutating]) + len(l.ranks[validating]) + len(l.ranks[shadowing])
}

func (c *Candidates) of(p phase) *[]*Hook {
	return [phases]*[]*Hook{&c.Mutating, &c.Validating, &c.Shadow}[p]
}

func hooksOf(all []*Hook, ranks []int32) []*Hook {
	if len(ranks) == 0 {
		return nil
	}
	hooks := make([]*Hook, len(ranks))
	for i, rank := range ranks {
		hooks[i] = all[rank]
	}
	return hooks
}

// merge joins several lists, phase by phase. A phase that only one list has is
// taken from there.
func merge(lists []*list) Candidates {
	var merged Candidates
	for phase := range phases {
		*merged.of(phase) = mergePhase(lists, phase)
	}
	return merged
}

func mergePhase(lists []*list, p phase) []*Hook {
	var only *list
	count := 0
	for _, l := range lists {
		if len(l.ranks[p]) > 0 {
			only = l
			count++
		}
	}
	switch count {
	case 0:
		return nil
	case 1:
		return *only.candidates.of(p)
	}
	var room [64]int32
	ranks := room[:0]
	for _, l := range lists {
		ranks = append(ranks, l.ranks[p]...)
	}
	slices.Sort(ranks)
	return hooksOf(only.hooks, slices.Compact(ranks))
}
