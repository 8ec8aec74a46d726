package delivery

import "time"

// Observer is told what the engine does, for logs and metrics. Its methods
// return quickly, are called from many goroutines, and may call the engine,
// except for Stop. What they are told contains no secret.
type Observer interface {
	LossObserver

	// AttemptFinished tells of each delivery of each call. a has no ID yet.
	AttemptFinished(lane string, a *Attempt, v Verdict)

	// LaneChanged tells that a lane came into another state. Calls do not
	// overlap and are in the order of what happened.
	LaneChanged(s LaneStatus)

	// StoreChanged tells that the store began to fail, with the first error, or
	// that all that failed works again: nil. Calls do not overlap.
	StoreChanged(err error)

	// OrphanTried tells of each try to settle an orphan: with how many messages
	// it was released, or why it is still held.
	OrphanTried(h Hold, messages int, err error)
}

// LossObserver is told what the engine had to let go.
type LossObserver interface {
	// OutcomeLost tells that the store refused the outcome of one delivery again
	// and again although it takes others. With row only the row of the log is
	// lost; without it the delivery is attempted once more.
	OutcomeLost(o *Outcome, row bool, err error)
}

// LaneState is what a lane is doing.
type LaneState string

// The states of a lane.
const (
	LaneOpen      LaneState = "open"      // deliveries are sent when they are due
	LaneThrottled LaneState = "throttled" // the receiver asked to be left alone until LaneStatus.Until
	LaneBroken    LaneState = "broken"    // the breaker opened: nothing is sent until LaneStatus.Until
	LaneProbing   LaneState = "probing"   // the pause of the breaker is over: one delivery is sent
	LaneGone      LaneState = "gone"      // the receiver answered 410; see Engine.Resume
	LaneUnknown   LaneState = "unknown"   // had deliveries when the store was asked last, but no configuration has the lane
)

// LaneStatus is a snapshot of a lane.
type LaneStatus struct {
	Lane     string
	Name     string // "" for an unknown lane
	State    LaneState
	Until    time.Time // end of the pause; zero for none
	Due      time.Time // when the earliest delivery was or will be due, as far as is known; zero for none
	Failures int       // in a row
	Calls    int       // that are running or about to
	Limit    int       // calls that may run at the same time, at the moment
}

// silent is the observer of an engine that was given none.
type silent struct{}

func (silent) AttemptFinished(string, *Attempt, Verdict) {}
func (silent) LaneChanged(LaneStatus)                    {}
func (silent) StoreChanged(error)                        {}
func (silent) OrphanTried(Hold, int, error)              {}
func (silent) OutcomeLost(*Outcome, bool, error)         {}
