package webhook

import (
	"slices"

	"github.com/voorpoort/voorpoort/event"
)

// find gives the hooks that may concern an event. When one list has them all,
// which is usual, that list is given as it stands; otherwise each phase that
// several lists have is merged into one new slice.
func (s *index) find(e *event.Event) Candidates {
	if len(s.hooks) == 0 {
		return Candidates{}
	}
	l := lookup{event: e}
	l.visit(s.every)
	l.visit(s.exact[e.Type.Name])
	if e.Type.Class != "" && e.Type.Class != e.Type.Name {
		l.visit(s.exact[e.Type.Class])
	}
	for _, b := range s.wild.covering(e.Type) {
		l.visit(b)
	}
	switch {
	case l.more != nil:
		return merge(append(l.more, l.first[:]...))
	case l.count == 0:
		return Candidates{}
	case l.count == 1:
		return l.first[0].candidates
	}
	return merge(l.first[:l.count])
}

// wants tells whether some hook may want events of a type, whatever they hold.
func (s *index) wants(t event.Type) bool {
	if s.every != nil || s.exact[t.Name] != nil || t.Class != "" && s.exact[t.Class] != nil {
		return true
	}
	return len(s.wild.covering(t)) > 0
}

// lookup is the state of one call of find; it stays on the stack.
type lookup struct {
	event *event.Event

	first [8]*list // the lists found
	count int      // of first
	more  []*list  // what has no room there

	// The names of the parameters asked for so far.
	params [4]string
	names  [4][]string
	kept   int
}

// visit collects from a bucket, which may be nil, the lists that may concern
// the event.
func (l *lookup) visit(b *bucket) {
	if b == nil {
		return
	}
	for _, g := range b.groups {
		if filed, names := l.shortest(g); filed != nil {
			for _, name := range names {
				l.add(filed.byName[name])
			}
			continue
		}
		l.add(g.all)
	}
}

// shortest gives the index of a group under which the event finds the fewest
// hooks, nil when the event's rule has none of the parameters.
func (l *lookup) shortest(g *group) (best *paramIndex, bestNames []string) {
	fewest := 0
	for i := range g.params {
		filed := &g.params[i]
		names := l.namesOf(filed.param)
		if len(names) == 0 {
			continue
		}
		count := 0
		for _, name := range names {
			count += filed.byName[name].size()
		}
		if best == nil || count < fewest {
			best, bestNames, fewest = filed, names, count
		}
	}
	return best, bestNames
}

func (l *lookup) namesOf(param string) []string {
	if i := slices.Index(l.params[:l.kept], param); i >= 0 {
		return l.names[i]
	}
	names := l.event.Names(param) // ours to change
	for i := range names {
		names[i] = foldName(names[i])
	}
	if l.kept < len(l.params) {
		l.params[l.kept], l.names[l.kept] = param, names
		l.kept++
	}
	return names
}

// add notes a list, which may be nil. The same list twice does no harm: merge drops doubles.
func (l *lookup) add(hooks *list) {
	switch {
	case hooks == nil:
	case slices.Contains(l.first[:l.count], hooks):
	case l.count < len(l.first):
		l.first[l.count] = hooks
		l.count++
	default:
		l.more = append(l.more, hooks)
	}
}
