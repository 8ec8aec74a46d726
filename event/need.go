package event

import "slices"

// NeedsBefore reports whether an event of a type that is wanted needs the resource as it was before the write, so that it must be
// got first.
func (m Match) NeedsBefore(wanted func(Type) bool) bool {
	return m.needs(wanted, func(a *action, k *kind) bool { return a.beforeImage || k.after.uses&usesBefore != 0 })
}

// needs reports whether a kind that may come and is wanted has a need.
func (m Match) needs(wanted func(Type) bool, need func(*action, *kind) bool) bool {
	for at, a := range m.possible {
		for _, k := range a.afters {
			if need(a, k) && wanted(k.typeFor(&at)) {
				return true
			}
		}
	}
	return false
}

// sumUp notes what a kind needs, so that nobody has to ask its expressions for each request.
func (a *action) sumUp(k *kind) {
	c := k.after
	for _, p := range a.programs(c) {
		c.uses |= p.uses
	}
	for _, l := range a.lookups {
		if a.fetches(k, l.name) {
			c.uses |= l.path.uses
		}
	}
}

// programs are all expressions that an event depends on, but for those of its lookups.
func (a *action) programs(c *conditional) []*program {
	all := c.programs()
	if a.rule.subjectBy != nil && c.subjectBy == nil && !c.hasSubject {
		all = append(all, a.rule.subjectBy)
	}
	if data := a.dataFor(c); data != nil && data != c.dataBy {
		all = append(all, data)
	}
	return all
}

// dataFor is the expression for the data of an after-event, nil for the object document.
func (a *action) dataFor(c *conditional) *program {
	switch {
	case c.dataBy != nil:
		return c.dataBy
	case a.dataBy != nil:
		return a.dataBy
	default:
		return a.rule.dataBy
	}
}

// fetches reports whether an expression of the kind names a lookup.
func (a *action) fetches(k *kind, name string) bool {
	return slices.ContainsFunc(a.programs(k.after), func(p *program) bool { return slices.Contains(p.fetches, name) })
}
