package event

// Standard reports whether the action to which the match is bound is create, update or delete, as its rule names it. Of the
// last two the path is that of the thing itself; any other name stands for something that is done to it, at a path where there
// may be nothing to read. It is false before [Match.Choose].
func (m Match) Standard() bool {
	if m.chosen == nil {
		return false
	}
	_, standard := standardVerbs[m.chosen.name]
	return standard
}
