package delivery

import (
	"cmp"
	"slices"
	"time"
)

// Status tells what a lane is doing; false if the engine does not know it.
func (e *Engine) Status(lane string) (LaneStatus, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	q := e.lanes[lane]
	if q == nil {
		return LaneStatus{}, false
	}
	return q.status(time.Now()), true
}

// Lanes tells what all lanes are doing, by ID.
func (e *Engine) Lanes() []LaneStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	all := make([]LaneStatus, 0, len(e.lanes))
	for _, q := range e.lanes {
		all = append(all, q.status(now))
	}
	slices.SortFunc(all, func(a, b LaneStatus) int { return cmp.Compare(a.Lane, b.Lane) })
	return all
}

// Resume lets a lane send again that is paused or gone, with what was learnt
// about its receiver forgotten. It tells whether a configuration has the lane.
func (e *Engine) Resume(lane string) bool {
	e.mu.Lock()
	defer e.unlock()
	q := e.lanes[lane]
	if q == nil || q.at == nil {
		return false
	}
	q.renew()
	q.expect(time.Now())
	e.place(q)
	return true
}
