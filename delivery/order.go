package delivery

import "fmt"

// OrderPolicy says what happens to the later deliveries of a key when an earlier
// one fails for good. Its values are the words that webhooks use.
type OrderPolicy string

// The order policies.
const (
	// Unordered is for lanes whose deliveries have no keys.
	Unordered OrderPolicy = ""

	// OrderPark makes a dead letter of the delivery; the later ones of its key
	// wait until it is replayed or discarded.
	OrderPark OrderPolicy = "park"

	// OrderHold attempts the first delivery for ever, at the last interval of the
	// schedule: later ones never pass it. Only what no attempt could ever bring
	// over becomes a dead letter, and the later ones wait behind that.
	OrderHold OrderPolicy = "hold"

	// OrderSkip makes a dead letter of the delivery after Order.SkipAfter
	// attempts, and the later ones go on.
	OrderSkip OrderPolicy = "skip-after"
)

// Order is how a lane keeps the order of deliveries with the same key.
type Order struct {
	Policy    OrderPolicy
	SkipAfter int // with OrderSkip: attempts, from 1; 0 is as the schedule says
}

// validate refuses what is not an order.
func (o Order) validate() error {
	switch o.Policy {
	case Unordered, OrderPark, OrderHold, OrderSkip:
	default:
		return fmt.Errorf("delivery: unknown order policy %q", o.Policy)
	}
	if o.SkipAfter < 0 || o.SkipAfter > 0 && o.Policy != OrderSkip {
		return fmt.Errorf("delivery: order policy %q cannot skip after %d attempts", o.Policy, o.SkipAfter)
	}
	return nil
}

// parks is whether the later deliveries of a key wait behind a dead letter.
func (o Order) parks() bool { return o.Policy == OrderPark || o.Policy == OrderHold }

// last is whether no attempt follows this one.
func (o Order) last(s Schedule, attempt int) bool {
	switch {
	case o.Policy == OrderHold:
		return false
	case o.Policy == OrderSkip && o.SkipAfter > 0:
		return attempt >= o.SkipAfter
	}
	return attempt >= s.Attempts()
}

// step is the attempt whose interval of the schedule applies: what goes on for
// longer than the schedule repeats the last.
func (o Order) step(s Schedule, attempt int) int {
	return min(attempt, max(s.Attempts()-1, 1))
}
