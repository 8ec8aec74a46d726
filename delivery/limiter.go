package delivery

// Bounds of the adaptive concurrency of a lane.
const startConcurrent = 2 // calls at a time to a receiver about which nothing is known

// limiter finds how many calls at a time a receiver can take. It starts small,
// so that a dead receiver holds few workers, doubles per round of successes
// until the first sign of trouble, and then grows by one per round. Trouble
// halves it, once per round.
type limiter struct {
	max   int
	limit float64
	slow  bool // there was trouble: grow by one per round

	// round tells the calls that were begun after the last halving from those
	// before: sixteen calls that fail together are one sign of trouble.
	round uint64
}

func newLimiter(limit int) limiter {
	return limiter{max: limit, limit: float64(min(startConcurrent, limit))}
}

// calls is how many calls may run at the same time.
func (l *limiter) calls() int { return int(l.limit) }

// resize applies a changed maximum.
func (l *limiter) resize(limit int) {
	l.max = limit
	l.limit = min(max(l.limit, 1), float64(limit))
}

func (l *limiter) grow() {
	step := 1.0
	if l.slow {
		step = 1 / l.limit
	}
	l.limit = min(l.limit+step, float64(l.max))
}

// shrink halves the limit, or brings it to one.
func (l *limiter) shrink(round uint64, toOne bool) {
	if round != l.round {
		return
	}
	l.round++
	l.slow = true
	l.limit = max(l.limit/2, 1)
	if toOne {
		l.limit = 1
	}
}
