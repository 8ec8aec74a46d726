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
		always = always && len(a.afters) > 0 && a.afters[0].after.always() && a.plain()
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

// plain reports whether the rule has no expression that may fail for an event.
func (a *action) plain() bool {
	r := a.rule
	return r.dataBy == nil && r.afterDataBy == nil && (r.subjectBy == nil || a.hasSubject)
}

// NeedsBefore reports whether an event of a type that is wanted needs the resource as it was before the write, so that it must be
// got first.
func (m Match) NeedsBefore(wanted func(Type) bool) bool {
	return m.needs(wanted, func(a *action, k *kind) bool { return a.beforeImage || a.uses(k)&usesBefore != 0 })
}

// NeedsLookups reports whether an event of a type that is wanted may need other documents of the register, before the write
// (see [Match.Prepare]) or after it.
func (m Match) NeedsLookups(p Phase, wanted func(Type) bool) bool {
	return m.needs(wanted, func(a *action, k *kind) bool {
		return slices.ContainsFunc(a.lookups, func(l *lookup) bool { return l.phase == p && k.fetches(l.name) })
	})
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

// uses are the documents that the expressions of a kind name, those of its lookups included.
func (a *action) uses(k *kind) usage {
	var all usage
	for _, p := range append(k.after.programs(), a.rule.programs(k.after)...) {
		all |= p.uses
	}
	for _, l := range a.lookups {
		if k.fetches(l.name) {
			all |= l.path.uses
		}
	}
	return all
}

// programs are the rule's own expressions that an event uses.
func (r *rule) programs(c *conditional) []*program {
	var all []*program
	if r.subjectBy != nil && c.subjectBy == nil && !c.hasSubject {
		all = append(all, r.subjectBy)
	}
	if data := r.dataFor(c); data != nil && data != c.dataBy {
		all = append(all, data)
	}
	return all
}

// dataFor is the expression for the data of an after-event, nil for the object document.
func (r *rule) dataFor(c *conditional) *program {
	switch {
	case c.dataBy != nil:
		return c.dataBy
	case r.afterDataBy != nil:
		return r.afterDataBy
	default:
		return r.dataBy
	}
}

// fetches reports whether an expression of the kind names a lookup.
func (k *kind) fetches(name string) bool {
	for _, p := range k.after.programs() {
		if slices.Contains(p.fetches, name) {
			return true
		}
	}
	return false
}
