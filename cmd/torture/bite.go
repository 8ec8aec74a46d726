package main

// refused counts the writes that the gateway turned away because it could not
// keep them, and the ones that got no answer.
func (b books) refused() (turnedAway, unanswered int) {
	for _, t := range b.Clients {
		switch {
		case t.Status >= 500:
			turnedAway++
		case !t.done() && t.Status/100 != 4:
			unanswered++
		}
	}
	return turnedAway, unanswered
}

// mustBite fails a scenario in which the gateway never had to turn a write away:
// what was done to its store did not reach it, and the run shows nothing.
func mustBite(a *arena, b books) {
	if turnedAway, _ := b.refused(); turnedAway == 0 {
		a.fail("no write was turned away: what was done to the store had no effect")
	}
}
