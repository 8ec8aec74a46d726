package event

import "slices"

// Certainty says whether something will be.
type Certainty uint8

// The certainties.
const (
	Never Certainty = iota
	Perhaps
	Always
)

// String gives "never", "perhaps" or "always".
func (c Certainty) String() string {
	return [...]string{"never", "perhaps", "always"}[min(c, Always)]
}

// MayFollow says whether an event follows when the register acts. Always means that the first one has the id that the
// exchange prescribes, so that it can be promised before the register has answered. It is most certain after [Match.Choose].
func (m Match) MayFollow() Certainty {
	always, any := true, false
	for _, a := range m.possible {
		any = any || len(a.afters) > 0
		always = always && len(a.afters) > 0 && a.afters[0].after.certain
	}
	switch {
	case !any:
		return Never
	case always && m.decided():
		return Always
	default:
		return Perhaps
	}
}

// decided reports whether some rule certainly decides.
func (m *Match) decided() bool {
	if m.chosen != nil {
		return true
	}
	for _, a := range m.possible {
		if a.rule.when == nil {
			return true
		}
	}
	return false
}

// NeedsBefore reports whether an event of a type that is wanted needs the resource as it was before the write, so that it must be
// got first.
func (m Match) NeedsBefore(wanted func(Type) bool) bool {
	return m.needs(wanted, func(a *action, k *kind) bool { return a.beforeImage || k.after.uses&usesBefore != 0 })
}

// NeedsLookups reports whether an event of a type that is wanted may need other documents of the register, before the write
// (see [Match.Prepare]) or after it.
func (m Match) NeedsLookups(p Phase, wanted func(Type) bool) bool {
	return m.needs(wanted, func(_ *action, k *kind) bool { return k.after.fetching[p] })
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
	all := a.programs(c)
	c.certain = len(all) == 0
	for _, p := range all {
		c.uses |= p.uses
	}
	for _, l := range a.lookups {
		if a.fetches(k, l.name) {
			c.uses |= l.path.uses
			c.fetching[l.phase] = true
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
